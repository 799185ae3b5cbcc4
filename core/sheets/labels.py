"""What a category is called in a file, the same on its way out and in: its English name where that means no other."""

from collections import defaultdict
from collections.abc import Iterable

from core.sheets.rules import folded

Shelf = tuple[int, str, str, str]
"""Id, slug and both names."""


def meanings(shelves: Iterable[Shelf]) -> defaultdict[str, set[int]]:
    """Tell which categories each name can mean; folded, "" means none."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for shelf, *names in shelves:
        for name in filter(None, map(folded, names)):
            found[name].add(shelf)
    return found


def names(shelves: Iterable[Shelf]) -> dict[int, str]:
    """Name each category so that nobody takes it for another: in English, else by its slug."""
    known = list(shelves)
    meant = meanings(known)
    english = {shelf: " ".join(name.split()) for shelf, _word, name, _khmer in known}
    return {shelf: english[shelf] if meant.get(folded(english[shelf])) == {shelf} else word
            for shelf, word, *_ in known}  # fmt: skip
