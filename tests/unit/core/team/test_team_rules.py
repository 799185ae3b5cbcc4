"""Who may make whom what, what an invitation is worth, when the admins hear of the bot's place: tables of cases."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from core import doors
from core.clock import SteppedClock
from core.errors import NotAllowed, Refused, ShopError
from core.people.rules import Person, Rank, Role
from core.team import rules
from core.team.rules import Deed, Fate, Invitation, InviteState, News, Pages, Standing

NOW = SteppedClock().now()
OWNER, ADMIN, STAFF, COURIER = Role
OPEN = Invitation(1, STAFF, 9, "Bopha", NOW, NOW + rules.VALID)


def _person(role: Role | None, id: int = 1) -> Person:  # noqa: A002 - a person's
    return Person(id, 1000 + id, "Somebody", role=role)


def test_every_role_is_a_fate() -> None:
    """What can become of somebody is each role, or none."""
    assert [fate.role for fate in Fate] == [*Role, None]


def test_an_owner_gives_any_role_an_admin_those_below() -> None:
    """Nobody else gives any; nobody gives one above their own rank."""
    given = {rank: rules.gives(rank) for rank in Rank}
    assert given == {Rank.CUSTOMER: (), Rank.COURIER: (), Rank.STAFF: (), Rank.ADMIN: (STAFF, COURIER),
                     Rank.OWNER: tuple(Role)}  # fmt: skip


def test_who_may_change_whom() -> None:
    """Both what somebody was and what they become must be the actor's to give, in every case there is."""
    for actor, was, role in product([*Role, None], repeat=3):
        mine = set(rules.gives(_person(actor).rank))
        try:
            rules.must_change(_person(actor), 2, was, role)
            refused = False
        except NotAllowed:
            refused = True
        assert refused is not ({one for one in (was, role) if one} <= mine), (actor, was, role)
        if was is not None:
            assert rules.may_change(_person(actor), 2, was) is (was in mine)
            assert not rules.may_change(_person(actor), 1, was)


def test_nobody_changes_their_own_role_but_by_leaving() -> None:
    """Up, down or the same: refused; out of the team: theirs to say, for who is in it."""
    for was, role in product([*Role, None], repeat=2):
        if was is not None and role is None:
            rules.must_change(_person(was), 1, was, role)
            continue
        with pytest.raises(Refused, match="team_own"):
            rules.must_change(_person(was), 1, was, role)


@pytest.mark.parametrize(
    ("found", "person", "creator", "key"),
    [
        (None, _person(None), None, "invite_unknown"),
        (OPEN, _person(OWNER, 9), _person(OWNER, 9), "invite_own"),
        (replace(OPEN, used_at=NOW), _person(None), _person(OWNER, 9), "invite_used"),
        (replace(OPEN, revoked_at=NOW), _person(None), _person(OWNER, 9), "invite_revoked"),
        (replace(OPEN, expires_at=NOW), _person(None), _person(OWNER, 9), "invite_expired"),
        (OPEN, _person(None), _person(STAFF, 9), "invite_revoked"),
        (OPEN, _person(None), None, "invite_revoked"),
        (replace(OPEN, role=ADMIN), _person(None), _person(ADMIN, 9), "invite_revoked"),
        (OPEN, _person(COURIER), _person(ADMIN, 9), "invite_have"),
    ],
)
def test_a_door_that_does_not_open(found: Invitation | None, person: Person, creator: Person | None, key: str) -> None:
    """Each reason has its own words; all but "you are in already" are such as stand in security.log."""
    with pytest.raises(ShopError) as refused:
        rules.must_open(found, person, creator, NOW)
    assert refused.value.key == f"errors.{key}"
    assert isinstance(refused.value, NotAllowed) is (key != "invite_have")


def test_a_door_opens_for_a_day() -> None:
    """To its last moment; what was used or taken back is that, however late it is."""
    assert rules.must_open(OPEN, _person(None), _person(ADMIN, 9), NOW) is OPEN
    late = NOW + timedelta(hours=24)
    assert [OPEN.state(late - timedelta(seconds=1)), OPEN.state(late)] == [InviteState.OPEN, InviteState.EXPIRED]
    assert replace(OPEN, used_at=NOW).state(late) is InviteState.USED
    assert replace(OPEN, revoked_at=NOW).state(late) is InviteState.REVOKED


def test_a_code_is_128_bits_and_only_its_hash_is_known() -> None:
    """Twenty-two characters of a link, never the same twice; its door is read again; the hash tells nothing of it."""
    codes = {rules.new_code() for _ in range(100)}
    assert (len(codes), {len(code) for code in codes}) == (100, {22})
    for code in codes:
        payload = doors.Door(invitation=code).payload
        assert doors.read(payload).invitation == code
        assert code not in rules.hashed(code)
    assert not any(doors.read(text).invitation for text in ("i_", "i_short", f"i_{'a' * 23}", f"I_{'a' * 22}", "i_a\n"))


LEADS, INSIDE, OUTSIDE = Standing.LEADS, Standing.INSIDE, Standing.OUT


@pytest.mark.parametrize(
    ("trouble", "before", "now", "heard"),
    [
        (None, INSIDE, OUTSIDE, News.LOST), (OUTSIDE, INSIDE, OUTSIDE, None), (INSIDE, INSIDE, OUTSIDE, News.LOST),
        (OUTSIDE, OUTSIDE, INSIDE, News.BACK), (None, OUTSIDE, INSIDE, None), (OUTSIDE, OUTSIDE, LEADS, News.BACK),
        (None, LEADS, INSIDE, News.DEMOTED), (INSIDE, LEADS, INSIDE, None), (INSIDE, INSIDE, LEADS, News.BACK),
        (None, INSIDE, LEADS, None), (None, OUTSIDE, LEADS, None), (None, LEADS, OUTSIDE, News.LOST),
    ],
)  # fmt: skip
def test_each_trouble_is_told_once(
    trouble: Standing | None, before: Standing, now: Standing, heard: News | None
) -> None:
    """What the admins know of already is not told again; its end is told to who heard of it, and to nobody else."""
    assert rules.news(trouble, before, now) is heard


def test_a_page_of_two_tables() -> None:
    """The newest of both, ten a page; the keys of each say where the next begins; every line stands on one page."""
    lines = [(key, Deed(NOW + timedelta(minutes=2 * key), "a", f"line {key}")) for key in range(9, 0, -1)]
    events = [(key, Deed(NOW + timedelta(minutes=2 * key + 1), "b", f"event {key}")) for key in range(9, 0, -1)]
    seen, before = [], Pages()
    while True:
        rest = [[one for one in table if not key or one[0] < key]
                for table, key in ((lines, before.lines), (events, before.events))]  # fmt: skip
        page = rules.page(rest[0], rest[1], before)
        seen += page.deeds
        if page.next is None:
            break
        assert len(page.deeds) == rules.PAGE
        before = page.next
    assert [deed.at for deed in seen] == sorted((deed.at for _, deed in lines + events), reverse=True)
    assert rules.page([], [], Pages()).next is None
