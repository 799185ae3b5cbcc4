"""What a card says of the cash that was taken for a parcel: how much, when, by whom."""

from dataclasses import replace

from core.cards.order import OrderCard
from core.cash.rules import Collection
from core.people.rules import Rank
from core.shop import Reader, Shop


def with_cash(shop: Shop, card: OrderCard, found: Collection | None, reader: Reader) -> OrderCard:
    """Add what was taken, for readers who may know where the parcel went; why it was another sum is for the shop."""
    if found is None or card.whereto is None:
        return card
    when = reader.t.when(found.collected_at, shop.config.zone)
    note = found.taken.note if reader.person.rank >= Rank.COURIER else ""
    said = reader.t("cash.taken", amount=found.taken, when=when, name=found.courier)
    return replace(card, taken=said, taken_note=note)
