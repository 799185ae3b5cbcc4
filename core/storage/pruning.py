"""Remove the backups that no rule keeps, after a good one was written; what is no readable backup of ours stays."""

import logging
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from core.errors import Refused
from core.storage import archive, retention
from core.storage.backup import NAME
from core.storage.retention import Backup, Retention, RetentionPlan

log = logging.getLogger(__name__)


def prune(folder: Path, policy: Retention, now: datetime, zone: ZoneInfo) -> RetentionPlan:
    """Keep in ``folder`` what ``policy`` keeps, with the reasons in the log; returns the plan.

    What cannot be removed is logged and stays: the backup that was just made is good all the same.
    """
    plan = retention.plan(standing(folder), policy, now, zone)
    log.info("backups kept: %s", ", ".join(f"{kept.name} ({plan.reasons[kept.name]})" for kept in plan.keep))
    for old in plan.remove:
        try:
            _remove(folder / old.name)
        except OSError as error:
            log.warning("backup %s cannot be removed: %s", old.name, error.strerror)
        else:
            log.info("backup %s removed: %s", old.name, plan.reasons[old.name])
    return plan


def standing(folder: Path) -> Iterator[Backup]:
    """Every backup whose manifest is as it was written: before it was given that name, its files were read back."""
    for path in sorted(folder.iterdir()):
        if NAME.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            try:
                manifest = archive.read_manifest(path)
            except (Refused, OSError) as error:
                log.warning("backup %s cannot be read and is left alone: %s", path.name, type(error).__name__)
            else:
                yield Backup(path.name, datetime.fromisoformat(manifest.made_at))


def _remove(path: Path) -> None:
    """Take its name away first: killed half-way, what is left is swept as a partial one and never read as whole."""
    partial = path.with_name(f".{path.name}.partial")
    path.rename(partial)
    shutil.rmtree(partial)
