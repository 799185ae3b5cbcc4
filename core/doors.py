"""The doors into the shop's chat: what a link's start payload says, written and read in this one place.

A payload holds at most 64 of ``A-Z a-z 0-9 _ -`` (Telegram's rule for ``?start=``)::

    p_12                  a product                 b_34      buy one of a variant: straight to its review
    v_34                  a product at a variant    r_CODE    somebody's invitation
    p_12_r_CODE           a product, brought by whoever shared it; v_ and b_ likewise
    i_CODE                the team, once: a 128-bit code that an admin made for one role
    k_CODE                the parcel with that code, whatever of it who opens it may see
    home                  the front

It is untrusted: anybody writes such a link. Reading proves only its shape.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 64
HOME = "home"
_DOOR = re.compile(r"(?:(?P<goal>[pvb])_(?P<id>[0-9]{1,18}))?(?:(?:^|(?<!^)_)r_(?P<code>[A-Za-z0-9_-]{10}))?")
_INVITED = re.compile(r"i_([A-Za-z0-9_-]{22})")
_PARCEL = re.compile(r"k_([A-Za-z0-9_-]{1,62})")
"""Of any length: a code that was cut is a code of nothing, like one that was revoked."""


class Goal(StrEnum):
    """Where a door leads."""

    FRONT = "h"
    PRODUCT = "p"
    VARIANT = "v"
    BUY = "b"


@dataclass(frozen=True, slots=True)
class Door:
    """``id`` is the product's, or the variant's; ``code`` the referral of whoever gave the link, or empty.

    ``invitation`` opens the team's door, ``parcel`` is the code on a parcel. ``known`` is False for a payload that is
    none of ours.
    """

    goal: Goal = Goal.FRONT
    id: int = 0
    code: str = ""
    known: bool = True
    invitation: str = ""
    parcel: str = ""

    @property
    def payload(self) -> str:
        """Write it; empty where the link needs none."""
        if self.invitation:
            return f"i_{self.invitation}"
        if self.parcel:
            return f"k_{self.parcel}"
        place = "" if self.goal is Goal.FRONT else f"{self.goal}_{self.id}"
        return "_".join([*([place] if place else []), *([f"r_{self.code}"] if self.code else [])])


def read(payload: str) -> Door:
    """Read a payload; one that is none of ours leads to the front, and is not ``known``."""
    if payload in {"", HOME}:
        return Door()
    if invited := _INVITED.fullmatch(payload):
        return Door(invitation=invited[1])
    if parcel := _PARCEL.fullmatch(payload):
        return Door(parcel=parcel[1])
    found = _DOOR.fullmatch(payload) if len(payload) <= LONGEST else None
    if found is None:
        return Door(known=False)
    goal = Goal(found["goal"]) if found["goal"] else Goal.FRONT
    return Door(goal, int(found["id"] or 0), found["code"] or "")
