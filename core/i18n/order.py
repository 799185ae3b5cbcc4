"""In which order names are listed: English by its letters, Khmer as its dictionary has it.

Unicode writes a Khmer syllable as consonant, vowel, subscript in rising numbers, which is the order of Chuon Nath's
dictionary too: bare consonants, then those with a vowel, then those with a subscript. Three things differ and are put
right here: vowels that are written with a sign count as one and stand last, an independent vowel stands with the
letters it sounds like, and the signs that only colour a sound do not count.
"""

import re

_SOUNDS = {
    "ឥ": "អិ", "ឦ": "អី", "ឧ": "អុ", "ឩ": "អូ", "ឪ": "អូវ", "ឯ": "អេ", "ឰ": "អៃ", "ឱ": "អោ", "ឲ": "អោ", "ឳ": "អៅ",
    "ឫ": "រិ", "ឬ": "រី", "ឭ": "លិ", "ឮ": "លី",
}  # fmt: skip
_SILENT = dict.fromkeys(map(chr, range(0x17C9, 0x17D2)), "") | {"\u200b": ""}
_DIGITS = dict(zip("០១២៣៤៥៦៧៨៩", "0123456789", strict=True))
_TABLE = str.maketrans(_SOUNDS | _SILENT | _DIGITS)
_U, _AA, _E, _OO, _NIKAHIT, _REAHMUK = map(chr, (0x17BB, 0x17B6, 0x17C1, 0x17C4, 0x17C6, 0x17C7))
_SIGNED = (_U + _NIKAHIT, _NIKAHIT, _AA + _NIKAHIT, _REAHMUK, _U + _REAHMUK, _E + _REAHMUK, _OO + _REAHMUK)
_PLACE = {vowel: chr(0x17C6 + place) for place, vowel in enumerate(_SIGNED)}
_VOWEL = re.compile("|".join(sorted(_SIGNED, key=len, reverse=True)))


def alphabetical(text: str, language: str) -> tuple[str, str]:
    """Give the key to sort a name by in a language; names that differ only in silent signs stay apart."""
    if language != "km":
        return text.casefold(), text
    return _VOWEL.sub(lambda found: _PLACE[found[0]], text.translate(_TABLE)), text
