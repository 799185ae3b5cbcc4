"""The site's fonts: Noto Sans and Noto Sans Khmer, cut down to what a page can show.

The packages hold one variable font each, of every width and hundreds of languages; at one width, with our letters only,
they are a tenth of the size. Weights from 400 to 700 stay, so headings need no second file.
"""

import fontpkg
import uharfbuzz as hb

WIDTH = 100
WEIGHTS = (400, 700, 400)
"""Lightest, heaviest and default weight of the cut fonts."""

_KHMER = {*range(0x1780, 0x1800), *range(0x19E0, 0x1A00), 0x20, 0x200B, 0x200C, 0x200D, 0x25CC}
_LATIN = {*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2040), 0x20AC, 0x2122, 0x2190, 0x2192, 0x2212}
_SIGNS = {ord(letter) for letter in "ខ្មែរ៛"}

FONTS = {
    "latin.ttf": ("noto-sans", _LATIN),
    "khmer.ttf": ("noto-sans-khmer", _KHMER),
    "signs.ttf": ("noto-sans-khmer", _SIGNS),
}
"""File name → package and letters. ``signs`` is what an English page needs of Khmer: the riel and "ខ្មែរ"."""


def cut(name: str) -> bytes:
    """Cut the font of ``FONTS`` called ``name``: a TrueType file. ``KeyError`` for a name that is not there; 50 ms."""
    family, letters = FONTS[name]
    face = hb.Face(hb.Blob.from_file_path(str(fontpkg.path(family))))
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(letters)
    wanted.pin_axis_location(face, "wdth", WIDTH)
    wanted.set_axis_range(face, "wght", *WEIGHTS)
    made: bytes = hb.subset(face, wanted).blob.data
    return made
