"""Django's own ``dumpdata`` and ``loaddata`` on a shop's SQLite file: the peer of backups and restores.

    PYTHON benchmarks/django_peer.py dump SHOP DUMP
    PYTHON benchmarks/django_peer.py load SHOP DUMP

PYTHON is one that has Django 5.2, and need not have the shop's libraries: ``python -m venv peer``, ``peer/bin/pip
install "django>=5.2,<6"``. Models are made of the file's own tables, one each, with its fields, foreign keys and the
same names; where a key has several columns the rowid stands for it, since a fixture names one. ``load`` fills a
migrated file that is empty. ``benchmarks/backup.py`` and ``benchmarks/restore.py`` call this with ``--django PYTHON``.
"""

import os
import re
import sqlite3
import sys
from contextlib import closing
from typing import Any

KINDS = {
    "BIGINT": "BigIntegerField", "BOOLEAN": "BooleanField", "DATE": "DateField", "DATETIME": "DateTimeField",
    "FLOAT": "FloatField", "INTEGER": "BigIntegerField", "JSON": "JSONField", "TEXT": "TextField",
    "VARCHAR": "CharField",
}  # fmt: skip
"""Which field holds a column of a declared type; its length is left out."""


def main(action: str, shop: str, dump: str) -> None:
    """Write the shop's rows to ``dump``, or read them from there."""
    os.nice(10)  # as low as ours: on a busy machine the ratio would be the others'
    import django  # noqa: PLC0415 - only the peer's own Python has it
    from django.apps import AppConfig, apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    module = sys.modules["peer"] = type(sys)("peer")
    module.Shop = type("Shop", (AppConfig,), {"name": "peer", "label": "shop", "path": "."})  # type: ignore[attr-defined]
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": shop}
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=["peer.Shop"], USE_TZ=False)
    django.setup()
    apps.get_app_config("shop").models_module = module  # an app without one is passed by
    with closing(sqlite3.connect(shop)) as file:
        models(file)
    if action == "dump":
        call_command("dumpdata", "shop", output=dump, verbosity=0)
    else:
        call_command("loaddata", dump, verbosity=0)


def models(file: sqlite3.Connection) -> None:
    """Make a model of every table that is not SQLite's or the migrations'."""
    from django.db import models  # noqa: PLC0415

    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (name,) in file.execute(names).fetchall():
        columns = file.execute(f"PRAGMA table_info('{name}')").fetchall()
        several = sum(bool(column[5]) for column in columns) != 1
        far = {each[3]: each[2] for each in file.execute(f"PRAGMA foreign_key_list('{name}')").fetchall()}
        meta = type("Meta", (), {"app_label": "shop", "db_table": name, "managed": False})
        fields: dict[str, Any] = {"Meta": meta, "__module__": "peer"}
        if several:
            fields["key_of_row"] = models.BigAutoField(primary_key=True, db_column="rowid")
        for _, column, declared, required, _, key in columns:
            more = {"null": not required, "db_column": column, "primary_key": bool(key) and not several}
            called = column.removesuffix("_id") if column in far else column
            fields[called] = field(models, declared, far.get(column), more)
        type(name, (models.Model,), fields)


def field(models: Any, declared: str, far: str | None, more: dict[str, Any]) -> Any:
    """Make the field of a column."""
    if far:
        return models.ForeignKey(f"shop.{far}", models.DO_NOTHING, related_name="+", db_constraint=False, **more)
    kind = re.sub(r"\(.*", "", declared)
    if kind == "VARCHAR":
        more["max_length"] = 1000
    return getattr(models, KINDS[kind])(**more)


if __name__ == "__main__":
    main(*sys.argv[1:])
