"""What lies about on the set: petals, leaves, pearls, and a swipe of what is in the jar."""

import math

from core.catalog.sample.studio.light import Vec, gloss, matte, satin, waxy
from core.catalog.sample.studio.mesh import Part, ball, moved, placed, posed, sheet


def swipe(shade: str, *, wet: bool = True) -> list[Part]:
    """Return a swipe of cream or colour on the floor, about 1.2 units long, ridged by the spatula."""

    def at(u: float, v: float) -> Vec:
        across = 2 * u - 1
        ends = math.sqrt(max(0.0, math.sin(math.pi * v**0.8)))
        wide = 0.34 * ends * (0.86 + 0.14 * math.cos(5 * v)) * (1 + 0.05 * math.sin(31 * v))
        ridge = 0.62 + 0.38 * math.cos(6.2 * math.pi * u + 1.5 * math.sin(3 * v))
        high = 0.15 * (1 - across**4) * ridge * ends * (0.75 + 0.5 * v**3)
        return (1.25 * (v - 0.5), max(0.002, high), across * wide - 0.34 * math.sin(2.2 * v) + 0.2)

    return [Part(sheet(at, 200, 110), waxy(shade) if wet else matte(shade), "both")]


def crumbs(shade: str) -> list[Part]:
    """Return a little heap of crushed powder."""
    out = []
    for i in range(46):
        reach, around = 0.5 * math.sqrt((i * 0.7548777) % 1), math.tau * i * 0.5698403
        size = 0.03 + 0.06 * ((i * 0.37) % 1) * (1 - reach)
        lump = posed([Part(ball(size, 0.7, 6), matte(shade))], y=i * 41)
        out += placed(lump, reach * math.cos(around), 0, 0.6 * reach * math.sin(around))
    out.sort(key=lambda p: p.grid[0][0][2])
    return out


def pearl(shade: str, radius: float = 0.2) -> list[Part]:
    """Return a polished ball."""
    return [Part(ball(radius, fineness=70), gloss(shade))]


def stone(shade: str, radius: float = 0.34) -> list[Part]:
    """Return a smooth flat pebble."""
    return [Part(ball(radius, 0.5, 70), matte(shade))]


def leaf(shade: str, length: float = 0.95) -> list[Part]:
    """Return a bent leaf lying from the origin to the left, its tip up."""

    def at(u: float, v: float) -> Vec:
        across = 2 * u - 1
        wide = 0.2 * length * math.sin(math.pi * v**0.8) ** 0.8
        lift = 0.05 + 0.34 * length * v**1.8 - 0.1 * (1 - abs(across)) * math.sin(math.pi * v) * 0.5
        vein = 0.008 * math.cos(26 * v + 7 * abs(across))
        return (-length * v, lift + vein + 0.05 * abs(across) * math.sin(math.pi * v), wide * across - 0.12 * v * v)

    return [Part(sheet(at, 140, 50), satin(shade), "both")]


def petal(shade: str, size: float = 0.42) -> list[Part]:
    """Return one fallen petal, cupped, its tip to the right."""

    def at(u: float, v: float) -> Vec:
        across, along = 2 * u - 1, 2 * v - 1
        wide = 0.46 * size * math.sqrt(max(0.0, 1 - along * along)) * (1.1 - 0.35 * along)
        cup = size * (0.24 * across * across * (1 - along * along) + 0.2 * along * along + 0.03 * math.sin(5 * v))
        return (size * 0.62 * along, 0.01 + cup, wide * across)

    return [Part(sheet(at, 70, 50), waxy(shade), "both")]


def blossom(shade: str, heart: str, size: float = 0.42) -> list[Part]:
    """Return an open five-petalled flower lying on the floor."""
    out: list[Part] = []
    for k in (1, 2, 0, 3, 4):

        def at(u: float, v: float) -> Vec:
            across = 2 * u - 1
            wide = size * 0.46 * math.sin(math.pi * (0.05 + 0.95 * v) ** 1.15) ** 0.65
            return (wide * across, 0.04 + size * (0.22 * v**1.5 + 0.14 * across * across * v), -size * (0.05 + v))

        out += posed([Part(sheet(at, 44, 32), waxy(shade), "both")], y=72 * k + 36)
    return [*out, Part(moved(ball(size * 0.16, 0.8, 24), y=0.05), matte(heart))]
