"""Smooth shapes: Pillow draws hard edges, so each is drawn four times as large as a mask and scaled down.

Boxes are ``(left, top, right, bottom)`` in pixels; right and bottom are just outside.
"""

from collections.abc import Sequence

from PIL import Image, ImageDraw

OVERSAMPLING = 4

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Colour = str | tuple[int, ...]


def rounded(image: Image.Image, box: Box, radius: float, fill: Colour | Image.Image) -> None:
    """Paint a rectangle with round corners; ``fill`` may be a picture as large as ``image``."""
    mask, at = _mask(box)
    size = (mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *size), radius * OVERSAMPLING, fill=255)
    _paint(image, mask, at, fill)


def disc(image: Image.Image, centre: Point, radius: float, fill: Colour | Image.Image) -> None:
    """Paint a full circle."""
    x, y = centre
    rounded(image, (x - radius, y - radius, x + radius, y + radius), radius, fill)


def polygon(image: Image.Image, points: Sequence[Point], fill: Colour | Image.Image, opacity: float = 1.0) -> None:
    """Paint a closed shape; ``opacity`` is 0 to 1."""
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    mask, at = _mask((min(xs), min(ys), max(xs), max(ys)))
    moved = [((x - at[0]) * OVERSAMPLING, (y - at[1]) * OVERSAMPLING) for x, y in points]
    ImageDraw.Draw(mask).polygon(moved, fill=round(255 * opacity))
    _paint(image, mask, at, fill)


def dashes(image: Image.Image, start: Point, width: float, fill: Colour, *, thickness: int = 2, dash: int = 12) -> None:
    """Paint a horizontal dashed line, gaps as long as two thirds of a dash."""
    x, y = round(start[0]), round(start[1])
    pen = ImageDraw.Draw(image)
    for left in range(x, round(x + width), dash + dash * 2 // 3):
        pen.rectangle((left, y, min(left + dash, round(x + width)) - 1, y + thickness - 1), fill=fill)


def gradient(size: tuple[int, int], corners: tuple[Colour, Colour, Colour, Colour]) -> Image.Image:
    """Blend four colours over a picture from its corners: top left, top right, bottom left, bottom right."""
    seed = Image.new("RGB", (2, 2))
    for index, colour in enumerate(corners):
        seed.paste(colour, (index % 2, index // 2, index % 2 + 1, index // 2 + 1))
    # Pillow spreads the colour of a pixel's middle: the box makes the corners' colours sit in the corners.
    return seed.resize(size, Image.Resampling.BILINEAR, box=(0.5, 0.5, 1.5, 1.5))


def _mask(box: Box) -> tuple[Image.Image, tuple[int, int]]:
    """Make an empty mask around ``box``, oversampled, and tell where its corner lies on the picture."""
    left, top = int(box[0] // 1), int(box[1] // 1)
    size = (int(-(-box[2] // 1)) - left, int(-(-box[3] // 1)) - top)
    return Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING)), (left, top)


def _paint(image: Image.Image, mask: Image.Image, at: tuple[int, int], fill: Colour | Image.Image) -> None:
    smooth = mask.reduce(OVERSAMPLING)
    box = (at[0], at[1], at[0] + smooth.width, at[1] + smooth.height)
    image.paste(fill.crop(box) if isinstance(fill, Image.Image) else fill, box, smooth)
