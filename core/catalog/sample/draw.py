"""Draws the sample shop's pictures: `python -m core.catalog.sample.draw [slug …]` writes photos/<slug>.webp.

A product with further photos gets <slug>-2.webp, <slug>-3.webp: the same thing from elsewhere, on another set.
"""

import sys
import zlib
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from core.catalog.sample.data import load, photo
from core.catalog.sample.studio import stage
from core.catalog.sample.studio.camera import Camera, Film, crevices, darkened, paint, shadow
from core.catalog.sample.studio.light import color
from core.catalog.sample.studio.looks import LOOKS, PALETTES
from core.catalog.sample.studio.mesh import Part, placed

SIZE = 1200  # pixels a side of a finished picture
FINER = 3  # drawn this many times as large, then reduced
QUALITY = 84
VIEWS = ((16.0, 3.05, 1.2), (36.0, 3.5, 1.0), (9.0, 4.7, 1.35))
"""How high the camera stands, in degrees, how near it looks, and at which height: of a first, second, third photo."""


def draw(slug: str, category: str, size: int = SIZE, number: int = 1) -> Image.Image:
    """Return a product's picture, `size` pixels a side; the same slug and number always give the same picture."""
    look, seed = LOOKS[slug], zlib.crc32(slug.encode()) + (number - 1) * 3
    palette = PALETTES[category][seed % 2]
    raised, zoom, target = VIEWS[number - 1]
    camera = Camera(size * FINER, target, raised, zoom=zoom)
    film = Film.over(stage.backdrop(palette, camera.size))
    floor = color(palette.floor)
    behind = _behind(palette.behind, seed // 2)
    podium, height = _podium(palette.floor, seed // 16)
    product = placed(look.model(), y=height, size=look.size)
    left = placed(look.left(), -1.06, 0, 1.3, 0.9) if look.left else []
    right = placed(look.right(), 1.06, 0, 1.3, 0.9) if look.right else []
    _cast(film, behind, camera, 0.0, 0.35)
    for part in behind:
        paint(film, part, camera, floor, far=True)
    _cast(film, [podium, *product, *left, *right], camera, 0.0, 0.6)
    paint(film, podium, camera, floor)
    _cast(film, product, camera, height, 0.75, on=podium)
    for part in [*product, *left, *right]:
        paint(film, part, camera, floor)
    crevices(film)
    return film.picture.convert("RGB").reduce(FINER)


def _behind(shade: str, seed: int) -> list[Part]:
    """Choose what stands behind."""
    side = 0.35 if seed % 2 else -0.35
    kinds = (
        [stage.disc_behind(shade, 1.42, side)],
        [stage.arch_behind(shade, 1.25, 3.0, side)],
        stage.columns_behind(shade),
        [stage.arch_behind(shade, 0.95, 2.6, side * 2.6), stage.arch_behind(shade, 0.8, 1.9, -side * 2.6)],
    )
    return kinds[seed // 2 % len(kinds)]


def _podium(shade: str, seed: int) -> tuple[Part, float]:
    """Choose what the product stands on, and say how high that is."""
    kinds = (
        (stage.round_podium(shade, 1.38, 0.3), 0.3),
        (stage.slab(shade, 1.32, 1.0, 0.26), 0.26),
        (stage.round_podium(shade, 1.5, 0.16), 0.16),
    )
    return kinds[seed % len(kinds)]


def _cast(
    film: Film, parts: list[Part], camera: Camera, height: float, strength: float, on: Part | None = None
) -> None:
    """Throw the parts' shadow on the level plane at `height`, only where `on` has its top."""
    mask = shadow(parts, camera, height, strength)
    if on is not None:
        top = Image.new("L", mask.size, 0)
        rim = max(on.grid, key=lambda row: (round(row[0][1], 2), abs(row[0][0])))
        ImageDraw.Draw(top).polygon([camera.see(p)[:2] for p in rim], fill=255)
        mask = ImageChops.multiply(mask, top)
    film.picture = darkened(film.picture, mask)


def main(slugs: list[str]) -> None:
    """Draw the pictures of `slugs`, or of every product."""
    for product in load().products:
        if not slugs or product.slug in slugs:
            for number in range(1, product.photos + 1):
                target: Path = photo(product.slug, number)
                draw(product.slug, product.category, SIZE, number).save(target, "WEBP", quality=QUALITY, method=6)
                sys.stdout.write(f"{target.name} {target.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
