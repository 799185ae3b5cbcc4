"""The set around a product: a seamless wall and floor in the category's colours, a podium, something behind it."""

import math
from dataclasses import dataclass

from PIL import Image, ImageChops

from core.catalog.sample.studio.light import matte
from core.catalog.sample.studio.mesh import Part, even, leaned, loft, moved, profile, rounded, turned

BACK = -1.5  # where the standing pieces are, on z


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one set, as `#rrggbb`: wall, floor (and podium), and what stands behind."""

    wall: str
    floor: str
    behind: str


def _plain(code: str, size: int) -> Image.Image:
    """Return a square of one colour."""
    return Image.new("RGB", (size, size), code)


def backdrop(palette: Palette, size: int) -> Image.Image:
    """Return the seamless wall and floor: they meet softly, with a pool of light on the upper left."""
    sweep = Image.linear_gradient("L").point(lambda v: max(0, min(255, round((v - 150) * 5))))
    sweep = sweep.resize((size, size), Image.Resampling.BICUBIC)
    picture = Image.composite(_plain(palette.floor, size), _plain(palette.wall, size), sweep)
    pool = ImageChops.invert(Image.radial_gradient("L")).resize((size * 2, size * 2), Image.Resampling.BICUBIC)
    corner = round(size * 0.62)
    pool = pool.crop((corner, corner, corner + size, corner + size)).point(lambda v: v * 100 // 255)
    lit = Image.composite(_plain("#fffcf8", size), picture, pool)
    edge = Image.radial_gradient("L").point(lambda v: max(0, v - 110) * 60 // 145)
    edge = edge.resize((size, size), Image.Resampling.BICUBIC)
    return Image.composite(ImageChops.multiply(lit, _plain(palette.behind, size)), lit, edge).convert("RGBA")


def round_podium(shade: str, radius: float, height: float) -> Part:
    """Return a plaster disc to stand on."""
    outline = ((0, 0), (radius, 0), (radius, height, 0.05), (radius * 0.5, height), (0, height))
    return Part(turned(*outline, columns=300), matte(shade))


def slab(shade: str, width: float, depth: float, height: float) -> Part:
    """Return a plaster block to stand on, 2 × `width` wide."""
    section = rounded(depth / width, 0.06, 300)
    outline = profile((0, 0), (width, 0), (width, height, 0.05), (0, height), step=0.04)
    return Part(loft(section, outline), matte(shade))


def disc_behind(shade: str, radius: float, x: float = 0.0) -> Part:
    """Return a big standing disc."""
    face = turned((0, 0), (radius, 0), (radius, 0.16, 0.05), (0, 0.16), columns=300)
    return Part(moved(leaned(face, x=90), x, radius, BACK), matte(shade))


def arch_behind(shade: str, half: float, height: float, x: float = 0.0) -> Part:
    """Return a standing arch, 2 × `half` wide."""
    high = height / half
    bow = [(-math.cos(math.pi * i / 80), 1 - high / 2 - math.sin(math.pi * i / 80)) for i in range(81)]
    section = even([(1.0, high / 2), (-1.0, high / 2), *bow, (1.0, high / 2)], 300)[:-1]  # z is "down" until stood up
    plate = loft(section, profile((0, 0), (half, 0), (half, 0.16, 0.05), (0, 0.16), step=0.05))
    return Part(moved(leaned(plate, x=90), x, height / 2, BACK), matte(shade))


def columns_behind(shade: str, x: float = 0.0) -> list[Part]:
    """Return three round columns of different heights."""
    spots = ((-0.95, 1.7, 0.42), (0.95, 2.2, 0.46), (0.05, 2.75, 0.5))
    return [
        Part(moved(turned((0, 0), (r, 0), (r, h, 0.05), (0, h)), x + at, 0, BACK), matte(shade)) for at, h, r in spots
    ]
