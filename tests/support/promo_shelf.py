"""Promo codes and promoters for the gallery: lists, pages, every question, a draft in words."""

from dataclasses import replace
from datetime import timedelta

from bot.me import Me
from bot.screen import Screen
from bot.screens import promos, promoters
from core.i18n import Translator
from core.people.rules import Question
from core.promoters.rules import Promoter, PromoterField
from core.promotions import drafting
from core.promotions.drafting import PromoField
from core.promotions.rules import Promo, PromoKind, PromoPage, Usage, Use
from core.shop import counter
from tests.support.furnished import ODD, House


def _codes(house: House) -> list[Usage]:
    """One without limits and unused, one with all of them, one that is off."""
    now = house.shop.clock.now()
    plain = Promo(1, "KHQR", PromoKind.FIXED, 500)
    full = Promo(2, "KHQR" + "-2026" * 5 + "-26", PromoKind.PERCENT, 10, 500, 2000, now, now + timedelta(days=40),
                 100_000, 3, 12_345, active=True, promoter_id=1, description_en=ODD, description_km=ODD)  # fmt: skip
    return [Usage(plain), Usage(full, ODD, 1_234_500, now), Usage(replace(full, active=False), "", 100, now)]


async def screens(house: House, t: Translator) -> list[Screen]:
    """All of it in a private chat; a question also as the admins' group sees it."""
    shop, zone, now = house.shop, house.shop.config.zone, house.shop.clock.now()
    mine = Me(shop, house.dara, house.reader(t.language), house.dara.telegram_id or 0, private=True)
    group = replace(mine, private=False, chat_id=-100, reader=counter(shop.policy))
    codes, some = _codes(house), [Promoter(1, ODD, 750, "+85512345678", ODD, codes=3, orders=1234),
                                  Promoter(2, "MD", 1000, active=False)]  # fmt: skip
    values = {"code": "KHQR", "kind": PromoKind.PERCENT, "value": 10}
    asked = Question("promo_new", now, {"chat_id": 1, "field": "cap", "draft": drafting.written(values)})
    begun = replace(asked, data={"chat_id": 1, "field": "code", "draft": {}})
    full = {**drafting.OTHERWISE, **values, "promoter_id": 1, "description_en": ODD}
    uses = [Use(house.order.id, f"MD{i:05d}", 120 * i, now, returned=i % 2 == 0) for i in range(1, 11)]
    return [
        promos.listing(t, PromoPage(()), zone), promos.listing(t, PromoPage(tuple(codes * 3)[:8], 1, more=True), zone),
        *(promos.page(t, one, zone) for one in codes), promos.uses(t, codes[1], uses, zone),
        promos.uses(t, codes[0], (), zone),
        *(promos.ask(t, one, asked, field, some * 10) for field in PromoField for one in (mine, group)),
        promos.ask(t, mine, begun, PromoField.CODE, ()), promos.ask_anew(t, mine, asked, codes[1], PromoField.END, ()),
        promos.preview(t, mine, asked, full, some), promos.preview(t, group, asked, values, ()),
        promoters.listing(t, []), promoters.listing(t, some * 5),
        *(promoters.page(t, one, PromoPage(tuple(codes)), zone) for one in some),
        *(promoters.ask(t, one, asked, field, ODD, promos.taps.OpenPromoters())
          for field in PromoterField for one in (mine, group)),
    ]  # fmt: skip
