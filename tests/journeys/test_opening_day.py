"""Opening day: somebody new runs a shop from the first command to the first parcel that was paid and delivered.

A rule of their own; products from photos, of which the first makes the category of both; a promo code; news that go
out at once; then somebody buys with the code and pays. What it takes is the messages' own pace.
"""

import io

from PIL import Image

from bot.sandbox.client import Desk, Person
from bot.sandbox.practice import ADMIN
from core.i18n import translator
from tests.journeys.test_khqr_order import pay, scanned
from tests.support.house import House
from tests.support.regulars import acquaint
from tests.support.stories import sokha, together

T = translator("en")
CATEGORY, PRODUCT, OTHER, CODE = "Krama house / ក្រមា", "Silk krama", "Rattan bag", "OPEN20"


def photo(colour: tuple[int, int, int]) -> bytes:
    """A picture as a phone takes it: upright, with where it was taken inside."""
    drawn, told = io.BytesIO(), Image.Exif()
    told[0x010F] = "phone"
    Image.new("RGB", (600, 800), colour).save(drawn, "JPEG", exif=told)
    return drawn.getvalue()


async def set_rule(owner: Person) -> None:
    """From /admin to news at any hour, whenever this story is told: quiet hours that end when they begin."""
    asked = await owner.send("/admin")
    hub = await owner.expect(T("button.policy"), after=asked.id)
    for name in ("button.policy", "policy.group.hours", "policy.name.quiet_from"):
        await owner.tap(T(name), on=hub)
    said = await owner.send("08:00")
    await owner.expect("✓", after=said.id)


async def put_up(owner: Person) -> None:
    """The first photo names the category; the second stands on it by itself and is saved by one tap."""
    first = await owner.photo(photo((190, 60, 90)), f"{PRODUCT} / ក្រមាសូត្រ 12$ +5")
    one = await owner.expect(PRODUCT, after=first.id)
    await owner.tap(T("button.goods_shelf"), on=one)
    await owner.tap(T("button.add_shelf"), on=one)
    said = await owner.send(CATEGORY)
    await owner.tap(T("button.save_goods"), on=await owner.expect(T("button.save_goods"), after=said.id))
    await owner.expect(f"✅ {PRODUCT}")
    second = await owner.photo(photo((170, 120, 60)), f"{OTHER} / កន្ត្រកផ្តៅ\n49.200៛ x 3")
    other = await owner.expect(OTHER, after=second.id)
    await owner.tap(T("button.save_goods"), on=other)
    await owner.expect(f"✅ {OTHER}")


async def make_code(owner: Person) -> None:
    """A fifth off, with what is usual for the rest."""
    await owner.send("/promos")
    await owner.tap(T("button.new_promo"))
    await owner.send(CODE.lower())
    await owner.tap("20%")
    await owner.tap(T("button.promo_skip"))
    await owner.tap(T("button.promo_create"))


async def tell_all(owner: Person) -> None:
    """News in English to whoever wants them."""
    await owner.send("/news")
    await owner.tap(T("button.begin_news"))
    await owner.tap(T("button.news_words_en"))
    await owner.send(f"We are open! {CODE} takes a fifth off.")
    await owner.tap(T("button.news_other"))
    await owner.tap(T("button.news_send", count=1))
    await owner.tap(T("button.news_really"))


async def order_with_code(customer: Person, desk: Desk) -> None:
    """Found by its category, bought with the code, paid by KHQR."""
    await customer.tap(T("button.home"))
    await customer.tap(CATEGORY.partition(" / ")[0])
    await customer.tap(PRODUCT)
    await customer.tap(T("button.buy_now"))
    await customer.tap(T("button.promo"))
    await customer.send(CODE.lower())
    review = await customer.expect(f"Discount {CODE}: -$2.40")
    await customer.tap(T("button.pay_khqr"), on=review)
    await pay(desk, await scanned(customer))


async def prepare(owner: Person) -> None:
    """All that the owner does before anybody can buy."""
    await owner.tap("English")
    await set_rule(owner)
    await put_up(owner)
    await make_code(owner)


async def arrive(customer: Person) -> None:
    """Meanwhile somebody who was here before comes in and wants news."""
    await customer.start()
    await customer.tap(T("button.settings"))
    await customer.tap("News")


async def test_a_new_owner_sells_their_first_parcel_on_opening_day(house: House, desk: Desk) -> None:
    """From the first command to delivered, in the owner's own words; nothing of it needs a shell."""
    owner, (customer,) = desk.person(ADMIN), await acquaint(house, desk, "Bopha")
    await together(prepare(owner), arrive(customer))
    await together(tell_all(owner), order_with_code(customer, desk))
    await customer.expect("We are open!")

    counter = sokha(desk)
    card = await counter.expect(T("move.claim"))
    assert PRODUCT in card.text
    for button in ("claim", "ready", "out", "deliver"):
        await counter.tap(T(f"move.{button}"), on=card)
    await customer.expect("was delivered")
    ((status, paid, discount),) = house.rows("SELECT status, payment_status, discount FROM orders")
    assert (status, paid, discount) == ("delivered", "paid", 240)
    assert house.rows("SELECT name_en FROM products ORDER BY id DESC LIMIT 2") == [(OTHER,), (PRODUCT,)]
