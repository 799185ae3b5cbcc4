"""Tools: brushes, sponges, stones, mirrors, combs. They stand, lean or hang in the air a little above y = 0."""

import math
from collections.abc import Sequence

from core.catalog.sample.studio.light import GOLD, MIRROR, ROSE_GOLD, Material, Vec, glass, gloss, matte, satin, waxy
from core.catalog.sample.studio.makeup import gleam
from core.catalog.sample.studio.marks import lotus
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


def tuft(radius: float, height: float, hair: str, *, flat: float = 1.0) -> Part:
    """Return a brush head of fine hair, standing on y = 0; `flat` squeezes it from front to back."""

    def at(u: float, v: float) -> Vec:
        a = math.tau * u
        swell = 0.72 + 0.5 * math.sin(math.pi * min(1.0, v / 1.25)) if v < 1 else 0.0
        reach = radius * swell * math.sqrt(max(0.0, 1 - max(0.0, (v - 0.62) / 0.38) ** 2.2))
        reach *= 1 + 0.022 * math.sin(46 * a) + 0.012 * math.sin(83 * a + 5 * v)
        return (reach * math.cos(a), height * v, flat * reach * math.sin(a))

    return Part(sheet(at, 80, 260), matte(hair))


def brush(size: float, hair: str, handle: Material, *, long: float = 1.25, flat: float = 1.0) -> list[Part]:
    """Return a make-up brush, its hair up, standing on the end of its handle."""
    grip = turned((0, 0), (0.06, 0.02, 0.05), (0.125, long * 0.72, 0.4), (0.095, long), columns=110)
    ferrule = turned(
        (0.1, long - 0.02), (0.1, long, 0.01), (0.15 * size, long + 0.34, 0.05), (0.13 * size, long + 0.36)
    )
    ferrule = [[(x, y, z * (1 + (flat - 1) * min(1, max(0, (y - long) / 0.3)))) for x, y, z in row] for row in ferrule]
    head = tuft(0.185 * size, 0.62 * size, hair, flat=flat)
    return [Part(moved(head.grid, y=long + 0.31), head.material), Part(grip, handle), Part(ferrule, ROSE_GOLD)]


def single_brush(hair: str, handle: Material) -> list[Part]:
    """Return one big brush leaning in the air, hair up."""
    return placed(posed(brush(1.75, hair, handle, long=1.15), z=-20), -0.42, 0.16, 0)


def brush_cup(hair: str, handle: Material, cup: Material) -> list[Part]:
    """Return five brushes in a cup."""
    kinds = (
        (1.3, 1.0, -13, -0.26, -0.1),
        (1.1, 1.0, 14, 0.28, -0.12),
        (1.5, 1.0, 1, 0.02, -0.15),
        (0.75, 0.5, -6, -0.14, 0.12),
        (0.85, 0.6, 8, 0.17, 0.12),
    )
    out: list[Part] = []
    for k, (size, flat, turn, x, z) in enumerate(kinds):
        out += placed(posed(brush(size, hair, handle, long=1.1 - 0.05 * k, flat=flat), z=-turn), x, 0.14, z)
    shell = turned((0, 0), (0.52, 0, 0.08), (0.56, 0.92, 0.02), (0.5, 0.92, 0.02), (0.5, 0.6))

    def wrap(u: float, v: float) -> Vec:
        return (0.547 * math.sin(u / 0.54), 0.3 + v, 0.547 * math.cos(u / 0.54))

    return [
        Part(turned((0.5, 0.6), (0.5, 0.92), (0.56, 0.92)), cup, "back"),
        *out,
        Part(shell, cup),
        *lotus(wrap, GOLD, 0.34),
    ]


def sponge(shade: str) -> list[Part]:
    """Return a teardrop blending sponge, standing."""
    return [
        Part(
            turned((0, 0), (0.34, 0.0, 0.2), (0.52, 0.42, 0.45), (0.2, 1.0, 0.3), (0.03, 1.2, 0.06), (0, 1.2)),
            waxy(shade),
        )
    ]


def sponges(shades: Sequence[str]) -> list[Part]:
    """Return three blending sponges."""
    left, right, middle = (sponge(s) for s in shades)
    tipped = placed(posed(right, z=-72, y=30), 0.12, 0.46, 0.62)
    return [*placed(left, -0.55, 0, -0.3, 1.15), *placed(middle, 0.5, 0, -0.5, 1.25), *tipped]


def stone_roller(stone: str, trim: Material) -> list[Part]:
    """Return a face roller with a stone at each end, hanging in the air at a slant."""

    def fork(y: float, up: float, half: float) -> Part:
        def path(v: float) -> Vec:
            a = math.pi * v
            return (-half * math.cos(a), y + up * (1 - math.sin(a) ** 0.8), 0.0)

        return Part(rod(path, lambda _: 0.03, 120, 30), trim)

    def drum(y: float, half: float, radius: float) -> Part:
        shape = turned((0, -half), (radius * 0.72, -half, 0.1), (radius, 0, 0.3), (radius * 0.72, half, 0.1), (0, half))
        return Part(moved(leaned(shape, z=90), y=y), waxy(stone))

    grip = turned((0.05, 0.62), (0.12, 0.72, 0.06), (0.095, 1.15, 0.3), (0.12, 1.58, 0.06), (0.05, 1.68))
    parts = [fork(1.74, 0.38, 0.44), drum(2.12, 0.37, 0.25), fork(0.56, -0.24, 0.27), drum(0.32, 0.21, 0.16)]
    ends = [
        Part(turned((0.05, a), (0.07, a, 0.01), (0.07, a + 0.1, 0.01), (0.05, a + 0.1)), trim) for a in (0.55, 1.66)
    ]
    return placed(posed([*parts, Part(grip, waxy(stone)), *ends], z=-18), -0.3, 0.1, 0.1)


def hand_mirror(skin: Material) -> list[Part]:
    """Return a hand mirror leaning back."""
    rim = turned((0, 0), (0.8, 0, 0.05), (0.8, 0.13, 0.05), (0.7, 0.13, 0.02), (0.69, 0.11), columns=260)
    face = turned((0.695, 0.11), (0, 0.11), columns=200)

    def path(v: float) -> Vec:
        return (0.0, -0.72 - 1.0 * v, 0.0)

    def thick(v: float) -> float:
        return (0.075 + 0.05 * math.sin(math.pi * min(1.0, v * 0.9 + 0.12))) * math.sqrt(1 - v**24)

    grip = rod(path, thick, 120, 60)
    streaks = [
        Part(sheet(gleam(0.66, x, wide), 2, 40), glass("#ffffff", 0.34), "both")
        for x, wide in ((-0.3, 0.2), (0.0, 0.06))
    ]
    front = [Part(leaned(rim, x=90), skin), Part(leaned(face, x=90), MIRROR), *posed(streaks, x=90)]
    parts = [Part(moved(grip, z=0.06), skin), *front]
    return placed(posed(parts, x=-8, z=-14), -0.12, 1.78, 0.1, 0.98)


def paddle(skin: Material, cushion: str, pins: str) -> list[Part]:
    """Return a paddle hair brush, pins towards us, hanging in the air at a slant."""
    head = rounded(1.18, 0.42, 220)
    board = loft(head, profile((0, 0), (0.62, 0, 0.06), (0.62, 0.16, 0.06), (0, 0.16), step=0.04))
    pad = loft(head, profile((0.53, 0.15), (0.51, 0.2, 0.04), (0, 0.25), step=0.04))

    def path(v: float) -> Vec:
        return (0.0, 0.08, 0.66 + 1.15 * v)

    def thick(v: float) -> float:
        return (0.15 - 0.05 * math.sin(math.pi * v)) * math.sqrt(max(0.0, 1 - max(0.0, (v - 0.93) / 0.07) ** 2))

    grip = leaned(rod(lambda v: (0.0, -path(v)[2], 0.08), thick, 120, 60), x=-90)
    parts = [Part(grip, skin), Part(board, skin), Part(pad, satin(cushion)), *_pins(pins)]
    return placed(posed(parts, x=80, z=16), 0.25, 1.78, 0.2, 0.98)


def _pins(shade: str) -> list[Part]:
    """Return the pins of a brush with round tips, further ones first."""
    stem = turned((0.014, 0.2), (0.014, 0.4), columns=8)
    tip = moved(ball(0.028, fineness=8), y=0.38)
    out: list[Part] = []
    for row in range(-4, 5):
        count = 6 if row % 2 else 5
        for k in range(count):
            x, z = 0.155 * (k - (count - 1) / 2), 0.125 * row
            out += [Part(moved(stem, x, 0, z), matte(shade)), Part(moved(tip, x, 0, z), gloss(shade))]
    return out


def scrunchie(shade: str, phase: float) -> list[Part]:
    """Return a gathered satin ring lying down."""

    def at(u: float, v: float) -> Vec:
        around, across = math.tau * v, math.tau * u
        sway = 0.5 * math.sin(across + phase)
        fold = math.sin(21 * around + phase + sway) + 0.7 * math.sin(34 * around + 2 * phase - sway)
        thick = 0.225 * (1 + 0.085 * fold + 0.05 * math.sin(5 * around + phase))
        reach = 0.72 + thick * 1.15 * math.cos(across)
        return (reach * math.cos(around), 0.235 + thick * math.sin(across), reach * math.sin(around))

    return [Part(sheet(at, 520, 56), satin(shade))]


def scrunchies(shades: Sequence[str]) -> list[Part]:
    """Return three scrunchies in a loose pile."""
    spots = ((0.05, 0.0, 0, 1.08), (-0.07, 0.42, 2, 1.02), (0.06, 0.84, -4, 0.98))
    out: list[Part] = []
    for k, (shade, (x, y, lean, size)) in enumerate(zip(shades, spots, strict=True)):
        out += placed(posed(scrunchie(shade, 1.7 * k), z=lean), x, y, 0, size)
    return out
