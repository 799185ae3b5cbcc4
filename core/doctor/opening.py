"""Is the shop ready to open: what is seen from outside beside what only this machine and the database know.

Reads and asks, changes nothing. Who looks outside is handed in, for core calls nobody but the bank.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from core.clock import SystemClock
from core.config import Config
from core.database import aside
from core.doctor import looking, outside, rules, store
from core.doctor.outside import Outside, Poller
from core.doctor.rules import Finding
from core.people.rules import Person, Rank
from core.shop import Shop

Look = Callable[[Shop, bool], Awaitable[Outside]]
"""Looks from outside (shop, whether a process of it is open) within seconds, whatever is not there; never raises."""
MET = timedelta(hours=2)
"""How long another program that fetches the same updates counts as there: it is told of once an hour."""


async def examine(
    shop: Shop, look: Look, *, person: Person | None = None, env: Path = looking.ENV
) -> tuple[Finding, ...]:  # fmt: skip
    """Look at every line of opening day; ``person`` is None for the shell, else must run the shop (``NotAllowed``).

    ``env`` is the settings' file, which others may not read.
    """
    if person is not None:
        person.must_be(Rank.ADMIN)
    await shop.refresh()
    served = await aside.served(shop.config)
    seen, machine, owners, met = await asyncio.gather(
        look(shop, served), asyncio.to_thread(looking.room, shop.config), shop.db.read(store.owners),
        shop.db.read(store.told_since, "polled_elsewhere", shop.clock.now() - MET),
    )  # fmt: skip
    if seen.poller is Poller.OURS and met:
        seen = replace(seen, poller=Poller.MET)
    found = [*outside.findings(seen, SystemClock().now()), rules.owners(owners, len(shop.config.owner_ids))]
    found += [*(() if shop.config.sandbox else local(shop.config, env)), rules.room("disk", *machine)]
    return rules.with_log(found, looking.log_file(shop.config))


def local(config: Config, env: Path = looking.ENV) -> tuple[Finding, ...]:
    """Judge what the operator set, by itself; the practice shop has nothing of its own there."""
    token = config.bakong_token.get_secret_value() if config.bakong_token else ""
    return (
        rules.secrets(looking.mode(env)),
        rules.address(config.public_url),
        rules.updates(webhook=config.webhook_secret is not None, public_url=config.public_url),
        rules.bank(looking.token_ends(token), SystemClock().now(), token=bool(token)),
    )
