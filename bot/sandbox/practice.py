"""The people, the group and the bank of a practice shop: what a newcomer finds on the desk.

Like all of the sandbox it imports nothing of the shop; whoever opens a shop for it reads the ids here.
"""

from pathlib import Path

from bot.sandbox.bank import Bank
from bot.sandbox.server import Sandbox
from bot.sandbox.state import GroupSeed, PersonSeed

DARA, SOKHA, VANNA, ADMIN = 1001, 2001, 2002, 3001
STAFF_GROUP = -1001000000001
STAFF = ((ADMIN, "Chan", "owner"), (SOKHA, "Sokha", "staff"), (VANNA, "Vanna", "staff"))
BANK_TOKEN = "practice"  # noqa: S105 - opens nothing but this desk's bank
ACCOUNT = "madam_da@sandbox"

PEOPLE = (
    PersonSeed(DARA, "Dara", "dara", "km", phone="+85512000001"),
    PersonSeed(SOKHA, "Sokha", "sokha", "km"),
    PersonSeed(VANNA, "Vanna", "vanna", "en"),
    PersonSeed(ADMIN, "Chan", "chan", "en"),
)
GROUPS = (GroupSeed(STAFF_GROUP, "MADAM DA · Staff", (SOKHA, VANNA, ADMIN), (ADMIN,)),)


def open_sandbox(token: str, folder: Path) -> Sandbox:
    """Build Telegram's stand-in with the bank mounted at ``/bakong``; both keep their state below ``folder``."""
    panes = {"customer": DARA, "staff": STAFF_GROUP, "admin": ADMIN}
    sandbox = Sandbox(
        token=token, people=PEOPLE, groups=GROUPS, folder=folder / "telegram", name="MADAM DA", username="madam_da_bot",
        links={"panes": panes, "tools": {"bank": "/bakong"}}, inline_feedback=False,
    )  # fmt: skip
    if not sandbox.world.state.people[ADMIN].started:
        sandbox.people.write(ADMIN, ADMIN, "/start")  # alerts need somebody who once pressed Start
    sandbox.app.add_subapp("/bakong", open_bank(folder / "bank").app)
    return sandbox


def open_bank(folder: Path) -> Bank:
    """Build the bank, where any account of the right shape exists: owners try their own."""
    return Bank(tokens={BANK_TOKEN}, folder=folder)
