"""Take rows in, one after the other: what is the same stays, what is bad is named, what the shop changed is kept."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.errors import ShopError
from core.imports import store
from core.imports.madamda import SOURCE, Dump
from core.imports.rules import Known, Remark, Report, Row, Trouble, digest, moment
from core.promotions import store as promotions
from core.settings.rules import Policy
from core.shop import Shop

Tell = Callable[[str, int, int], None]
"""Hears which model is at work, how many of its rows are done, and of how many."""
OFTEN = 50


class Taking:
    """One import under way, within its transaction. ``ids`` say which of ours a row there is, by model and key.

    ``later`` are rows that nothing reads meanwhile, by what ``store.write_all`` calls them: written together.
    """

    def __init__(self, tx: Connection, shop: Shop, dump: Dump, tell: Tell) -> None:
        self.tx, self.dump, self.tell = tx, dump, tell
        self.policy: Policy = shop.policy
        self.zone, self.now = shop.config.zone, shop.clock.now()
        self.report = Report(ignored=dict(dump.ignored) | ({"?": dump.strange} if dump.strange else {}))
        self.known = store.remembered(tx, SOURCE)
        self.ids = {place: one.subject_id for place, one in self.known.items()}
        self.taken, self.gone = store.taken(tx), store.gone(tx)
        self.later: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.fresh: dict[tuple[str, str], tuple[int, str]] = {}
        models = {model for model, _ in self.known}
        self.states = {model: store.states(tx, model, self._subjects(model)) for model in models}

    def _subjects(self, model: str) -> list[int]:
        return [one.subject_id for (name, _), one in self.known.items() if name == model]

    def each(
        self, model: str, rows: Iterable[Row], make: Callable[[Row], int], change: Callable[[Row, int], None],
        said: Callable[[Row], Any] = lambda row: dict(row.fields),
    ) -> None:  # fmt: skip
        """Take the rows of a model in: ``make`` a new one, ``change`` what is another there. ``said``: what it says."""
        todo = list(rows)
        for done, row in enumerate(todo, 1):
            try:
                self._one(model, row, make, change, digest(said(row)))
            except Trouble as trouble:
                self.skip(model, row.key, trouble.cause, trouble.about)
            except ShopError as error:
                self.skip(model, row.key, "refused", error.key.removeprefix("errors."))
            if not done % OFTEN or done == len(todo):
                self.tell(model, done, len(todo))

    def _one(
        self, model: str, row: Row, make: Callable[[Row], int], change: Callable[[Row, int], None], said: str
    ) -> None:
        place, tally = (model, row.key), self.report.of(model)
        known = self.known.get(place)
        if place in self.fresh:
            raise Trouble("twice")
        if known is not None and known.said == said:
            tally.same += 1
            return
        if known is None:
            with store.apart(self.tx):
                subject = make(row)
            tally.new += 1
        elif self.states[model].get(known.subject_id) != known.was:
            tally.kept += 1
            self.remark(model, row.key, "ours_changed")
            return
        else:
            subject = known.subject_id
            with store.apart(self.tx):
                change(row, subject)
            tally.changed += 1
        self.ids[place] = subject
        self.fresh[place] = subject, said

    def skip(self, model: str, key: str, cause: str, about: str = "") -> None:
        """Leave a row out, and say why."""
        self.report.of(model).skipped += 1
        self.report.troubles.append(Remark(model, key, cause, about))

    def remark(self, model: str, key: str, cause: str, about: str = "") -> None:
        """Say something about a row that is taken in."""
        self.report.remarks.append(Remark(model, key, cause, about))

    def id_of(self, model: str, reference: Any) -> int | None:
        """Which of ours a reference means; None where it means nobody, or somebody who was left out."""
        key = self.dump.key_of(model, reference)
        return self.ids.get((model, key)) if key is not None else None

    def finish(self) -> None:
        """Write what was put off, and remember every row that was taken in, and what ours is now."""
        store.write_all(self.tx, self.later)
        if self.later["use"]:
            store.count_uses(self.tx)
            promotions.freeze(self.tx)
        rows: dict[tuple[str, str], Known] = {}
        for model in {model for model, _ in self.fresh}:
            mine = {place: found for place, found in self.fresh.items() if place[0] == model}
            states = store.states(self.tx, model, [subject for subject, _ in mine.values()])
            rows |= {place: Known(subject, said, states.get(subject, "")) for place, (subject, said) in mine.items()}
        store.remember(self.tx, SOURCE, rows, self.now)

    def date(self, row: Row, *names: str) -> datetime:
        """The first date of some fields that can be read, else now; said where it is not what the first one has."""
        found = [one for name in names if (one := moment(row.fields, name, self.zone))]
        said = Remark(row.model, row.key, "date", names[0])
        if (not found or found[0] != moment(row.fields, names[0], self.zone)) and said not in self.report.remarks[-3:]:
            self.report.remarks.append(said)
        return found[0] if found else self.now
