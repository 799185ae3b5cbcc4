"""What the name of a backup says, of the database or of media; whatever made it. Pure."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from core.errors import Refused

NAME = re.compile(r"(?P<series>[a-z_]+?)_(?P<at>\d{8}_\d{6})(?:_\d+)?(?:\.json|\.json\.gz)?")


def made_at(name: str, zone: ZoneInfo) -> datetime:
    """When a backup was made, as its name says it in the shop's zone; ``Refused`` for what is no backup's name."""
    found = NAME.fullmatch(name)
    try:
        return datetime.strptime(found["at"] if found else "", "%Y%m%d_%H%M%S").replace(tzinfo=zone)
    except ValueError:
        raise Refused("backup_missing", name=name[:80]) from None
