"""Bottles and what closes them: droppers, pumps, sprays, flasks of glass. All stand on y = 0 about the y axis."""

import math

from core.catalog.sample.studio.light import FOIL, GOLD, Material, Vec, drink, faded, glass, gloss, satin, waxy
from core.catalog.sample.studio.marks import bar, lotus
from core.catalog.sample.studio.mesh import Part, ball, loft, moved, profile, rod, rounded, turned


def vessel(radius: float, height: float, liquid: str, tint: str, *, full: float = 0.8, neck: float = 0.2) -> list[Part]:
    """Return a round glass bottle, `full` of liquid, its neck ending at height + 0.2."""
    shell = ((0, 0), (radius, 0, 0.08), (radius, height, 0.2), (neck, height + 0.06, 0.04), (neck, height + 0.2))
    inner, level = radius - 0.045, height * full
    inside = ((0, 0.07), (inner, 0.07, 0.06), (inner, level), (0, level))
    return [
        Part(turned(*shell), glass(tint, 0.3), "back"),
        Part(turned(*inside), drink(liquid)),
        Part(turned(*shell), glass(tint, 0.14)),
    ]


def dropper(liquid: str, tint: str, bulb: str, ink: Material = FOIL) -> list[Part]:
    """Return a serum bottle with a pipette."""
    collar = turned((0, 1.5), (0.26, 1.5, 0.02), (0.26, 1.78, 0.02), (0, 1.78))
    rubber = turned((0.15, 1.78), (0.15, 1.98, 0.06), (0.17, 2.15, 0.1), (0.12, 2.36, 0.12), (0, 2.38))
    return [
        *vessel(0.56, 1.35, liquid, tint, neck=0.22),
        *_signed(0.567, 0.72, ink, 1.0),
        Part(collar, GOLD),
        Part(rubber, satin(bulb)),
    ]


def _signed(radius: float, height: float, ink: Material, size: float) -> list[Part]:
    """Return the house's mark on a round body: a lotus and a line below it."""

    def wrap(u: float, v: float) -> Vec:
        return (radius * math.sin(u / radius), height + v, radius * math.cos(u / radius))

    return [*lotus(wrap, ink, 0.26 * size), bar(wrap, ink, 0.34 * size, -0.1 * size, 0.012)]


def body(radius: float, height: float, skin: Material, ink: Material, *, shoulder: float = 0.2) -> list[Part]:
    """Return a plain signed body with a soft shoulder; what closes it starts at `height`."""
    shape = turned((0, 0), (radius, 0, 0.06), (radius, height, shoulder), (0.16, height))
    return [Part(shape, skin), *_signed(radius + 0.006, height * 0.5, ink, min(1.2, radius * 1.9))]


def pump(skin: Material, ink: Material, head: Material, *, radius: float = 0.58, height: float = 1.55) -> list[Part]:
    """Return a pump bottle, its spout to the left."""
    h = height
    collar = turned((0, h - 0.01), (0.23, h - 0.01, 0.02), (0.23, h + 0.16, 0.03), (0, h + 0.16), columns=160)
    stem = turned((0.075, h + 0.16), (0.075, h + 0.42), columns=100)
    knob = turned((0, h + 0.38), (0.17, h + 0.38, 0.04), (0.17, h + 0.54, 0.05), (0, h + 0.54), columns=140)

    def path(v: float) -> Vec:
        return (-0.05 - 0.5 * v, h + 0.47 - 0.09 * v**3, 0.05 * v)

    spout = Part(rod(path, lambda v: 0.068 - 0.018 * v), head)
    return [*body(radius, h, skin, ink), Part(stem, head), Part(collar, head), spout, Part(knob, head)]


def spray(liquid: str, tint: str, cap: Material, ink: Material) -> list[Part]:
    """Return a tall mist bottle of tinted glass with a straight cap."""
    top = turned((0, 1.66), (0.3, 1.66, 0.02), (0.3, 2.22, 0.06), (0, 2.22))
    ring = turned((0, 1.6), (0.31, 1.6, 0.01), (0.31, 1.66, 0.01), (0, 1.66))
    return [
        *vessel(0.48, 1.5, liquid, tint, neck=0.26),
        *_signed(0.487, 0.8, ink, 0.9),
        Part(ring, GOLD),
        Part(top, cap),
    ]


def flask(skin: Material, ink: Material, cap: Material, *, radius: float = 0.55, height: float = 1.6) -> list[Part]:
    """Return a bottle with a disc cap."""
    top = turned((0, height - 0.03), (0.32, height - 0.03, 0.02), (0.32, height + 0.3, 0.06), (0, height + 0.3))
    return [*body(radius, height, skin, ink, shoulder=0.28), Part(top, cap)]


def can(skin: Material, ink: Material, cap: Material) -> list[Part]:
    """Return a slim spray can."""
    rim = turned((0, 1.78), (0.44, 1.78, 0.01), (0.45, 1.82, 0.02), (0.4, 1.86), columns=200)
    dome = turned((0.4, 1.86), (0.37, 1.98, 0.05), (0.28, 2.04), columns=200)
    top = turned((0, 2.0), (0.29, 2.0, 0.02), (0.29, 2.36, 0.1), (0, 2.36), columns=200)
    return [
        *body(0.44, 1.8, skin, ink, shoulder=0.02),
        Part(rim, GOLD),
        Part(dome, GOLD),
        Part(top, cap),
    ]


def roller(liquid: str, tint: str, cap: Material) -> list[Part]:
    """Return a slender roll-on vial."""
    top = turned((0, 1.25), (0.22, 1.25, 0.02), (0.22, 1.78, 0.05), (0, 1.78))
    return [*vessel(0.24, 1.15, liquid, tint, neck=0.18), *_signed(0.246, 0.6, FOIL, 0.5), Part(top, cap)]


def flacon(
    liquid: str, tint: str, cap: Material, *, width: float = 0.68, depth: float = 0.42, ball_cap: bool = False
) -> list[Part]:
    """Return a square perfume bottle of thick glass."""
    section = rounded(depth / width, 0.16)
    shell = loft(section, profile((0, 0), (width, 0, 0.06), (width, 1.3, 0.1), (0, 1.3), step=0.03))
    heart = loft(section, profile((0, 0.16), (width - 0.1, 0.16, 0.05), (width - 0.1, 1.05), (0, 1.05), step=0.03))
    collar = turned((0, 1.28), (0.2, 1.28), (0.2, 1.46, 0.02), (0, 1.46))
    square = loft(rounded(0.8, 0.2), profile((0, 1.44), (0.3, 1.44, 0.02), (0.3, 1.92, 0.05), (0, 1.92)))
    crown = moved(ball(0.3, fineness=90), y=1.42) if ball_cap else square

    def front(u: float, v: float) -> Vec:
        return (u, 0.56 + v, depth + 0.005)

    return [
        Part(shell, glass(tint, 0.35), "back"),
        Part(heart, drink(liquid)),
        Part(shell, glass(tint, 0.12)),
        *lotus(front, FOIL, 0.3),
        bar(front, FOIL, 0.36, -0.11, 0.012),
        Part(collar, GOLD),
        Part(crown, cap),
    ]


def diffuser(liquid: str, tint: str, reed: str) -> list[Part]:
    """Return a reed diffuser."""
    reeds = []
    for i, lean in enumerate((-0.34, -0.18, -0.02, 0.12, 0.27, 0.4)):
        z = 0.08 * (-1) ** i

        def path(v: float, lean: float = lean, z: float = z) -> Vec:
            return (lean * (v * 1.5 - 0.2), 0.9 + 1.75 * v, z * (1 + v))

        reeds.append(Part(rod(path, lambda _: 0.022, rows=40, columns=16), satin(reed)))
    lip = turned((0.2, 1.2), (0.27, 1.2, 0.02), (0.27, 1.34, 0.03), (0.2, 1.34))
    return [
        *reeds,
        *vessel(0.58, 1.05, liquid, tint, full=0.62, neck=0.22),
        *_signed(0.587, 0.55, FOIL, 1.0),
        Part(lip, GOLD),
    ]


def crystals(salt: str, tint: str, cork: str) -> list[Part]:
    """Return a glass jar of bath salts with a cork."""
    stopper = turned((0, 1.26), (0.43, 1.26, 0.02), (0.46, 1.55, 0.05), (0, 1.55))
    grains = []
    for i in range(420):
        around, up = math.tau * i * 0.7548777, 0.1 + 0.98 * ((i * 0.5698403) % 1)
        reach = 0.5 - 0.07 * ((i * 0.37) % 1)
        grains.append(
            Part(
                moved(ball(0.06, fineness=7), reach * math.cos(around), up - 0.05, reach * math.sin(around)), waxy(salt)
            )
        )
    heap = turned((0, 0.05), (0.5, 0.05, 0.04), (0.5, 1.08, 0.1), (0, 1.14))
    shell = turned((0, 0), (0.58, 0, 0.08), (0.58, 1.15, 0.12), (0.48, 1.26, 0.05), (0.48, 1.32))
    grains.sort(key=lambda grain: grain.grid[0][0][2])
    return [
        Part(shell, glass(tint, 0.3), "back"),
        Part(heap, waxy(salt)),
        *grains,
        Part(shell, faded(glass(tint), 0.1)),
        *_signed(0.587, 0.6, gloss("#ffffff"), 1.0),
        Part(stopper, satin(cork)),
    ]
