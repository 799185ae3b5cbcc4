"""The shop's banner: a lotus on still water, and a few words. For the chat's home message and category headers."""

import io
import math
from collections.abc import Iterator
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

from core.pictures.palette import ROSE, Palette
from core.pictures.shapes import Point, disc, gradient, polygon
from core.pictures.text import draw, fit, wrap

SIZE = (1280, 640)
LEFT, ROOM = 88, 590
"""Where the words begin and how wide they may run, in pixels."""
FLOWER = (968.0, 452.0)
"""The heart of the lotus: where its petals meet."""
PETALS = (
    # angle from upright in degrees, length, width, opacity; back to front
    *((angle, 250, 92, 0.55) for angle in (-78, 78, -52, 52, -26, 26, 0)),
    *((angle, 226, 88, 0.75) for angle in (-64, 64, -39, 39, -13, 13)),
    *((angle, 172, 82, 0.92) for angle in (-70, 70, -44, 44, -22, 22, 0)),
    *((angle, 104, 60, 0.95) for angle in (-58, 58, -24, 24)),
)


def banner(title: str, subtitle: str = "", *, palette: Palette = ROSE) -> bytes:
    """Draw a banner as JPEG, 1280 × 640; long words grow smaller, then break over two lines."""
    picture = _ground(palette).copy()
    _words(picture, title, subtitle, palette)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, subsampling=0, optimize=True)
    return out.getvalue()


@cache
def _ground(palette: Palette) -> Image.Image:
    """Draw what is the same on every banner, nine tenths of the work: each shelf has a banner in each language."""
    picture = gradient(SIZE, (palette.pale, palette.soft, palette.pale, palette.light))
    picture = _glow(picture, palette)
    _water(picture, palette)
    _lotus(picture, palette)
    return picture


def _glow(picture: Image.Image, palette: Palette) -> Image.Image:
    """Spread light behind the flower and colour into the corners; blurred small, for speed, then enlarged."""
    small = picture.resize((SIZE[0] // 8, SIZE[1] // 8), Image.Resampling.BILINEAR)
    disc(small, (FLOWER[0] / 8, 36), 34, palette.pale)
    disc(small, (158, 2), 22, palette.light)
    disc(small, (6, 84), 26, palette.soft)
    soft = small.filter(ImageFilter.GaussianBlur(13))
    return soft.resize(SIZE, Image.Resampling.BICUBIC)


def _water(picture: Image.Image, palette: Palette) -> None:
    """Draw rings on the water below the flower."""
    x, y = FLOWER
    for index, half in enumerate((330, 262, 196)):
        ring = Image.new("L", (SIZE[0] * 2, SIZE[1] * 2))
        box = ((x - half) * 2, (y + 44 - half * 0.17) * 2, (x + half) * 2, (y + 44 + half * 0.17) * 2)
        ImageDraw.Draw(ring).ellipse(box, outline=90 + 40 * index, width=4)
        picture.paste(palette.pale, (0, 0), ring.reduce(2))


def _lotus(picture: Image.Image, palette: Palette) -> None:
    """Lay the petals over one another, each with one side in the light."""
    glow = gradient(SIZE, (palette.soft, palette.soft, palette.main, palette.main))
    shade = gradient(SIZE, (palette.light, palette.light, palette.main, palette.deep))
    for angle, length, width, opacity in PETALS:
        outline = list(_petal(angle, length, width, 1.0))
        polygon(picture, outline, shade if angle else glow, opacity * 0.9)
        polygon(picture, list(_petal(angle, length, width, 0.0)), glow, opacity * 0.8)


def _petal(angle: float, length: float, width: float, far_side: float) -> Iterator[Point]:
    """Trace a petal from the heart to its tip and back; ``far_side`` 0 traces only the half in the light."""
    turn = math.radians(angle)
    steps = [step / 24 for step in range(25)]
    for side, along in [(1.0, step) for step in steps] + [(-far_side, step) for step in reversed(steps)]:
        # Wide past the middle, drawn out to a point: sin bent towards the tip.
        across = side * width / 2 * math.sin(math.pi * along**1.35) ** 0.9
        up = length * along
        yield (
            FLOWER[0] + up * math.sin(turn) + across * math.cos(turn),
            FLOWER[1] - up * math.cos(turn) + across * math.sin(turn),
        )


def _words(picture: Image.Image, title: str, subtitle: str, palette: Palette) -> None:
    size = fit(title, ROOM, 92, smallest=60, weight=700)
    titles = wrap(title, ROOM, size, weight=700, lines=3)
    subtitles = wrap(subtitle, ROOM, 36, lines=3) if subtitle else []
    height = len(titles) * size * 1.35 + len(subtitles) * 56
    baseline = (SIZE[1] - height) / 2 + size
    for line in titles:
        draw(picture, (LEFT, baseline), line, size, weight=700, fill=palette.deep, anchor="ls")
        baseline += size * 1.35
    baseline += 56 - size * 0.95
    for line in subtitles:
        draw(picture, (LEFT, baseline), line, 36, fill=palette.deep, anchor="ls")
        baseline += 56
