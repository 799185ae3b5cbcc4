"""The camera: a long lens a little above the table, and what it makes of a set of parts.

Surfaces are painted face by face, far ones first; parts are painted in the order given, so a set lists them from back
to front. Crevices are darkened from the depth picture: where the surroundings are nearer than a place, less light
gets in (Luft, Colditz, Deussen, "Image Enhancement by Unsharp Masking the Depth Buffer", 2006).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from core.catalog.sample.studio.light import KEY, Color, Vec, shade, to_pixel
from core.catalog.sample.studio.mesh import Part, cross, unit

Pixel = tuple[float, float]
NEAR, FAR = 8.6, 13.4  # the depths told apart in the depth picture, in units from the eye


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the eye is: `distance` units from `target`, `raised` degrees above it; a unit is about size / 4 pixels."""

    size: int
    target: float = 1.2
    raised: float = 16.0
    distance: float = 11.0
    zoom: float = 3.05

    @property
    def eye(self) -> Vec:
        """Return where the eye is."""
        angle = math.radians(self.raised)
        return (0.0, self.target + self.distance * math.sin(angle), self.distance * math.cos(angle))

    def see(self, point: Vec) -> tuple[float, float, float]:
        """Return (x, y) in pixels and the depth in units."""
        s, c = math.sin(math.radians(self.raised)), math.cos(math.radians(self.raised))
        up = point[1] - self.target
        depth = self.distance - (up * s + point[2] * c)
        scale = self.zoom * self.size / depth
        return (self.size / 2 + point[0] * scale, self.size * 0.5 - (up * c - point[2] * s) * scale, depth)


@dataclass(slots=True)
class Film:
    """The picture being painted, at the camera's size, and its depths at half of it."""

    picture: Image.Image
    depths: Image.Image

    @classmethod
    def over(cls, backdrop: Image.Image) -> "Film":
        """Start with a backdrop."""
        return cls(backdrop, Image.new("L", (backdrop.width // 2, backdrop.height // 2), 0))


Face = tuple[float, list[Pixel], tuple[int, int, int, int]]


def _faces(part: Part, camera: Camera, floor: Color) -> list[Face]:
    """Return the faces the camera sees, far ones first."""
    eye, out = camera.eye, []
    seen = [[camera.see(p) for p in row] for row in part.grid]
    for i, (row, above) in enumerate(pairwise(part.grid)):
        for j in range(len(row) - 1):
            a, b, c, d = row[j], row[j + 1], above[j + 1], above[j]
            n = cross((d[0] - b[0], d[1] - b[1], d[2] - b[2]), (c[0] - a[0], c[1] - a[1], c[2] - a[2]))
            view = (eye[0] - a[0], eye[1] - a[1], eye[2] - a[2])
            away = n[0] * view[0] + n[1] * view[1] + n[2] * view[2] <= 0
            if part.side != "both" and away == (part.side == "front"):
                continue
            n = unit((-n[0], -n[1], -n[2]) if away else n)
            tone, cover = shade(part.material, a, n, unit(view), floor)
            corners = (seen[i][j], seen[i][j + 1], seen[i + 1][j + 1], seen[i + 1][j])
            depth = (corners[0][2] + corners[2][2]) / 2
            out.append((depth, [(s[0], s[1]) for s in corners], to_pixel(tone, cover)))
    out.sort(key=lambda face: -face[0])
    return out


def paint(film: Film, part: Part, camera: Camera, floor: Color, *, far: bool = False) -> None:
    """Paint one part over what is there; what is `far` behind takes no part in crevices."""
    clear = part.material.alpha < 1
    layer = Image.new("RGBA", film.picture.size) if clear else film.picture
    brush, measure = ImageDraw.Draw(layer), ImageDraw.Draw(film.depths)
    for depth, corners, pixel in _faces(part, camera, floor):
        brush.polygon(corners, fill=pixel)
        if not clear and not far:
            level = round(255 * (FAR - depth) / (FAR - NEAR))
            measure.polygon([(x / 2, y / 2) for x, y in corners], fill=max(1, min(255, level)))
    if clear:
        film.picture.alpha_composite(layer)


def crevices(film: Film, strength: float = 5.0) -> None:
    """Darken what lies close behind something nearer."""
    size = film.depths.size
    dark = Image.new("L", size, 0)
    for radius in (size[0] / 110, size[0] / 32):
        around = film.depths.filter(ImageFilter.GaussianBlur(radius))
        dark = ImageChops.add(dark, ImageChops.subtract(around, film.depths))
    there = film.depths.point(lambda v: 255 if v else 0)
    dark = ImageChops.multiply(dark, there).filter(ImageFilter.GaussianBlur(size[0] / 300))
    mask = dark.point(lambda v: min(120, round(v * strength))).resize(film.picture.size, Image.Resampling.BICUBIC)
    film.picture = darkened(film.picture, mask)


def darkened(picture: Image.Image, mask: Image.Image) -> Image.Image:
    """Return the picture with a deeper, more saturated version of itself where the mask is."""
    plain = picture.convert("RGB")
    deep = ImageChops.multiply(ImageChops.multiply(plain, plain), Image.new("RGB", plain.size, (222, 205, 205)))
    return Image.composite(deep, plain, mask).convert("RGBA")


def shadow(parts: Sequence[Part], camera: Camera, height: float, strength: float = 0.5) -> Image.Image:
    """Return the mask of the shadow that parts throw on the level plane at `height`, softer the further it falls."""
    small = Camera(camera.size // 4, camera.target, camera.raised, camera.distance, camera.zoom)
    total = Image.new("L", (small.size, small.size), 0)
    for low, high, blur in ((0.0, 0.22, 0.006), (0.0, 0.9, 0.02), (0.0, 9.0, 0.05)):
        band = Image.new("L", total.size, 0)
        brush = ImageDraw.Draw(band)
        for part in parts:
            _drop(part, brush, small, (height, height + low, height + high))
        band = band.filter(ImageFilter.GaussianBlur(blur * small.size))
        share = strength * 0.5
        total = ImageChops.add(total, band.point(lambda v, share=share: round(v * share)))
    return total.resize((camera.size, camera.size), Image.Resampling.BICUBIC)


def _drop(part: Part, brush: ImageDraw.ImageDraw, camera: Camera, heights: tuple[float, float, float]) -> None:
    """Project every few faces of a part on the plane."""
    plane, low, high = heights
    rows = part.grid[:: max(1, len(part.grid) // 40)]
    rows = rows if rows[-1] is part.grid[-1] else [*rows, part.grid[-1]]
    for row, above in pairwise(rows):
        hop = max(1, len(row) // 48)
        for j in range(0, len(row) - 1, hop):
            k = min(j + hop, len(row) - 1)
            face = (row[j], row[k], above[k], above[j])
            if all(low - 0.02 <= p[1] <= high for p in face):
                brush.polygon([camera.see(_fallen(p, plane))[:2] for p in face], fill=255)


def _fallen(p: Vec, plane: float) -> Vec:
    """Follow the key light through a point down to the plane."""
    t = (p[1] - plane) / max(0.5, KEY[1] - p[1])
    return (p[0] + (p[0] - KEY[0]) * t, plane, p[2] + (p[2] - KEY[2]) * t)
