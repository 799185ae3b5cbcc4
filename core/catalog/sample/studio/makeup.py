"""Colour: lipsticks, glosses, compacts, palettes, pencils, nail lacquer. All stand on y = 0."""

import math
from collections.abc import Callable, Sequence

from core.catalog.sample.studio.light import GOLD, MIRROR, SILVER, Material, Vec, glass, gloss, matte, satin, waxy
from core.catalog.sample.studio.marks import lotus
from core.catalog.sample.studio.mesh import (
    Grid,
    Part,
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


def lipstick(shade: str, case: Material, up: float = 0.62) -> list[Part]:
    """Return an open lipstick, its bullet `up` units out."""
    bullet = turned((0, 1.0), (0.2, 1.0), (0.2, 1.1 + up, 0.12), (0, 1.16 + up), columns=160)
    cut: Grid = [
        [(x, y + 1.2 * ((y - 1.0) / (0.16 + up)) ** 2 * (0.8 * x + 0.5 * z), z) for x, y, z in row] for row in bullet
    ]
    return [
        Part(turned((0, 0), (0.33, 0, 0.03), (0.33, 0.74, 0.03), (0, 0.74), columns=180), case),
        Part(turned((0, 0.73), (0.27, 0.73, 0.01), (0.27, 0.8), (0, 0.8), columns=180), GOLD),
        Part(turned((0, 0.79), (0.245, 0.79, 0.01), (0.245, 1.06, 0.02), (0.2, 1.06), columns=180), GOLD),
        Part(cut, waxy(shade)),
    ]


def lipsticks(shades: Sequence[str], case: Material) -> list[Part]:
    """Return three open lipsticks side by side, the middle one in front and tallest."""
    left, middle, right = (lipstick(s, case, up) for s, up in zip(shades, (0.5, 0.72, 0.42), strict=False))
    return [*placed(left, -0.72, 0, -0.25), *placed(right, 0.72, 0, -0.25), *placed(middle, 0, 0, 0.3)]


def lip_gloss(shade: str, cap: Material, tint: str = "#ffffff") -> list[Part]:
    """Return one tube of lip gloss."""
    shell = ((0, 0), (0.25, 0, 0.04), (0.25, 0.95, 0.05), (0.18, 1.0))
    return [
        Part(turned(*shell), glass(tint, 0.3), "back"),
        Part(turned((0, 0.07), (0.19, 0.07, 0.05), (0.19, 0.93, 0.03), (0, 0.93)), waxy(shade)),
        Part(turned(*shell), glass(tint, 0.1)),
        Part(turned((0, 1.0), (0.23, 1.0, 0.01), (0.23, 1.07), (0, 1.07)), GOLD),
        Part(turned((0, 1.07), (0.25, 1.07, 0.02), (0.22, 1.95, 0.06), (0, 1.95)), cap),
    ]


def glosses(shades: Sequence[str], cap: Material) -> list[Part]:
    """Return tubes of lip gloss in a row, the middle one nearer."""
    spots = ((-0.95, -0.2), (0.95, -0.2), (-0.32, 0.15), (0.32, 0.15))
    out: list[Part] = []
    for shade, (x, z) in zip(shades, spots, strict=False):
        out += placed(lip_gloss(shade, cap), x, 0, z)
    return out


def compact(powder: str, skin: Material, sponge: str) -> list[Part]:
    """Return an open cushion compact: pan, mirror lid, and a puff leaning on it."""
    disc = turned((0, 0), (0.86, 0, 0.06), (0.86, 0.2, 0.05), (0.74, 0.2, 0.01), (0.72, 0.17), columns=240)
    cream = turned((0.73, 0.165), (0.6, 0.19), (0, 0.21), columns=240)
    lid = turned((0, 0), (0.86, 0, 0.05), (0.86, 0.13, 0.04), (0.78, 0.13, 0.01), (0.77, 0.11), columns=240)
    mirror = turned((0.775, 0.11), (0, 0.11), columns=240)
    streaks = [
        Part(sheet(gleam(0.72, x, wide), 2, 40), glass("#ffffff", 0.34), "both")
        for x, wide in ((-0.3, 0.2), (-0.02, 0.06))
    ]
    opened = placed([Part(lid, skin), Part(mirror, MIRROR), *streaks], z=-0.86)
    hinged = placed(posed(opened, x=78), y=0.17, z=-0.84)
    pad = turned((0, 0), (0.5, 0, 0.07), (0.5, 0.16, 0.07), (0, 0.17), columns=200)
    puff = Part(moved(leaned(pad, x=58, y=-30), 0.62, 0.42, 0.72), waxy(sponge))
    return [*hinged, Part(disc, skin), Part(cream, waxy(powder)), puff]


def gleam(radius: float, x: float, wide: float) -> Callable[[float, float], Vec]:
    """Return a slanting streak across a mirror lying face up, `x` beside its middle."""

    def at(u: float, v: float) -> Vec:
        a = x + wide * v
        reach = math.sqrt(radius * radius - a * a) * (2 * u - 1)
        return (0.82 * a + 0.57 * reach, 0.112, 0.57 * a - 0.82 * reach)

    return at


def pans(shades: Sequence[str], frame: Material, *, columns: int, wide: float = 1.1) -> list[Part]:
    """Return a palette of powder pans standing like an open book, leaning back."""
    rows = math.ceil(len(shades) / columns)
    cell = 2 * (wide - 0.08) / columns
    deep = rows * cell / 2 + 0.08
    plate = loft(
        rounded(deep / wide, 0.09, 260), profile((0, 0), (wide, 0, 0.03), (wide, 0.14, 0.03), (0, 0.14), step=0.05)
    )
    out = [Part(plate, frame)]
    for k, shade in enumerate(shades):
        x, z = cell * (k % columns + 0.5) - (wide - 0.08), cell * (k // columns + 0.5) - rows * cell / 2
        ring = turned((0, 0.142), (cell * 0.44, 0.142), (cell * 0.44, 0.16, 0.01), (cell * 0.4, 0.16), columns=90)
        cake = turned((cell * 0.41, 0.145), (cell * 0.38, 0.17, 0.02), (0, 0.185), columns=90)
        out += [Part(moved(ring, x, 0, z), GOLD), Part(moved(cake, x, 0, z), matte(shade))]
    lift = math.sin(math.radians(66)) * deep
    return placed(posed(out, x=66), 0, lift, -0.1)


def pot(shade: str, skin: Material) -> list[Part]:
    """Return a little open pot of cream colour."""
    case = turned((0, 0), (0.42, 0, 0.05), (0.42, 0.26, 0.04), (0.35, 0.26, 0.01), (0.34, 0.22), columns=200)
    return [Part(case, skin), Part(turned((0.345, 0.22), (0.25, 0.25), (0, 0.27), columns=200), waxy(shade))]


def pots(shades: Sequence[str], skin: Material) -> list[Part]:
    """Return a stack of closed pots with open ones before it."""
    stack: list[Part] = []
    for k, shade in enumerate(shades):
        y = 0.47 * k
        stack += [
            Part(moved(turned((0, 0), (0.5, 0, 0.04), (0.5, 0.24, 0.02), (0, 0.24)), 0.12, y, -0.4), waxy(shade)),
            Part(moved(turned((0, 0.24), (0.51, 0.24, 0.02), (0.51, 0.46, 0.04), (0, 0.46)), 0.12, y, -0.4), skin),
        ]
    front = [
        placed(pot(s, skin), x, 0, z) for s, x, z in zip(shades, (-0.72, 0.1, 0.86), (0.28, 0.62, 0.3), strict=False)
    ]
    return [*stack, *front[0], *front[2], *front[1]]


def mascara(case: Material, bristles: str) -> list[Part]:
    """Return a mascara tube and its wand, drawn out and leaning on it."""
    tube = [
        Part(turned((0, 0), (0.25, 0, 0.03), (0.25, 1.3, 0.03), (0.14, 1.36), (0.14, 1.52), (0, 1.52)), case),
        Part(turned((0, 1.24), (0.255, 1.24), (0.255, 1.31, 0.01), (0.2, 1.33)), GOLD),
    ]

    def twist(v: float) -> float:
        thick = 0.105 * min(1.0, 8 * v, 6 * (1 - v) + 0.25)
        return thick * (0.82 + 0.18 * math.sin(v * 150))

    cap = turned((0, 0), (0.25, 0, 0.05), (0.23, 1.05, 0.03), (0, 1.05))
    wand = [
        Part(rod(lambda v: (0.0, 1.05 + 0.55 * v, 0.0), lambda _: 0.03, 20, 30), SILVER),
        Part(rod(lambda v: (0.0, 1.42 + 0.72 * v, 0.0), twist, 220, 44), satin(bristles)),
        Part(cap, case),
        Part(turned((0, 0.98), (0.237, 0.98), (0.237, 1.06, 0.01), (0.1, 1.06)), GOLD),
    ]
    return [*placed(tube, -0.34, 0, 0), *placed(posed(wand, z=-16), 0.3, 0.07, 0.15)]


def pencil(shade: str, wood: str) -> list[Part]:
    """Return a sharpened pencil, its point up, 2.2 units long."""
    return [
        Part(turned((0, 0), (0.11, 0, 0.03), (0.11, 1.66), (0.11, 1.68), columns=90), gloss(shade)),
        Part(turned((0.112, 0.2), (0.112, 0.27), columns=90), GOLD),
        Part(turned((0.11, 1.68), (0.05, 2.0), columns=90), matte(wood)),
        Part(turned((0.05, 2.0), (0.012, 2.18, 0.02), (0, 2.2), columns=60), matte(shade)),
    ]


def pencils(shades: Sequence[str], wood: str, *, stand: str = "#fbf5ef") -> list[Part]:
    """Return pencils fanned in a little holder."""
    out: list[Part] = []
    spread = [(k - (len(shades) - 1) / 2) for k in range(len(shades))]
    for shade, k in zip(shades, spread, strict=True):
        out += placed(posed(pencil(shade, wood), z=-11 * k), 0.24 * k, 0.2, -0.02 * abs(k))
    cup = turned((0, 0), (0.5, 0, 0.08), (0.5, 0.82, 0.02), (0.45, 0.82, 0.02), (0.45, 0.5))
    back = Part(turned((0.45, 0.5), (0.45, 0.82, 0.02), (0.5, 0.82)), matte(stand), "back")

    def wrap(u: float, v: float) -> Vec:
        return (0.506 * math.sin(u / 0.5), 0.28 + v, 0.506 * math.cos(u / 0.5))

    return [back, *out, Part(cup, matte(stand)), *lotus(wrap, GOLD, 0.28)]


def lacquer(shade: str, cap: Material) -> list[Part]:
    """Return a bottle of nail lacquer."""
    section = rounded(0.8, 0.36, 180)
    shell = loft(section, profile((0, 0), (0.33, 0, 0.06), (0.33, 0.62, 0.14), (0.12, 0.68), step=0.02))
    heart = loft(section, profile((0, 0.05), (0.305, 0.04, 0.05), (0.305, 0.6, 0.13), (0.1, 0.64), step=0.02))
    top = turned((0, 0.7), (0.165, 0.7, 0.02), (0.13, 1.5, 0.05), (0, 1.5), columns=140)
    return [
        Part(heart, gloss(shade)),
        Part(shell, glass(shade, 0.12)),
        Part(turned((0, 0.66), (0.15, 0.66), (0.15, 0.72), (0, 0.72), columns=140), GOLD),
        Part(top, cap),
    ]


def lacquers(shades: Sequence[str], cap: Material) -> list[Part]:
    """Return bottles of nail lacquer in a loose group."""
    spots = ((-0.92, -0.3), (0.92, -0.3), (0.0, -0.45), (-0.48, 0.3), (0.48, 0.3))
    out: list[Part] = []
    for shade, (x, z) in zip(shades, spots, strict=False):
        out += placed(lacquer(shade, cap), x, 0, z, 1.12)
    return out
