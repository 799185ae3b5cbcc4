"""A day's figures as a picture: the money large, what was ordered, bars. Every word comes from the caller."""

from dataclasses import dataclass

from core.pictures.palette import ROSE, Palette
from core.pictures.sheet import Chart, Figure, bars, head, painted, pairs


@dataclass(frozen=True, slots=True)
class DaySheet:
    """All that stands on a day's picture. ``money`` is the day's, the ``figures`` stand two in a row."""

    shop: str
    title: str
    date: str
    money: Figure
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]


def day_picture(data: DaySheet, palette: Palette = ROSE) -> bytes:
    """Draw the sheet as PNG, 1080 pixels wide, as long as its bars need."""
    top = head(data.shop, data.title, data.date, data.money, palette)
    charts = (bars(chart, palette) for chart in data.charts)
    return painted((top, *pairs(data.figures, palette), *charts), palette)
