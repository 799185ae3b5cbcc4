"""The rules of the shop in chat: an owner and an admin look at them, change them, and customers meet what they did."""

from datetime import timedelta

import pytest

from bot import taps
from core.i18n import translator
from core.orders.rules import Order
from core.people import service as people
from core.people.rules import Role
from core.policy.rules import stamp
from core.settings import words as written
from core.settings.known import Group, Rule
from tests.support import builders
from tests.support.helping import bring, by_bot, reply
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")


async def _desk(talk: Talk) -> None:
    """Sokha owns the shop, Bopha is its admin; both read English, so does Dara."""
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP, admin_chat_id=OTHER_GROUP)
    for number, role in ((SOKHA, Role.OWNER), (BOPHA, Role.ADMIN)):
        await people.speak(talk.shop, await builders.worker(talk.shop, role, number, str(number)), "en")


async def _walk(talk: Talk, person: int, *words: str, chat: int | None = None) -> Json:
    """Send /admin and press one button after the other; returns the page as it stands."""
    page = (await talk.say(person, "/admin", chat))[-1]
    for word in words:
        await talk.tap(person, page["message_id"], keys(page)[word], chat)
        page = talk.message(chat or person, page["message_id"])
    return page


async def _press(talk: Talk, person: int, page: Json, word: str) -> tuple[Json, str]:
    answer = await talk.tap(person, page["message_id"], keys(page)[word])
    return talk.message(person, page["message_id"]), str(answer.get("text", ""))


async def _order(talk: Talk) -> Order:
    dara = await builders.customer(talk.shop, DARA)
    return await builders.order(
        talk.shop, dara, await builders.product(talk.shop, sku=f"S-{talk.shop.clock.now():%S%f}")
    )


async def test_a_fee_is_typed(sqlite_talk: Talk) -> None:
    """Four taps to it; two meanings are asked again; before and after, confirmed; the audit names both."""
    talk = sqlite_talk
    await _desk(talk)
    page = await _walk(talk, SOKHA, "⚙️ Settings", "Delivery")
    assert "Phnom Penh: $1.50\nProvinces: $2.50\nFree from: $50.00" in said(page)
    page, _ = await _press(talk, SOKHA, page, "Phnom Penh")
    (asked,) = await talk.say(SOKHA, "1,50")
    assert said(asked) == "That could be 1.50 or 150. Write the one you mean, just so."
    (sure,) = await talk.say(SOKHA, "២.២៥")
    assert said(sure).splitlines()[:2] == ["Phnom Penh", "$1.50 → $2.25"]
    assert talk.shop.policy.fee_capital == 150
    page, _ = await _press(talk, SOKHA, sure, "✓ Change it")
    assert said(page).startswith("✓ Phnom Penh: $1.50 → $2.25")
    assert talk.shop.policy.fee_capital == 225
    page, late = await _press(talk, SOKHA, sure, "✓ Change it")
    assert late == EN("errors.old_button")
    assert EN("policy.group.delivery") in keys(page)  # never the question again, whose button does nothing any more
    talk.shop.clock.move(timedelta(seconds=2))
    await _walk(talk, SOKHA, "⚙️ Settings", "Delivery", "Provinces")
    await talk.say(SOKHA, "9")
    _, late = await _press(talk, SOKHA, sure, "✓ Change it")
    assert (late, talk.shop.policy.fee_province) == (EN("errors.old_button"), 250)
    (done,) = await talk.say(SOKHA, "/audit setting")
    assert "setting Phnom Penh: $1.50 → $2.25" in said(done)
    assert dict(talk.sandbox.world.findings) == {}


async def test_the_rate(sqlite_talk: Talk) -> None:
    """By a button: what ten dollars become, then confirmed; the order before keeps its riel, the next has the new."""
    talk = sqlite_talk
    await _desk(talk)
    before = await _order(talk)
    page = await _walk(talk, BOPHA, "⚙️ Settings", "Money and KHQR", "Exchange rate", "4,000៛ for $1")
    assert "4,100៛ for $1 → 4,000៛ for $1" in said(page)
    assert "$10.00 will be 40,000៛ instead of 41,000៛." in said(page)
    assert talk.shop.policy.riel_rate == 4100
    _, told = await _press(talk, BOPHA, page, "✓ Change it")
    assert told == "✓ Exchange rate: 4,100៛ for $1 → 4,000៛ for $1"
    talk.shop.clock.move(timedelta(seconds=1))
    after = await _order(talk)
    assert [(await builders.read(talk.shop, order)).riel_rate for order in (before, after)] == [4100, 4000]


async def test_two_admins_at_once(sqlite_talk: Talk) -> None:
    """Both see 08:00: the second hears what it is by now and sees that, by tap and by line; nothing was changed."""
    talk = sqlite_talk
    await _desk(talk)
    pages = [await _walk(talk, who, "⚙️ Settings", "Hours and holidays", "Opens") for who in (SOKHA, BOPHA)]
    _, told = await _press(talk, SOKHA, pages[0], "07:00")
    assert told == "✓ Opens: 08:00 → 07:00"
    (late,) = await talk.say(BOPHA, "06:30")
    assert said(late) == EN("errors.setting_moved", now="07:00")
    page, told = await _press(talk, BOPHA, pages[1], "09:00")
    assert told == EN("errors.setting_moved", now="07:00")
    assert "Now: 07:00" in said(page)
    assert talk.shop.policy.opens == "07:00"


async def test_what_is_the_owners(sqlite_talk: Talk) -> None:
    """An admin sees the account and no way to change it, a forged button is refused; chats are linked elsewhere."""
    talk = sqlite_talk
    await _desk(talk)
    page = await _walk(talk, BOPHA, "⚙️ Settings", "Money and KHQR", "KHQR account")
    assert list(keys(page)) == [EN("button.back")]
    assert EN("policy.owners") in said(page)
    for forged in (taps.PutRule, taps.ConfirmRule):
        tap = forged(Rule.KHQR_ACCOUNT, "", stamp(builders.ACCOUNT))
        answer = await talk.tap(BOPHA, page["message_id"], tap)
        assert answer["text"] == EN("errors.not_allowed")
    assert talk.shop.policy.khqr_account == builders.ACCOUNT
    page = await _walk(talk, SOKHA, "⚙️ Settings", "The shop", "Staff group")
    assert (EN("policy.linked") in said(page), "linked" in said(page)) == (True, True)
    answer = await talk.tap(SOKHA, page["message_id"], taps.ConfirmRule(Rule.STAFF_CHAT_ID, "5", stamp(STAFF_GROUP)))
    assert answer["text"] == EN("errors.setting_linked")
    page = await _walk(talk, SOKHA, "⚙️ Settings", "Money and KHQR", "KHQR account")
    (sure,) = await talk.say(SOKHA, "dara@aclb")
    await _press(talk, SOKHA, sure, "✓ Change it")
    assert talk.shop.policy.khqr_account == "dara@aclb"


@pytest.mark.parametrize("language", ["en", "km"])
async def test_the_shops_name_and_who_is_paid(sqlite_talk: Talk, language: str) -> None:
    """An admin names the shop anew and reads that the KHQR keeps its name; an owner reads the new one there."""
    talk, t = sqlite_talk, translator(language)
    await _desk(talk)
    for who, name, told in ((BOPHA, "Kampot", t("policy.khqr_kept", name="MADAM DA")),
                            (SOKHA, "Pepper", t("policy.on_khqr", name="Pepper"))):  # fmt: skip
        person = await people.known(talk.shop, who)
        assert person is not None
        await people.speak(talk.shop, person, language)
        words = t("button.policy"), t("policy.group.shop"), t("policy.name.shop_name")
        await _walk(talk, who, *words)
        (done,) = await talk.say(who, name)
        assert said(done).splitlines()[1] == told
    page = await _walk(talk, BOPHA, *words)
    answer = await talk.tap(BOPHA, page["message_id"], taps.ConfirmRule(Rule.SHOP_NAME, "default", stamp("Pepper")))
    assert answer["text"].endswith(t("policy.khqr_kept", name="Pepper"))
    assert dict(talk.sandbox.world.findings) == {}


@pytest.mark.parametrize("language", ["en", "km"])
async def test_who_enters_the_account_reads_who_is_paid(sqlite_talk: Talk, language: str) -> None:
    """Before it is confirmed and when it is in force; a shop that pays nobody any more names nobody."""
    talk, t = sqlite_talk, translator(language)
    await _desk(talk)
    person = await people.known(talk.shop, SOKHA)
    assert person is not None
    await people.speak(talk.shop, person, language)
    words = t("button.policy"), t("policy.group.money"), t("policy.name.khqr_account")
    page = await _walk(talk, SOKHA, *words, t("policy.is.none").capitalize())
    assert t("policy.on_khqr", name="MADAM DA") not in said(page)
    page, told = await _press(talk, SOKHA, page, t("button.set_value"))
    assert (talk.shop.policy.khqr_account, t("policy.on_khqr", name="MADAM DA") in told) == ("", False)
    await _walk(talk, BOPHA, "⚙️ Settings", "The shop", "Name")
    (done,) = await talk.say(BOPHA, "Rose Beauty")
    assert "KHQR" not in said(done).splitlines()[1]
    await _walk(talk, SOKHA, *words)
    (sure,) = await talk.say(SOKHA, "rose@aba")
    assert t("policy.on_khqr", name="Rose Beauty") in said(sure).splitlines()
    page, _ = await _press(talk, SOKHA, sure, t("button.set_value"))
    assert said(page).splitlines()[1] == t("policy.on_khqr", name="Rose Beauty")
    assert dict(talk.sandbox.world.findings) == {}


async def test_in_the_admins_group(sqlite_talk: Talk) -> None:
    """Asked by a reply there; in the staff group the home is not opened; a switch is one tap."""
    talk = sqlite_talk
    await _desk(talk)
    assert [said(one) for one in await talk.say(BOPHA, "/admin", STAFF_GROUP)] == [EN("errors.admin_private")]
    page = await _walk(talk, BOPHA, "⚙️ Settings", "Reminders", "Low stock", chat=OTHER_GROUP)
    await talk.tap(BOPHA, page["message_id"], keys(page)["✎ Another value"], OTHER_GROUP)
    asked = by_bot(talk, OTHER_GROUP)[-1]
    await reply(talk, SOKHA, OTHER_GROUP, asked, "9")
    assert talk.shop.policy.low_stock == 3
    await reply(talk, BOPHA, OTHER_GROUP, asked, "7")
    assert said(by_bot(talk, OTHER_GROUP)[-1]).startswith("✓ Low stock: 3 → 7")
    page = await _walk(talk, BOPHA, "⚙️ Settings", "Storage and backups", "Backups to the admin chat", chat=OTHER_GROUP)
    await talk.tap(BOPHA, page["message_id"], keys(page)["On"], OTHER_GROUP)
    assert (talk.shop.policy.low_stock, talk.shop.policy.backup_to_chat) == (7, 1)


async def _review(talk: Talk, sku: str) -> Json:
    """Dara's review of one product she buys at once."""
    await people.speak(talk.shop, await builders.customer(talk.shop, DARA), "en")
    rose = await builders.product(talk.shop, sku=sku)
    page = (await talk.say(DARA, "/start"))[-1]
    await talk.tap(DARA, page["message_id"], taps.BuyNow(rose))
    return talk.message(DARA, page["message_id"])


async def test_holidays_reach_the_checkout(sqlite_talk: Talk) -> None:
    """A range is typed, what could be two days is asked again; the review says when the shop answers; a tap opens."""
    talk = sqlite_talk
    await _desk(talk)
    shut = EN("review.closed", when="…").partition("…")[0]
    assert shut not in said(await _review(talk, "ROSE-30"))
    await _walk(talk, BOPHA, "⚙️ Settings", "Hours and holidays", "📅 Holidays", "+ Add days")
    (asked,) = await talk.say(BOPHA, "12/11/2027")
    assert said(asked).startswith("That could be 12.11.2027 or 11.12.2027.")
    today = talk.shop.clock.now().astimezone(talk.shop.config.zone)
    last = today + timedelta(days=2)
    (listed,) = await talk.say(BOPHA, f"{today:%d.%m.%Y} – {last:%d.%m.%Y}")
    days = written.span((today.date(), last.date()), EN)
    assert said(listed).startswith(f"✓ Closed: {days}")
    opens = EN.when((last + timedelta(days=1)).replace(hour=8, minute=0, second=0), talk.shop.config.zone)
    assert EN("review.closed", when=opens) in said(await _review(talk, "ROSE-31"))
    word = f"✕ {days}"
    _, told = await _press(talk, BOPHA, listed, word)
    assert told.startswith("✓ Open again")
    _, late = await _press(talk, BOPHA, listed, word)
    assert late == EN("errors.holiday_gone")
    assert talk.shop.policy.holidays == ""


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_province_with_a_fee_of_its_own_and_one_without_delivery(sqlite_talk: Talk, language: str) -> None:
    """Typed and confirmed, the customer pays it; then nothing is sent there: a new address and an old one say so."""
    talk, t = sqlite_talk, translator(language)
    await _desk(talk)
    owner = await people.known(talk.shop, SOKHA)
    assert owner is not None
    await people.speak(talk.shop, owner, language)
    page = await _walk(talk, SOKHA, t("button.policy"), t("policy.group.delivery"), t("button.provinces"))
    name = {"en": "SiemReap", "km": "សៀមរាប"}[language]
    button = next(text for text in keys(page) if text.replace(" ", "").startswith(name[:5]))
    (unread,) = await talk.say(SOKHA, "Atlantis 2")
    assert said(unread) == t("errors.province_unread")
    await talk.say(SOKHA, "siemreap")  # as its button opens it
    (sure,) = await talk.say(SOKHA, "3.25")
    page, told = await _press(talk, SOKHA, sure, t("button.set_value"))
    assert told.endswith("→ $3.25")
    dara, rose = await builders.customer(talk.shop, DARA, province="17"), await builders.product(talk.shop)
    assert (await builders.order(talk.shop, dara, rose)).delivery_fee.amount == 325
    (sure,) = await talk.say(SOKHA, "ខេត្តសៀមរាប 13.325៛")
    page, told = await _press(talk, SOKHA, sure, t("button.set_value"))
    assert told.endswith("$3.25")
    page, _ = await _press(talk, SOKHA, page, button)
    page, _ = await _press(talk, SOKHA, page, t("button.no_delivery"))
    page, _ = await _press(talk, SOKHA, page, t("button.set_value"))
    assert talk.shop.policy.no_delivery == "17"
    front = (await talk.say(DARA, "/start"))[-1]
    await talk.tap(DARA, front["message_id"], taps.BuyNow(rose))
    shown = talk.message(DARA, front["message_id"])
    assert EN("errors.no_zone") in said(shown)
    cart = taps.unpack(next(data for data in keys(shown).values() if data.startswith(taps.Addresses.prefix + ":")))
    assert isinstance(cart, taps.Addresses)
    for tap in (taps.UseAddress(cart.cart_id, 1), taps.ChooseProvince(cart.cart_id, "17", 0)):
        assert (await talk.tap(DARA, front["message_id"], tap))["text"] == EN("errors.no_zone")


async def test_figures_and_low_stock_from_the_admins_home(sqlite_talk: Talk) -> None:
    """One tap each: the day comes below, so that the home stays; what runs low has the way back."""
    talk = sqlite_talk
    await _desk(talk)
    (home,) = await talk.say(BOPHA, "/admin")
    await _press(talk, BOPHA, home, EN("button.today"))
    assert "photo" in talk.messages(BOPHA)[-1]
    assert "photo" not in talk.message(BOPHA, home["message_id"])
    shown, _ = await _press(talk, BOPHA, home, EN("button.low"))
    shown, _ = await _press(talk, BOPHA, shown, EN("button.back"))
    assert EN("button.today") in keys(shown)


async def test_every_page_opens(sqlite_talk: Talk) -> None:
    """Each group and each rule opens by its button, in Khmer too, and no call has a finding."""
    talk = sqlite_talk
    await _desk(talk)
    owner = await people.known(talk.shop, SOKHA)
    assert owner is not None
    await people.speak(talk.shop, owner, "km")
    home = await _walk(talk, SOKHA, KM("button.policy"))
    for group in Group:
        await talk.tap(SOKHA, home["message_id"], taps.OpenGroup(group))
        page = talk.message(SOKHA, home["message_id"])
        assert KM(f"policy.group.{group}") in said(page)
        for data in [one for one in keys(page).values() if one.startswith(taps.OpenRule.prefix + ":")]:
            await talk.tap(SOKHA, home["message_id"], data)
            rule = Rule.__members__[data.partition(":")[2].upper()]
            assert KM(f"policy.name.{rule}") in said(talk.message(SOKHA, home["message_id"]))
    await bring(talk)
    assert dict(talk.sandbox.world.findings) == {}


async def test_the_front_leads_who_runs_the_shop_to_it(sqlite_talk: Talk) -> None:
    """An owner finds the way below the shelves, without a command; staff and customers see no such button."""
    await _desk(sqlite_talk)
    await builders.worker(sqlite_talk.shop, Role.STAFF, SOKHA)
    for person, there in ((BOPHA, True), (SOKHA, False), (DARA, False)):
        await people.speak(sqlite_talk.shop, (await people.known(sqlite_talk.shop, person)) or await people.arrive(
            sqlite_talk.shop, person, "Dara"), "en")  # fmt: skip
        front = (await sqlite_talk.say(person, "/start"))[-1]
        assert (EN("button.run_shop") in keys(front)) is there
    front = (await sqlite_talk.say(BOPHA, "/start"))[-1]
    await sqlite_talk.tap(BOPHA, front["message_id"], keys(front)[EN("button.run_shop")])
    assert EN("button.policy") in keys(sqlite_talk.messages(BOPHA)[-1])
