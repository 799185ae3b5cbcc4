"""Jars, tins, tubes, candles and soap: what creams, balms and wax come in."""

import math

from core.catalog.sample.studio.light import GOLD, Material, Vec, matte, satin, waxy
from core.catalog.sample.studio.marks import bar, lotus
from core.catalog.sample.studio.mesh import (
    Part,
    ball,
    leaned,
    loft,
    moved,
    placed,
    posed,
    profile,
    rod,
    rounded,
    sheet,
    turned,
)


def jar(skin: Material, lid: Material, ink: Material, *, radius: float = 0.78, height: float = 0.78) -> list[Part]:
    """Return a closed cream jar."""
    h = height

    def wrap(u: float, v: float) -> Vec:
        return ((radius + 0.006) * math.sin(u / radius), h * 0.33 + v, (radius + 0.006) * math.cos(u / radius))

    return [
        Part(turned((0, 0), (radius, 0, 0.1), (radius, h, 0.04), (0, h)), skin),
        *lotus(wrap, ink, 0.27),
        bar(wrap, ink, 0.4, -0.09, 0.012),
        Part(turned((radius - 0.05, h), (radius - 0.05, h + 0.04)), GOLD),
        Part(turned((0, h + 0.03), (radius + 0.01, h + 0.03, 0.02), (radius + 0.01, h + 0.4, 0.07), (0, h + 0.4)), lid),
    ]


def open_jar(skin: Material, cream: str, lid: Material, *, radius: float = 0.78, height: float = 0.72) -> list[Part]:
    """Return an open jar with whipped cream in it, its lid leaning in front."""
    h, r = height, radius
    rim = turned(
        (0, 0), (r, 0, 0.1), (r, h - 0.12, 0.05), (r - 0.05, h - 0.1), (r - 0.05, h + 0.06, 0.02), (r - 0.12, h + 0.06)
    )

    def whipped(u: float, v: float) -> Vec:
        a, reach = math.tau * u, (1 - v) * (r - 0.11)
        wave = 0.05 * math.sin(a * 2 + v * 16) * math.sin(math.pi * v) * (1 - v * 0.3)
        return (reach * math.cos(a), h + 0.03 + 0.2 * v**1.4 + wave, reach * math.sin(a))

    cap = turned((0, 0), (r, 0, 0.02), (r, 0.3, 0.06), (0, 0.3))

    def wrap(u: float, v: float) -> Vec:
        return ((r + 0.006) * math.sin(u / r), h * 0.36 + v, (r + 0.006) * math.cos(u / r))

    return [
        Part(moved(leaned(cap, x=76, y=-16), 0.66, r * 0.98, -0.82), lid),
        Part(rim, skin),
        Part(sheet(whipped, 90, 200), waxy(cream)),
        *lotus(wrap, GOLD, 0.24),
    ]


def tin(skin: Material, ink: Material, *, radius: float = 0.72, height: float = 0.36) -> list[Part]:
    """Return a low tin leaning on its like, its lid towards us."""
    shape = (
        (0, 0),
        (radius, 0, 0.05),
        (radius, height * 0.5),
        (radius + 0.02, height * 0.5),
        (radius + 0.02, height, 0.05),
        (0, height),
    )
    base = turned(*shape)

    def face(u: float, v: float) -> Vec:
        return (u, height + 0.004, -v - 0.0 + 0.12)

    stood = [Part(base, skin), *lotus(face, ink, 0.5), bar(face, ink, 0.5, -0.16, 0.016)]
    lean = [Part(moved(leaned(p.grid, x=68, y=14), 0.12, radius * 0.95, 0.02), p.material, p.side) for p in stood]
    return [Part(moved(base, -0.35, 0, -0.75), skin), *lean]


def tube(skin: Material, cap: Material, ink: Material, *, radius: float = 0.46, height: float = 2.1) -> list[Part]:
    """Return a squeeze tube standing on its cap, flat at the top."""
    foot = 0.46

    def at(u: float, v: float) -> Vec:
        flat = v**1.25
        wide, deep = radius * (1 + 0.22 * flat), radius * (1 - flat) + 0.022 * flat
        return (wide * math.cos(math.tau * u), foot + (height - foot) * v, deep * math.sin(math.tau * u))

    def front(u: float, v: float) -> Vec:
        up = (height * 0.5 + v - foot) / (height - foot)
        wide, deep = radius * (1 + 0.22 * up**1.25), radius * (1 - up**1.25) + 0.03
        return (u, height * 0.5 + v, deep * math.sqrt(max(0.0, 1 - (u / wide) ** 2)) + 0.004)

    crimp = loft(
        rounded(0.03, 0.028, 120),
        profile(
            (0, height - 0.02), (radius * 1.225, height - 0.02), (radius * 1.225, height + 0.12), (0, height + 0.12)
        ),
    )
    return [
        Part(turned((0, 0), (radius * 0.9, 0, 0.05), (radius * 0.94, foot, 0.02), (0, foot)), cap),
        Part(sheet(at, 110, 220), skin),
        Part(crimp, skin),
        *lotus(front, ink, 0.3),
        bar(front, ink, 0.36, -0.12, 0.012),
    ]


def candle(skin: Material, wax: str, ink: Material, *, lit: bool = True) -> list[Part]:
    """Return a candle in a ceramic cup."""
    r, h = 0.66, 1.15
    cup = turned((0, 0), (r, 0, 0.12), (r, h, 0.02), (r - 0.05, h, 0.02), (r - 0.05, h - 0.2))

    def wrap(u: float, v: float) -> Vec:
        return ((r + 0.006) * math.sin(u / r), 0.45 + v, (r + 0.006) * math.cos(u / r))

    parts = [
        Part(turned((r - 0.02, h - 0.3), (r - 0.05, h - 0.02)), skin, "back"),
        Part(cup, skin),
        Part(turned((r - 0.05, h - 0.13), (0.1, h - 0.14, 0.02), (0, h - 0.14)), waxy(wax)),
        Part(rod(lambda v: (0.03 * v, h - 0.15 + 0.22 * v, 0.0), lambda _: 0.017, 20, 14), matte("#4a3b35")),
        *lotus(wrap, ink, 0.3),
        bar(wrap, ink, 0.4, -0.1, 0.012),
    ]
    return [*parts, *_flame(h + 0.02)] if lit else parts


def _flame(y: float) -> list[Part]:
    """Return a candle flame."""
    outer = turned((0, y), (0.075, y + 0.09, 0.07), (0.05, y + 0.2, 0.08), (0, y + 0.36))
    inner = turned((0, y + 0.03), (0.04, y + 0.08, 0.04), (0.02, y + 0.16, 0.04), (0, y + 0.2))
    return [
        Part(outer, Material((2.2, 1.25, 0.35), 0.0, 1.0, glow=1.0, alpha=0.8)),
        Part(inner, Material((3.0, 2.4, 1.2), 0.0, 1.0, glow=1.0)),
    ]


def soap(bar_color: str, second: str, ink: Material) -> list[Part]:
    """Return two bars of soap, one leaning on the other."""
    section = rounded(0.62, 0.3)

    def cake(width: float) -> list[list[Vec]]:
        return loft(section, profile((0, 0), (width, 0, 0.14), (width, 0.4, 0.14), (0, 0.4), step=0.03))

    def top(u: float, v: float) -> Vec:
        return (u, 0.404, 0.14 - v)

    out: list[Part] = []
    for shade, x, z, turn in ((second, 0.42, -0.42, -18), (bar_color, -0.3, 0.3, 12)):
        cakes = [Part(cake(0.66), waxy(shade)), *lotus(top, ink, 0.34)]
        out += placed(posed(cakes, x=66, y=turn), x, 0.4, z)
    return out


def puff(shade: str) -> list[Part]:
    """Return a powder puff."""
    return [
        Part(ball(0.42, 0.34, 70), waxy(shade)),
        Part(moved(turned((0, 0), (0.1, 0, 0.02), (0.1, 0.02), (0, 0.02)), y=0.28), satin(shade)),
    ]
