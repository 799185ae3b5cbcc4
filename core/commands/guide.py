"""The commands of the guide that the shop before was run by, under the names it was taught with.

They are the same functions with the same options as the shop's own; ``--help`` lists only those.
"""

from collections.abc import Callable

import typer

from core.commands import backups, cleanup, restoring, storage

app = typer.Typer()
NAMES: dict[str, Callable[..., None]] = {
    "storage_info": storage.storage,
    "cleanup_expired_qr_codes": cleanup.cleanup_qr,
    "backup_database": backups.backup,
    "loaddata": restoring.restore_command,
}
for _name, _command in NAMES.items():
    app.command(_name, hidden=True)(_command)
