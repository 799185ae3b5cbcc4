"""The house's mark, a five-petalled lotus, laid on a surface; no letters, so it needs no font."""

import math
from collections.abc import Callable

from core.catalog.sample.studio.light import Material, Vec
from core.catalog.sample.studio.mesh import Part, sheet

Surface = Callable[[float, float], Vec]


def lotus(surface: Surface, ink: Material, size: float) -> list[Part]:
    """Return the lotus on surface(u, v), `size` units high, its foot at (0, 0)."""
    return [
        _petal(surface, ink, size * reach, turn)
        for turn, reach in ((-66, 0.72), (66, 0.72), (-34, 0.9), (34, 0.9), (0, 1.0))
    ]


def _petal(surface: Surface, ink: Material, length: float, degrees: float) -> Part:
    s, c = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))

    def at(u: float, v: float) -> Vec:
        along, across = length * (0.02 + 0.98 * v), length * 0.17 * math.sin(math.pi * v**0.85) * (2 * u - 1)
        return surface(along * s + across * c, along * c - across * s)

    return Part(sheet(at, 28, 6), ink, "both")


def bar(surface: Surface, ink: Material, width: float, at: float, thick: float) -> Part:
    """Return a fine line across, centred, at height `at` on surface(u, v)."""
    return Part(sheet(lambda u, v: surface(width * (u - 0.5), at + thick * v), 2, 24), ink, "both")
