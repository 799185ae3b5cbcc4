"""Each line of the health checklist, judged: where it turns from ok to a warning to a failure, and what to do then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.doctor import outside, rules
from core.doctor.outside import Bot, Group, Hook, Miss, Outside, Poller, Site, Word
from core.doctor.rules import Finding, Run, State
from core.i18n import LANGUAGES, sentences, translator
from core.setup.rules import Lack

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OK, WARNING, FAILED = State.OK, State.WARNING, State.FAILED
MB = 1024 * 1024


def run(state: str, ago: timedelta = HOUR, *, began: bool = True) -> Run:
    """The newest slot of a job, due ``ago``."""
    return Run("backup", NOW - ago, state, began)


BOT = Bot("Kampot Pepper", "pepper_bot", hears_all=False, joins=True, inline=True)
NOBODY, WANTED = Miss("timeout"), "https://shop.example/telegram/webhook"
NO = Miss("bot was kicked", refused=True)
FAILING = Hook(WANTED, 3, "Connection refused", NOW - timedelta(minutes=59))


def hook(seen: Hook | Miss, wanted: str = "", *, served: bool = True) -> Finding:
    """Judge a webhook now."""
    return outside.hook(seen, wanted, NOW, served=served)


SEEN = [
    (outside.bot(BOT), OK),
    (outside.bot(None), FAILED),
    (outside.bot(NOBODY), FAILED),
    (outside.bot(NO), FAILED),
    (hook(NOBODY), FAILED),
    (hook(Hook("", 0)), OK),
    (hook(Hook("", 100)), OK),
    (hook(Hook("", 101)), WARNING),
    (hook(Hook("", 101), served=False), OK),
    (hook(Hook(WANTED, 0)), FAILED),
    (hook(Hook(WANTED, 0), WANTED), OK),
    (hook(Hook("https://evil.example/x", 0), WANTED), FAILED),
    (hook(Hook("", 0), WANTED), FAILED),
    (hook(Hook("", 0), WANTED, served=False), OK),
    (hook(FAILING, WANTED), FAILED),
    (hook(FAILING, WANTED, served=False), OK),
    (hook(replace(FAILING, failed_at=NOW - HOUR), WANTED), OK),
    (outside.poller(Poller.OURS), OK),
    (outside.poller(Poller.NOBODY), OK),
    (outside.poller(Poller.OTHER), FAILED),
    (outside.poller(Poller.MET), FAILED),
    (outside.poller(NOBODY), FAILED),
    (outside.privacy(BOT), OK),
    (outside.privacy(replace(BOT, hears_all=True)), WARNING),
    (outside.joining(BOT, linked=False), OK),
    (outside.joining(replace(BOT, joins=False), linked=True), OK),
    (outside.joining(replace(BOT, joins=False), linked=False), FAILED),
    (outside.inline(BOT), OK),
    (outside.inline(replace(BOT, inline=False)), WARNING),
    (*outside.group("staff_group", Group("Staff")), OK),
    (*outside.group("staff_group", Group("Staff", topics=True)), OK),
    (*outside.group("admin_chat", Group("Bopha", private=True)), OK),
    (*outside.group("admin_chat", Group("Bopha", private=True, blocked=True)), FAILED),
    (*outside.group("staff_group", None), FAILED),
    (*outside.group("admin_chat", None), WARNING),
    (*outside.group("admin_chat", NO), FAILED),
    (*outside.group("admin_chat", NOBODY), FAILED),
    *((*outside.group("admin_chat", Group("A & B", lacks=(one,))), FAILED if one is Lack.WRITE else WARNING)
      for one in Lack),
    (outside.clock(timedelta(seconds=4)), OK),
    (outside.clock(timedelta(seconds=-5)), WARNING),
    (outside.clock(timedelta(minutes=1)), FAILED),
    (outside.clock(NOBODY), FAILED),
    (outside.site(Site(200, ours=True), served=True), OK),
    (outside.site(Site(301, ours=False, to="www.shop.example"), served=True), FAILED),
    (outside.site(Site(502, ours=False), served=True), FAILED),
    (outside.site(Site(502, ours=False), served=False), WARNING),
    (outside.site(Site(200, ours=False), served=False), FAILED),
    (outside.site(NOBODY, served=True), FAILED),
    (outside.certificate(NOW + 14 * DAY, NOW), OK),
    (outside.certificate(NOW + 13 * DAY, NOW), WARNING),
    (outside.certificate(Miss("certificate has expired", refused=True), NOW), FAILED),
    (outside.certificate(NOBODY, NOW), FAILED),
    (outside.bank(Word.WELL), OK),
    (outside.bank(Word.NO_ACCOUNT), FAILED),
    (outside.bank(Word.REFUSED), FAILED),
    (outside.bank(NOBODY), FAILED),
    (outside.bank(Miss("http 500")), FAILED),
    (outside.bot(Miss("ClientConnectorDNSError")), FAILED),
    (outside.bot(Miss("ClientConnectorError")), FAILED),
    (outside.bot(Miss(outside.STRANGER)), FAILED),
]  # fmt: skip

CASES = [
    (rules.database("ok", well=True), OK),
    (rules.database("disk_full", well=False), FAILED),
    (rules.file(in_place=True), OK),
    (rules.file(in_place=False), FAILED),
    (rules.migrations("0021", "0021"), OK),
    (rules.migrations("", "0021"), FAILED),
    (rules.indexes((), (), 58), OK),
    (rules.indexes(("ix_orders_number",), (), 57), FAILED),
    (rules.indexes((), ("ix_orders_number_ccnew",), 58), WARNING),
    (rules.integrity(0), OK),
    (rules.integrity(3), FAILED),
    (rules.foreign_keys(on=True, broken=0), OK),
    (rules.foreign_keys(on=True, broken=1), FAILED),
    (rules.foreign_keys(on=False, broken=0), FAILED),
    (rules.wal(64 * MB), OK),
    (rules.wal(64 * MB + 1), WARNING),
    (rules.engine("SQLite", (3, 51, 3)), OK),
    (rules.engine("SQLite", (3, 51, 2)), WARNING),
    (rules.engine("SQLite", (3, 9, 99)), WARNING),
    (rules.engine("PostgreSQL", (17, 2)), OK),
    (rules.clock(timedelta(seconds=4), None, NOW), OK),
    (rules.clock(timedelta(seconds=5), None, NOW), WARNING),
    (rules.clock(timedelta(minutes=1), None, NOW), FAILED),
    (rules.clock(timedelta(), NOW + timedelta(seconds=30), NOW), OK),
    (rules.clock(timedelta(), NOW + 400 * DAY, NOW), WARNING),
    (rules.jobs([run("done"), run("", timedelta(minutes=14))], NOW), OK),
    (rules.jobs([run("running", 3 * HOUR)], NOW), OK),
    (rules.jobs([run("", timedelta(minutes=16))], NOW), FAILED),
    (rules.jobs([run("done"), run("failed")], NOW), FAILED),
    (rules.jobs([run("", began=False)], NOW), WARNING),
    (
        rules.jobs([run("done"), run("", began=False)], NOW),
        OK,
    ),  # a job that came with an update: the next start opens it
    (rules.backup(26 * HOUR), OK),
    (rules.backup(26 * HOUR + timedelta(seconds=1)), FAILED),
    (rules.backup(None), FAILED),
    (rules.backup(-HOUR), OK),
    (rules.drill(8 * DAY), OK),
    (rules.drill(9 * DAY), WARNING),
    (rules.drill(None), WARNING),
    (rules.copies(None, wanted=False), WARNING),
    (rules.copies(3 * DAY, wanted=True), OK),
    (rules.copies(3 * DAY + HOUR, wanted=True), FAILED),
    (rules.copies(DAY, 26 * HOUR, wanted=True), OK),
    (rules.copies(DAY, 27 * HOUR, wanted=True), WARNING),
    (rules.copies(None, wanted=True), FAILED),
    (rules.messages(0), OK),
    (rules.messages(1), WARNING),
    (rules.alerts(()), OK),
    (rules.alerts(("disk",)), WARNING),
    (rules.orphans(0, 0), OK),
    (rules.orphans(2, MB), WARNING),
    (rules.owners(1), OK),
    (rules.owners(0), FAILED),
    (rules.owners(0, named=1), WARNING),
    (rules.review(999, MB - 1, 1000, MB), OK),
    (rules.review(1000, 0, 1000, MB), WARNING),
    (rules.review(0, MB, 1000, MB), WARNING),
    (rules.folders(()), OK),
    (rules.folders(("media",)), FAILED),
    (rules.room("disk", 20, 100), OK),
    (rules.room("disk", 19, 100), WARNING),
    (rules.room("inodes", 9, 100), FAILED),
    (rules.room("inodes", 0, 0), OK),
    (rules.logs(50 * MB, 50 * MB), OK),
    (rules.logs(50 * MB + 1, 50 * MB), WARNING),
    (rules.errors(0, ""), OK),
    (rules.errors(1, "core.payments"), WARNING),
    (rules.static((), 6), OK),
    (rules.static(("site.css",), 6), FAILED),
    (rules.khmer(shaped=True), OK),
    (rules.khmer(shaped=False), FAILED),
    (rules.secrets(None), OK),
    (rules.secrets(0o600), OK),
    (rules.secrets(0o640), FAILED),
    (rules.secrets(0o604), FAILED),
    (rules.address(None), WARNING),
    (rules.address("http://shop.example"), WARNING),
    (rules.address("https://shop.example"), OK),
    (rules.updates(webhook=False, public_url=None), OK),
    (rules.updates(webhook=True, public_url="https://shop.example"), OK),
    (rules.updates(webhook=True, public_url="http://shop.example"), FAILED),
    (rules.bank(None, NOW, token=False), WARNING),
    (rules.bank(None, NOW, token=True), OK),
    (rules.bank(NOW + 14 * DAY, NOW, token=True), OK),
    (rules.bank(NOW + 13 * DAY, NOW, token=True), WARNING),
    (rules.bank(NOW, NOW, token=True), FAILED),
    *SEEN,
]


@pytest.mark.parametrize(("finding", "state"), CASES, ids=lambda value: getattr(value, "line", value))
def test_a_line(finding: Finding, state: State) -> None:
    """The state turns where it should; whatever is not ok says what to do, in both languages, and no gap stays open."""
    assert finding.state is state
    for language in LANGUAGES:
        t = translator(language)
        said = (finding.title(t), finding.sentence(t), finding.fix(t))
        assert all(said[:2])
        assert bool(said[2]) is (state is not OK)
        assert not any("{" in sentence for sentence in said)
        assert finding.do in said[2] or state is OK


def test_every_sentence_is_said() -> None:
    """No line of the list stands in the translations without a case above, and none has a sentence too many."""
    written = {key.removeprefix("doctor.") for key in sentences("en") if key.startswith("doctor.")}
    said = {f"{finding.words or finding.line}.{finding.said}" for finding, _ in CASES}
    advised = {f"{one.words or one.line}.{one.advice}" for one, state in CASES if state is not OK}
    titles = {f"{one.line}.title" for one, _ in CASES}
    assert written == said | advised | titles


@pytest.mark.parametrize(
    ("states", "worst"), [((), OK), ((OK, WARNING), WARNING), ((FAILED, WARNING, OK), FAILED), ((OK, OK), OK)]
)
def test_the_worst_counts(states: tuple[State, ...], worst: State) -> None:
    """An examination is as bad as its worst line."""
    assert rules.worst([Finding("disk", state) for state in states]) is worst


def test_many_names_are_cut() -> None:
    """A list of a hundred names says five and how many more."""
    said = rules.indexes([f"ix_{number}" for number in range(100)], (), 0).sentence(translator("en"))
    assert said == "Missing: ix_0, ix_1, ix_2, ix_3, ix_4 +95."


def test_what_was_not_looked_for_has_no_line() -> None:
    """Polling without a site or a bank asks for none; a void token, or a page, says all of Telegram."""
    lines = [one.line for one in outside.findings(Outside(BOT, Hook("", 0), Poller.OURS, apart=timedelta()), NOW)]
    assert lines == ["bot", "hook", "poller", "privacy", "joining", "inline", "staff_group", "admin_chat",
                     "world_clock"]  # fmt: skip
    for miss in (NO, Miss(outside.STRANGER)):
        assert [one.line for one in outside.findings(Outside(miss), NOW)] == ["bot"]


def test_a_sites_mark_is_one_shops() -> None:
    """The same for the same token, another for another, and nothing of it."""
    one, other = outside.mark("123456:ABC"), outside.mark("123456:ABD")
    assert one == outside.mark("123456:ABC") != other
    assert len(one) == 16
