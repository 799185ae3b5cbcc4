"""Surfaces as grids of points: turned, lofted, swept; everything on the stage is made of them.

World: x to the right, y up, z towards the camera; the floor is y = 0 and a tall bottle is about 2.6 units high.
A grid is rows of points; its outer side is the one seen when rows go up and columns run from +x towards +z.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from core.catalog.sample.studio.light import Material, Vec

Side = Literal["front", "back", "both"]

Grid = list[list[Vec]]
Section = list[tuple[float, float]]
Profile = list[tuple[float, float]]

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """One surface with its material; `side` says which faces the camera may see."""

    grid: Grid
    material: Material
    side: Side = "front"


def circle(columns: int = 220, depth: float = 1.0) -> Section:
    """Return a round cross-section of radius 1, `depth` times as deep as wide."""
    return [(math.cos(math.tau * i / columns), depth * math.sin(math.tau * i / columns)) for i in range(columns)]


def rounded(depth: float, corner: float, columns: int = 200) -> Section:
    """Return a rectangle 2 wide and 2 × `depth` deep with round corners of radius `corner`, evenly sampled."""
    points: Section = []
    for sx, sz, start in ((1, 1, 0.0), (-1, 1, 0.25), (-1, -1, 0.5), (1, -1, 0.75)):
        centre = (sx * (1 - corner), sz * (depth - corner))
        for i in range(25):
            angle = math.tau * (start + i / 96)
            points.append((centre[0] + corner * math.cos(angle), centre[1] + corner * math.sin(angle)))
    return even([*points, points[0]], columns)[:-1]


def even(points: Sequence[tuple[float, float]], count: int) -> list[tuple[float, float]]:
    """Return `count` + 1 points at even distances along a polyline."""
    lengths = [math.dist(a, b) for a, b in pairwise(points)]
    step, walked, k = sum(lengths) / count, 0.0, 0
    out = []
    for i in range(count + 1):
        while k < len(lengths) - 1 and walked + lengths[k] < i * step - TINY:
            walked += lengths[k]
            k += 1
        t = (i * step - walked) / (lengths[k] or 1)
        (ax, ay), (bx, by) = points[k], points[k + 1]
        out.append((ax + (bx - ax) * t, ay + (by - ay) * t))
    return out


def profile(*corners: tuple[float, float] | tuple[float, float, float], step: float = 0.016) -> Profile:
    """Return an outline of (radius, height) through `corners`; a third figure rounds that corner by so much."""
    keys = [(c[0], c[1], c[2] if len(c) > 2 else 0.0) for c in corners]  # noqa: PLR2004  # the shape of the tuple
    line: Profile = [keys[0][:2]]
    for before, here, after in zip(keys, keys[1:], keys[2:], strict=False):
        line += _corner(before, here, after)
    line.append(keys[-1][:2])
    return _dense(line, step)


def _corner(a: Vec, b: Vec, c: Vec) -> Profile:
    """Return corner b, replaced by a curve when it has a radius."""
    if b[2] <= 0:
        return [b[:2]]
    into, out = math.dist(a[:2], b[:2]), math.dist(b[:2], c[:2])
    s, e = min(b[2] / (into or 1), 0.5), min(b[2] / (out or 1), 0.5)
    start = (b[0] + (a[0] - b[0]) * s, b[1] + (a[1] - b[1]) * s)
    end = (b[0] + (c[0] - b[0]) * e, b[1] + (c[1] - b[1]) * e)
    curve = []
    for i in range(13):
        t = i / 12
        p, q, r = (1 - t) ** 2, 2 * t * (1 - t), t * t
        curve.append((p * start[0] + q * b[0] + r * end[0], p * start[1] + q * b[1] + r * end[1]))
    return curve


def _dense(line: Profile, step: float) -> Profile:
    """Cut segments longer than `step`, so that light can change along them."""
    out = [line[0]]
    for a, b in pairwise(line):
        pieces = max(1, math.ceil(math.dist(a, b) / step))
        if math.dist(a, b) > TINY:
            out += [
                (a[0] + (b[0] - a[0]) * i / pieces, a[1] + (b[1] - a[1]) * i / pieces) for i in range(1, pieces + 1)
            ]
    return out


def loft(section: Section, outline: Profile) -> Grid:
    """Carry a closed cross-section up an outline that scales it."""
    ring = [*section, section[0]]
    return [[(x * r, y, z * r) for x, z in ring] for r, y in outline]


def turned(*corners: tuple[float, float] | tuple[float, float, float], columns: int = 220) -> Grid:
    """Turn an outline about the y axis."""
    return loft(circle(columns), profile(*corners))


def sheet(surface: Callable[[float, float], Vec], rows: int, columns: int) -> Grid:
    """Sample surface(u, v), u along the columns and v along the rows, both 0…1."""
    return [[surface(j / columns, i / rows) for j in range(columns + 1)] for i in range(rows + 1)]


def ball(radius: float, squash: float = 1.0, fineness: int = 60) -> Grid:
    """Return a sphere standing on the floor, `squash` times as high as wide."""

    def at(u: float, v: float) -> Vec:
        around, up = math.tau * u, math.pi * (v - 0.5)
        ring = radius * math.cos(up)
        return (ring * math.cos(around), squash * radius * (1 + math.sin(up)), ring * math.sin(around))

    return sheet(at, fineness, fineness * 2)


def rod(path: Callable[[float], Vec], radius: Callable[[float], float], rows: int = 120, columns: int = 40) -> Grid:
    """Sweep a circle of radius(v) along path(v), v in 0…1; the path should not run along z."""

    def at(u: float, v: float) -> Vec:
        p, q = path(max(0.0, v - 0.005)), path(min(1.0, v + 0.005))
        dx, dy, dz = unit((q[0] - p[0], q[1] - p[1], q[2] - p[2]))
        side = unit((dy, -dx, 0.0))
        other = cross(side, (dx, dy, dz))
        c, s = radius(v) * math.cos(math.tau * u), -radius(v) * math.sin(math.tau * u)
        x, y, z = path(v)
        return (x + side[0] * c + other[0] * s, y + side[1] * c + other[1] * s, z + side[2] * c + other[2] * s)

    return sheet(at, rows, columns)


def unit(v: Vec) -> Vec:
    """Return v at length 1 (or nothing at all, for nothing)."""
    length = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) or 1.0
    return (v[0] / length, v[1] / length, v[2] / length)


def cross(a: Vec, b: Vec) -> Vec:
    """Return the vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def moved(grid: Grid, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Grid:
    """Return the grid moved."""
    return [[(px + x, py + y, pz + z) for px, py, pz in row] for row in grid]


def leaned(grid: Grid, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Grid:
    """Return the grid turned about the x, then z, then y axis, in degrees."""
    for axis, degrees in ((0, x), (2, z), (1, y)):
        if degrees:
            grid = _turn(grid, axis, math.radians(degrees))
    return grid


def _turn(grid: Grid, axis: int, angle: float) -> Grid:
    c, s = math.cos(angle), math.sin(angle)
    if axis == 0:
        return [[(x, y * c - z * s, y * s + z * c) for x, y, z in row] for row in grid]
    if axis == 1:
        return [[(x * c + z * s, y, z * c - x * s) for x, y, z in row] for row in grid]
    return [[(x * c - y * s, x * s + y * c, z) for x, y, z in row] for row in grid]


def placed(parts: Sequence[Part], x: float = 0.0, y: float = 0.0, z: float = 0.0, size: float = 1.0) -> list[Part]:
    """Return the parts scaled about the origin, then moved."""
    return [
        Part([[(px * size + x, py * size + y, pz * size + z) for px, py, pz in r] for r in p.grid], p.material, p.side)
        for p in parts
    ]


def posed(parts: Sequence[Part], x: float = 0.0, y: float = 0.0, z: float = 0.0) -> list[Part]:
    """Return the parts turned together about the x, then z, then y axis, in degrees."""
    return [Part(leaned(p.grid, x, y, z), p.material, p.side) for p in parts]
