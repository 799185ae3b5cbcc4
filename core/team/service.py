"""Use cases of the team: who works here, roles given and taken, doors made for one, leaving."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from core.doors import Door
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.people import store as people
from core.people.rules import Person, Question, Rank, Role, clean_name
from core.settings import store as settings
from core.settings.rules import Policy
from core.shop import Shop
from core.storage.alerts import owe_alert
from core.team import rules, store
from core.team.rules import Changed, Invitation, Member, Team


async def team(shop: Shop, person: Person) -> Team:
    """Read who works here, and which doors stand open; admins only."""
    person.must_be(Rank.ADMIN)

    def read(tx: Connection) -> Team:
        doors = store.open_invitations(tx, shop.clock.now())
        return Team(tuple(store.members(tx)), tuple(doors), rules.gives(person.rank))

    return await shop.db.read(read)


async def member(shop: Shop, person: Person, person_id: int) -> Member:
    """Read one who works here: oneself, or anybody for an admin; ``NotFound`` for who does not (any more)."""
    person.must_be(Rank.COURIER if person_id == person.id else Rank.ADMIN)
    found = await shop.db.read(store.member, person_id)
    if found is None:
        raise NotFound("team_gone")
    return found


async def add(
    shop: Shop, person: Person, telegram_id: int, name: str, role: Role, question: Question | None = None
) -> Changed:
    """Let somebody work here whom an admin picked, known to the shop or not; they are told in private.

    Who works here already gets the other role where that is the actor's to give. ``question`` is what it answers.
    """
    name = clean_name(name)

    def write(tx: Connection) -> Changed:
        now = shop.clock.now()
        known = people.by_telegram(tx, telegram_id) or people.arrive(tx, telegram_id, name, "", now)
        actor, target = _both(tx, person, known.id)
        rules.must_change(actor, target.id, target.role, role)
        people.close_question(tx, person.id, question)
        if target.role is not role:
            _must_be_free(tx, shop, target)
            _give(tx, actor, target, role, now)
        return Changed(target.id, target.name, role)

    return await shop.db.write(write)


async def change(shop: Shop, person: Person, person_id: int, was: Role, role: Role | None) -> Changed:
    """Give somebody who was ``was`` another role, or none; one's own none is leaving. They are told in private.

    What they were asked at the counter goes, and every door they made is shut, in the same transaction.
    ``OutOfDate`` names who was faster, ``Refused`` for the last owner, ``NotAllowed`` above the actor's own role.
    """
    await shop.refresh()

    def write(tx: Connection) -> Changed:
        now = shop.clock.now()
        actor, target = _both(tx, person, person_id)
        if target.role is not was:
            raise _faster(tx, target, actor)
        rules.must_change(actor, target.id, was, role)
        _must_be_free(tx, shop, target)
        held = store.in_hand(tx, target.id)
        if role is None:
            people.revoke(tx, target)
            settings.write_audit(tx, now, actor.id, "revoke", "person", target.id, {"role": was})
        else:
            _give(tx, actor, target, role, now)
        store.shut(tx, now, by=target.id)
        if actor.id == target.id:
            _left(tx, shop.policy, target, held, now)
        elif role is None:
            _tell(tx, target, now)
        return Changed(target.id, target.name, role, held)

    return await shop.db.write(write)


def _both(tx: Connection, person: Person, person_id: int) -> tuple[Person, Person]:
    """Keep who acts and whom it is about, and read both again: who lost their role a moment ago acts no more."""
    for one in sorted({person.id, person_id}):
        people.lock(tx, one)
    actor, target = people.by_id(tx, person.id), people.by_id(tx, person_id)
    if actor is None or actor.role is None:
        raise NotAllowed
    if target is None or target.telegram_id is None:
        raise NotFound("team_gone")
    return actor, target


def _must_be_free(tx: Connection, shop: Shop, target: Person) -> None:
    """Refuse to make the last owner anything else, and one whom the settings would make it again at the next start."""
    if target.role is not Role.OWNER:
        return
    if len(people.owners(tx, locked=True)) == 1:
        raise Refused("last_owner")
    if target.telegram_id in shop.config.owner_ids:
        raise Refused("team_by_settings")


def _give(tx: Connection, actor: Person, target: Person, role: Role, now: datetime) -> None:
    people.grant(tx, target, role, actor.id, now)
    detail = {"role": role} | ({"was": target.role} if target.role else {})
    settings.write_audit(tx, now, actor.id, "grant", "person", target.id, detail)
    _tell(tx, target, now)


def _tell(tx: Connection, target: Person, now: datetime) -> None:
    """Owe them the word of what they are here, read when it is sent."""
    messages.owe(tx, target.telegram_id or 0, MessageKind.TEAM, target.id, now)


def _left(tx: Connection, policy: Policy, target: Person, held: dict[int, str], now: datetime) -> None:
    data = {"metric": "team_left", "level": "warning", "name": target.name, "orders": ", ".join(held.values()) or "—"}
    owe_alert(tx, policy, f"left {target.id}", data, now)


def _faster(tx: Connection, target: Person, actor: Person) -> OutOfDate:
    by, name = store.last_deed(tx, target.id)
    return OutOfDate("done_already") if by == actor.id else OutOfDate("somebody_faster", name=name or "Haang")


# ── doors for one ────────────────────────────────────────────────────────────────────────────────────────────────────
async def invite(shop: Shop, person: Person, role: Role) -> tuple[Invitation, str]:
    """Make a door for one into this role; returns it with its start payload, which is shown once and kept nowhere."""
    code = rules.new_code()

    def write(tx: Connection) -> Invitation:
        now = shop.clock.now()
        actor, _ = _both(tx, person, person.id)
        if role not in rules.gives(actor.rank):
            raise NotAllowed
        if len(store.open_invitations(tx, now)) >= rules.MOST_OPEN:
            raise Refused("invite_many", most=rules.MOST_OPEN)
        made = store.invite(tx, rules.hashed(code), role, actor.id, now, now + rules.VALID)
        settings.write_audit(tx, now, actor.id, "invite", "invitation", made.id, {"role": role})
        return made

    return await shop.db.write(write), Door(invitation=code).payload


async def shut(shop: Shop, person: Person, invitation_id: int) -> None:
    """Revoke an open invitation to a role that is the actor's to give; ``OutOfDate`` where it is open no more."""

    def write(tx: Connection) -> None:
        now = shop.clock.now()
        actor, _ = _both(tx, person, person.id)
        actor.must_be(Rank.ADMIN)
        found = store.invitation_by_id(tx, invitation_id)
        if found is None:
            raise NotFound
        if found.role not in rules.gives(actor.rank):
            raise NotAllowed
        if not store.shut(tx, now, id=invitation_id):
            raise OutOfDate("invite_shut")
        settings.write_audit(tx, now, actor.id, "invite_revoked", "invitation", invitation_id, {"role": found.role})

    await shop.db.write(write)


async def join(shop: Shop, person: Person, code: str) -> Person:
    """Go through a door: whoever opens it first works here from then on; returns them as they are now.

    ``NotAllowed`` in words that say why it does not open; ``Refused`` for one who works here already.
    """

    def write(tx: Connection) -> Person:
        now = shop.clock.now()
        seen = store.invitation(tx, rules.hashed(code))
        for one in sorted({person.id, seen.created_by} if seen else ()):
            people.lock(tx, one)
        creator = people.by_id(tx, seen.created_by) if seen else None
        me = people.by_id(tx, person.id) or person
        found = rules.must_open(store.invitation(tx, rules.hashed(code)), me, creator, now)
        if not store.use(tx, found.id, me.id, now):
            raise NotAllowed("invite_used")
        people.grant(tx, me, found.role, found.created_by, now)
        detail = {"role": found.role, "invitation": found.id}
        settings.write_audit(tx, now, me.id, "join", "person", me.id, detail)
        return replace(me, role=found.role)

    return await shop.db.write(write)
