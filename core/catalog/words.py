"""How a word is written and how it sounds, in Khmer and in Latin letters: pure.

Khmer has no spaces between words and allows one word several orders of its marks (Unicode 15, 16.4), so it is folded to
one order without the marks that people leave out. Its Latin spellings follow no standard: ``sound`` brings a Khmer
word to its consonants and four rough vowels, ``heard`` makes a pattern of what somebody may mean by Latin letters.
"""

import re
import unicodedata
from functools import lru_cache

_LEFT_OUT = (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x17B4, 0x17B5, *range(0x17C9, 0x17D2), 0x17DD)
_SAME = dict.fromkeys(_LEFT_OUT) | {ord("ឲ"): "ឱ"} | {0x17E0 + digit: str(digit) for digit in range(10)}
_KHMER = "\u1780-\u17d3"
_LETTER = "ក-អf"
_RUN = re.compile(f"[{_KHMER}]+|[^\\W_{_KHMER}]+")
_ORDER = (
    (re.compile("ំា"), "ាំ"),
    (re.compile("េា|ាេ"), "ោ"),
    (re.compile("េី|ីេ"), "ើ"),
    (re.compile("([ា-ះ]+)((?:្[ក-អ])+)"), r"\2\1"),
    (re.compile("្រ((?:្[ក-អ])+)"), r"\1្រ"),
    (re.compile("្ដ"), "្ត"),
    (re.compile("ុ([ាិីឹឺូើ])|([ិីឹឺើ])ុ"), r"\1\2"),  # ុ under a vowel that stands above is how ៉ and ៊ are drawn
)
_SILENT = re.compile("[ក-អ][ិុ]?៍")
_SOUNDING = (
    (re.compile("ហ្វ"), "f"),
    (re.compile("ហ្(?=[ក-អ])"), ""),
    (re.compile(f"([{_LETTER}])ំ"), r"\1ុំ"),
    (re.compile(f"([{_LETTER}])ះ"), r"\1ាះ"),
    (re.compile(f"([{_LETTER}])(?![ា-ៈ្])"), r"\1*"),
)
_CONSONANTS = {"k": "កខគឃ", "N": "ង", "c": "ចឆជឈ", "n": "ញណន", "t": "ដឋឌឍតថទធ", "p": "បផពភ", "m": "ម", "y": "យ",
               "r": "រ", "l": "លឡ", "w": "វ", "s": "សឝឞ", "h": "ហ", "": "អ្"}  # fmt: skip
_VOWELS = {"A": "ាែៃឯឰ", "I": "ិីៀឥឦ", "E": "ឹឺើឿេ", "U": "ុូួោៅឧឨឩឪឱឳ", "rE": "ឫឬ", "lE": "ឭឮ", "m": "ំ", "H": "ះៈ"}
_SOUNDS = {ord(letter): sound for table in (_CONSONANTS, _VOWELS) for sound, letters in table.items()
           for letter in letters}  # fmt: skip

_SPELT = re.compile(r"chh|[cspktgd]h|ng|n[hy](?=[aeiou])|ck|[aeiou]+|[a-z]")
_LATIN = {"chh": "c", "ch": "c", "j": "c", "c": "[kc]", "sh": "s", "s": "[sH]", "z": "s", "x": r"k\*?s", "ph": "[pf]",
          "f": "[fp]", "b": "p", "th": "t", "dh": "t", "d": "t", "kh": "k", "gh": "k", "g": "[kc]", "ck": "k", "q": "k",
          "ng": "N", "nh": "n", "ny": "n", "n": "[nN]", "v": "w", "h": "[hH]?", "r": "r?"}  # fmt: skip
_SPELT_VOWELS = {"a": "[A*]?", "aa": "[A*]", "o": "[UA*]", "u": "[UE*]", "oo": "[U*]", "ou": "[U*]", "e": "[EIA*]",
                 "i": "[IE*]", "ee": "[IE*]", "y": "[IEy]"}  # fmt: skip
_AFTER_VOWEL = r"(?:[ryh]\*|H)?"


@lru_cache(8192)
def fold(text: str) -> str:
    """Write a text as it is compared: small letters, no accents, Latin digits, Khmer marks in one order."""
    text = unicodedata.normalize("NFKD", text.translate(_SAME)).casefold()
    text = "".join(c for c in text if not "\u0300" <= c <= "\u036f") if not text.isascii() else text
    if not text.isascii():
        for pattern, written in _ORDER:
            text = pattern.sub(written, text)
    return text.replace("'", "").replace("’", "")


def terms(text: str) -> list[str]:
    """Split a folded text into runs of one script; the Latin ones in the singular."""
    return [run if khmer(run) else stem(run) for run in _RUN.findall(text)]


def khmer(term: str) -> bool:
    """Whether a run is Khmer."""
    return "\u1780" <= term[:1] <= "\u17d3"


def stem(word: str) -> str:
    """Take the plural off an English word, roughly; both sides of a comparison go through it."""
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004 - "pies" stays
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):  # noqa: PLR2004 - "axes" stays
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004


def misspelt(word: str) -> set[str]:
    """Leave out each letter once: two words that meet here differ by a letter missing, added, changed or turned."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def sound(text: str) -> str:
    """Say a Khmer text in rough letters, ``*`` for a vowel that is not written: សាប៊ូ is ``sApU``, សក់ is ``s*k*``."""
    text = fold(_SILENT.sub("", text))
    for pattern, written in _SOUNDING:
        text = pattern.sub(written, text)
    return re.sub(r"\*{2,}", "*", text.translate(_SOUNDS))


@lru_cache(1024)
def heard(line: str) -> re.Pattern[str] | None:
    """Make the pattern that finds in a ``sound`` what Latin letters may stand for; None for fewer than three.

    Several words are heard one right after the other, as Khmer is written.
    """
    line = re.sub(r"([b-df-hj-np-tv-z])\1", r"\1", line)
    together = line.replace(" ", "")
    if len(together) < 3 or len(_SPELT.findall(line)) < 2 or not (together.isascii() and together.isalpha()):  # noqa: PLR2004 - too little to hear
        return None
    return re.compile(r"\*?".join(map(_heard, line.split())))


def _heard(word: str) -> str:
    parts, units = list[str](), _SPELT.findall(word)
    for unit, after in zip(units, [*units[1:], ""], strict=True):
        if unit[0] in "aeiou" or (unit == "y" and not after):
            parts.append(_SPELT_VOWELS.get(unit, "[AEIU*]y?") + _AFTER_VOWEL)
        else:
            between = r"(?![AEIU])" if not after else "" if after[0] in "aeiou" else r"\*?"
            parts.append(_LATIN.get(unit, unit) + between)
    return "".join(parts)


_BONES = {"[kc]": "k", "[sH]": "s", "[pf]": "p", "[fp]": "f", "[nN]": "n", "[hH]?": "", "r?": "r", r"k\*?s": "ks"}


@lru_cache(65536)
def bones_latin(word: str) -> str:
    """Keep the consonants of an English word, with a ``*`` for the vowels between them."""
    word = re.sub(r"([b-df-hj-np-tv-z])\1", r"\1", word)
    said = ["*" if u[0] in "aeiou" else _BONES.get(_LATIN.get(u, u), _LATIN.get(u, u)) for u in _SPELT.findall(word)]
    return "".join(said).strip("*")


def bones_khmer(said: str) -> str:
    """Keep the consonants of a ``sound`` in the same way."""
    return re.sub("[AEIU*]+", "*", said).replace("N", "n").replace("H", "").strip("*")
