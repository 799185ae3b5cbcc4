"""Lists of goods and codes: what a file would change before it does, what cannot be read in it, and lists to take."""

import csv
from io import StringIO

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Document, Screen, Style
from bot.screens import admin
from bot.screens.room import paired
from bot.screens.shop import cut
from core.i18n import Translator
from core.sheets.rules import Broken, Example, Format, Kind, Report, safe
from core.sheets.service import Waiting

NAME, VALUE, FIELDS, BROKEN, FEWER = 30, 18, 2, 3, 2
"""As many characters of a name and of a value, fields of a change, broken rows, and changes beside many, are shown."""
FORMATS = {Format.XLSX: "Excel", Format.CSV: "CSV", Format.TSV: "TSV", Format.JSON: "JSON"}


def home(t: Translator) -> Screen:
    """How it goes, and every list to take."""
    ways = [Button(t(f"button.export_{kind}", format=name), taps.ExportSheet(kind, how))
            for kind in Kind for how, name in FORMATS.items()]  # fmt: skip
    return Screen(t.html("sheet.home"), (*paired(ways), admin.back(t)))


def exported(t: Translator, name: str, content: bytes) -> Screen:
    """A list as a file."""
    return Screen(t.html("sheet.exported", name=name), document=Document(name, content), fresh=True)


def preview(t: Translator, found: Waiting) -> Screen:
    """What a file would change, with the button that does it; of what is over, what became of it."""
    report = found.report
    name = cut(found.name, NAME)
    if report is None:
        return Screen(t.html(f"sheet.over_{found.state}", name=name), (_back(t),))
    counts = {name: f"{count:,}" for name, count in report.counts.items()}
    head = [t.html("sheet.title", name=name, kind=t(f"sheet.{found.kind}")),
            t.html("sheet.counts", **counts) if report.changes else t.html("sheet.nothing")]  # fmt: skip
    first = report.first[: FEWER if report.failed > BROKEN else None]  # below a file Telegram shows 1,024 letters
    lines = [line for example in first for line in _example(t, example)]
    if report.changes > len(first):
        lines.append(t.html("sheet.more", count=f"{report.changes - len(first):,}"))
    text = Markup("\n\n").join(Markup("\n").join(block) for block in (head, lines, _remarks(t, report)) if block)
    document = Document("rows.csv", _listed(t, report.broken)) if report.failed > BROKEN else None
    return Screen(text, _ways(t, found.number, report), document=document)


def _back(t: Translator) -> tuple[Button, ...]:
    return (Button(t("button.back"), taps.OpenSheets()),)


def _ways(t: Translator, number: int, report: Report) -> tuple[tuple[Button, ...], ...]:
    if not report.changes:
        return (_back(t),)
    words = t("button.import_sheet", count=f"{report.changes:,}") if report.changes > 1 else t("button.import_one")
    go = Button(words, taps.ImportSheet(number, report.stamp), style=Style.PRIMARY)
    return (go,), (Button(t("button.not_now"), taps.DropSheet(number)),)


def _example(t: Translator, one: Example) -> list[Markup]:
    lines = [t.html(f"sheet.{one.sort}", name=cut(one.name, NAME))]
    if one.sort == "new":
        return lines
    return lines + [
        t.html("sheet.field", field=field, before=cut(before, VALUE) or "–", after=cut(after, VALUE) or "–")
        for field, before, after in one.fields[:FIELDS]
    ]


def _remarks(t: Translator, report: Report) -> list[Markup]:
    lines = []
    if report.shelves:
        lines.append(t.html("sheet.shelves", names=cut(", ".join(report.shelves), 80)))
    if report.unknown:
        lines.append(t.html("sheet.unknown", names=cut(", ".join(report.unknown), 80)))
    if report.photos:
        lines.append(t.html("sheet.photos", count=f"{report.photos:,}"))
    if report.failed:
        lines.append(t.html("sheet.broken", count=f"{report.failed:,}"))
        lines += [t.html("sheet.line", line=one.line, about=one.about, why=t(f"sheet.why.{one.cause}"))
                  for one in report.broken[:BROKEN]]  # fmt: skip
    if report.failed > BROKEN:
        lines.append(t.html("sheet.attached"))
    if any(field == "stock" for example in report.first for field, *_ in example.fields if example.sort != "new"):
        lines.append(t.html("sheet.stock"))
    return lines


def _listed(t: Translator, broken: list[Broken]) -> bytes:
    """The broken rows as a list of their own, as a spreadsheet reads it."""
    out = StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(t("sheet.heading").split(","))
    lines.writerows([one.line, safe(one.about), t(f"sheet.why.{one.cause}")] for one in broken)
    return out.getvalue().encode("utf-8-sig")
