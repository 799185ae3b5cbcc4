"""The shop's colours on pictures: one family of five tones for each mood."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Five tones of one colour, hexadecimal: ``deep`` for words, ``main`` and ``light`` for shapes, two for grounds."""

    deep: str
    main: str
    light: str
    soft: str
    pale: str


ROSE = Palette("#5A1A33", "#C2416B", "#EE8FAA", "#F9CFD8", "#FFF3F1")
PLUM = Palette("#3B1F4D", "#7E4B9E", "#B48BD0", "#E2D0EE", "#FAF4FC")
SAGE = Palette("#1F3D33", "#4F8A72", "#93BFA8", "#CFE3D6", "#F4F9F3")
SAND = Palette("#4A3420", "#B0804A", "#DCB583", "#F2DFC3", "#FFF9EF")
SEA = Palette("#143A4A", "#2F7F95", "#80B9C6", "#C8E3E8", "#F2FAFA")
CORAL = Palette("#5C2415", "#D8643F", "#F2A385", "#FBD7C7", "#FFF5EF")

PALETTES = {"rose": ROSE, "plum": PLUM, "sage": SAGE, "sand": SAND, "sea": SEA, "coral": CORAL}
"""By name, in the order in which categories take them."""
