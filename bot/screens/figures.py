"""The storage report: the picture, a few lines below it, and the way to the admin's panel."""

from collections.abc import Sequence

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Screen, StoragePicture
from core.i18n import Translator
from core.pictures.storage import StorageSheet


def storage_report(t: Translator, sheet: StorageSheet, lines: Sequence[str]) -> Screen:
    """What the shop takes up, as it stands now."""
    title = t.html("figures.report.heading", title=t("figures.report.title"))
    text = [title, *(t.html("figures.report.line", text=line) for line in lines)]
    row = (Button(t("button.storage"), taps.OpenStorage()),)
    return Screen(Markup("\n").join(text), (row,), StoragePicture(sheet))
