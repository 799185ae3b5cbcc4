"""The bot's place in the groups of the shop: put out or demoted, the admins hear of it in private, once."""

from sqlalchemy import Connection

from core.people import store as people
from core.settings import store as settings
from core.settings.rules import Policy
from core.shop import Shop
from core.storage.alerts import owe_alert
from core.team import rules
from core.team.rules import News, Standing

GROUPS = {"staff": "staff_chat_id", "admin": "admin_chat_id"}
"""The shop's groups, each with the setting that names it."""


def group_of(policy: Policy, chat_id: int) -> str | None:
    """Name the shop's group that a chat is; None for any other."""
    return next((name for name, key in GROUPS.items() if getattr(policy, key) == chat_id), None)


async def moved(shop: Shop, chat_id: int, before: Standing, now: Standing, by: str = "") -> News | None:
    """Tell everybody who runs the shop, in private, what became of the bot's place in a group of the shop.

    Each trouble once, however often the update comes; None where there is nothing to tell, or the group is no concern.
    ``by`` is the name of who did it, as Telegram has it.
    """
    await shop.refresh()
    group = group_of(shop.policy, chat_id)
    if group is None:
        return None

    def write(tx: Connection) -> News | None:
        key, at = f"trouble_{group}", shop.clock.now()
        told = settings.load(tx).get(key) or {}
        trouble = Standing(told["standing"]) if told.get("chat") == chat_id and told.get("standing") else None
        heard = rules.news(trouble, before, now)
        if heard is not None:
            settings.save(tx, key, {"chat": chat_id, "standing": rules.TROUBLE[heard]}, at)
            settings.write_audit(tx, at, None, f"group.{heard}", f"{group}_chat_id")
            data = {"metric": f"{group}_{heard}", "level": "warning", "name": by}
            owe_alert(tx, shop.policy, f"{group} {heard}", data, at, chats=people.admins(tx))
        return heard

    return await shop.db.write(write)
