"""Which products a typed line means, kept in memory beside the catalogue: pure.

A word is looked for as it is written, then by its beginning, and only where neither is found by what it may have been
meant for: a letter wrong, or the same sound in the other script. 10,000 products cost some milliseconds a line.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from core.catalog import words

LONGEST = 60
"""As many characters of a line are looked for."""
TERMS = 6
NAME, ASIDE = 3.0, 1.0
"""What a word in the name weighs, and one in the variants, the shelf or the article number."""
EXACT, BEGINNING, SOUND, TYPO, SCATTERED = 1.0, 0.8, 0.6, 0.5, 0.4
TYPO_FROM = 4
ENOUGH = 0.6
"""This share of a Khmer line's pairs of letters must be in a name that does not hold the line as a whole."""
FILLERS = frozenset({"a", "an", "the", "for", "of", "and", "with", "in", "to"})

Scores = dict[int, float]


@dataclass(slots=True)
class Index:
    """Texts by product id. ``put`` and ``drop`` keep it true one product at a time."""

    _texts: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _words: dict[str, Scores] = field(default_factory=dict)
    _typos: dict[str, set[str]] = field(default_factory=dict)
    _bones: dict[str, set[str]] = field(default_factory=dict)
    _khmer: dict[int, tuple[str, str]] = field(default_factory=dict)
    _pairs: dict[str, set[int]] = field(default_factory=dict)
    _sounds: dict[int, str] = field(default_factory=dict)
    _sorted: list[str] = field(default_factory=list)

    def put(self, product_id: int, name_en: str, name_km: str, aside: Iterable[str]) -> None:
        """Read a product's texts; nothing is done where they are what they were (only stock or price moved)."""
        texts = (name_en, name_km, *aside)
        if self._texts.get(product_id) == texts:
            return
        self.drop(product_id)
        self._texts[product_id] = texts
        name, rest = f"{words.fold(name_en)} {words.fold(name_km)}", " ".join(map(words.fold, texts[2:]))
        for term in set(words.terms(rest)):
            self._add(term, product_id, ASIDE)
        for term in set(words.terms(name)):
            self._add(term, product_id, NAME)
        self._khmer[product_id] = name, rest
        for pair in _pairs(name):
            self._pairs.setdefault(pair, set()).add(product_id)
        self._sounds[product_id] = words.sound(name_km)

    def _add(self, term: str, product_id: int, weight: float) -> None:
        if term not in self._words:
            self._words[term] = {}
            self._sorted.clear()
            if not words.khmer(term):
                self._bones.setdefault(words.bones_latin(term), set()).add(term)
                for typo in words.misspelt(term) if len(term) >= TYPO_FROM else ():
                    self._typos.setdefault(typo, set()).add(term)
        self._words[term][product_id] = weight

    def drop(self, product_id: int) -> None:
        """Forget a product. Its words stay, empty, until the index is built anew."""
        texts = self._texts.pop(product_id, ())
        for term in words.terms(" ".join(map(words.fold, texts))):
            self._words.get(term, {}).pop(product_id, None)
        for pair in _pairs(self._khmer.pop(product_id, ("", ""))[0]):
            self._pairs[pair].discard(product_id)
        self._sounds.pop(product_id, None)

    def find(self, line: str) -> Scores:
        """Weigh the products that hold most of the words of a line; none for a line without words."""
        asked = words.terms(words.fold(line[:LONGEST]))
        asked = [term for term in dict.fromkeys(asked) if term not in FILLERS][:TERMS]
        found = [self._in_khmer(term) if words.khmer(term) else self._in_latin(term) for term in asked]
        for number, pair in enumerate(pairwise(asked)):
            for product_id in self._together(*pair):
                for one in found[number : number + 2]:
                    one[product_id] = max(one.get(product_id, 0.0), NAME * SOUND)
        hits: dict[int, tuple[int, float]] = {}
        for one in found:
            for product_id, score in one.items():
                count, sum_ = hits.get(product_id, (0, 0.0))
                hits[product_id] = count + 1, sum_ + score
        most = max((count for count, _ in hits.values()), default=0)
        return {product_id: score for product_id, (count, score) in hits.items() if count == most}

    def _in_latin(self, term: str) -> Scores:
        found = self._gather((word, EXACT if word == term else BEGINNING) for word in self._beginning(term))
        if found:
            return found
        meant = set[str]()
        for typo in words.misspelt(term) if len(term) >= TYPO_FROM else ():
            meant |= self._typos.get(typo, set())
        found = self._gather((word, TYPO) for word in meant)
        pattern = words.heard(term)
        if pattern:
            search = pattern.search
            found |= {number: NAME * SOUND for number, said in self._sounds.items() if search(said)}
        return found

    def _together(self, first: str, second: str) -> Iterable[int]:
        """Who has two Latin words right after each other as one sound, where one is too short to be heard alone."""
        short = [term for term in (first, second) if len(term) < TYPO_FROM and term not in self._words]
        pattern = words.heard(f"{first} {second}") if short else None
        return [number for number, said in self._sounds.items() if pattern.search(said)] if pattern else []

    def _beginning(self, term: str) -> Iterator[str]:
        """Every known word that begins like this."""
        if not self._sorted:
            self._sorted.extend(sorted(self._words))
        place = bisect_left(self._sorted, term)
        while place < len(self._sorted) and self._sorted[place].startswith(term):
            yield self._sorted[place]
            place += 1

    def _gather(self, known: Iterable[tuple[str, float]]) -> Scores:
        """Add up by product: the best of the words that stand for one that was typed."""
        found: Scores = {}
        for word, quality in known:
            for product_id, weight in self._words.get(word, {}).items():
                found[product_id] = max(found.get(product_id, 0.0), weight * quality)
        return found

    def _in_khmer(self, term: str) -> Scores:
        found: Scores = {number: ASIDE for number, (_, rest) in self._khmer.items() if term in rest}
        for number in self._all_pairs(term):
            if term in self._khmer[number][0]:
                found[number] = NAME * (EXACT if f" {term}" in self._khmer[number][0] else BEGINNING)
        if found:
            return found
        said = words.sound(term)
        found = {number: NAME * SOUND for number, heard in self._sounds.items() if said.rstrip("*") in heard}
        bones = words.bones_khmer(said)
        return found | self._gather((w, SOUND) for w in self._bones.get(bones, ())) or self._scattered(term)

    def _all_pairs(self, term: str) -> Iterable[int]:
        """Whoever could hold a term in the name: all who hold each of its pairs of letters."""
        holders = [self._pairs.get(pair, set()) for pair in _pairs(term)]
        return set.intersection(*holders) if holders else self._khmer

    def _scattered(self, term: str) -> Scores:
        """Several words typed without a space, or one with a wrong letter: names that hold most of its pairs."""
        pairs = _pairs(term)
        least = max(2.0, len(pairs) * ENOUGH)
        held = Counter[int]()
        for pair in pairs:
            held.update(self._pairs.get(pair, ()))
        return {number: NAME * SCATTERED * count / len(pairs) for number, count in held.items() if count >= least}


def _pairs(text: str) -> set[str]:
    """Every two letters that follow each other."""
    return {first + second for first, second in pairwise(text)}
