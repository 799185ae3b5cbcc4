"""News to many: the draft, whom it is for, the card that says how far it is, and the message that people get."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Rows, Screen, SentPhoto, Style
from bot.screens import admin, counter
from bot.screens.room import begun, paired
from bot.screens.shop import cut
from bot.taps.news import Field
from core.broadcasts import rules
from core.broadcasts.rules import Act, Audience, Bought, Broadcast, Content, Fate, Goal, Otherwise, Segment, State
from core.broadcasts.service import Report
from core.catalog.rules import Catalogue, Category, Product
from core.i18n import LANGUAGES, Translator
from core.people.rules import Question
from core.shipping.rules import place, provinces

EXCERPT, NAME, PAGE = 60, 40, 12
STEERS = {State.SENDING: (Act.PAUSE,), State.PAUSED: (Act.RESUME, Act.CANCEL)}  # ended for good by two taps, never one
STYLES = {Act.RESUME: Style.PRIMARY, Act.CANCEL: Style.DANGER}
ENDED = (Fate.SENT, Fate.BLOCKED, Fate.LEFT, Fate.FAILED, Fate.UNSURE)


def listing(t: Translator, found: Sequence[Report], zone: ZoneInfo) -> Screen:
    """The newest broadcasts, each with how far it is."""
    lines = [_title(t, one, zone) for one in found]
    text = Markup("\n").join([t.html("news.title"), Markup(), *(lines or [t.html("news.none")])])
    ways = [
        Button(t("button.news_one", number=one.broadcast.id), taps.OpenBroadcast(one.broadcast.id)) for one in found
    ]
    new = (Button(t("button.begin_news"), taps.BeginNews(), style=Style.PRIMARY),)
    return Screen(text, (new, *paired(ways, 3), admin.back(t)))


def _title(t: Translator, one: Report, zone: ZoneInfo) -> Markup:
    when = t.when(one.broadcast.started_at or one.broadcast.created_at, zone)
    state = t(f"news.state.{one.broadcast.state}")
    words = next((_plain(said.html, EXCERPT // 2) for said in one.broadcast.content.words.values()), "")
    return t.html("news.line", number=one.broadcast.id, when=when, state=state, words=words)


def _plain(html: str, longest: int) -> str:
    return cut(" ".join(Markup(html).striptags().split()), longest)  # noqa: S704 - as Telegram wrote it, tags taken off


# ── the draft ────────────────────────────────────────────────────────────────────────────────────────────────────────
def draft(t: Translator, one: Broadcast, audience: Audience, catalogue: Catalogue, *, private: bool = True) -> Screen:
    """What it says in each language, where its button leads, whom it is for and how many those are; what comes next.

    In their own chat (``private``) the next message is its words; in a group the language is tapped first.
    """
    words = [_said(t, one.content, language) for language in LANGUAGES]
    leads = t.html("news.goal", goal=_goal(t, one, catalogue))
    to = t.html("news.to", whom=whom(t, one.segment, catalogue))
    lines = [t.html("news.draft", number=one.id), Markup(), *words, Markup(), leads, to, Markup(),
             *_people(t, audience)]  # fmt: skip
    if not one.content.words:
        lines += [t.html("news.begin_here" if private else "news.begin_group")]
    return Screen(Markup("\n").join(lines), _draft_rows(t, one, audience))


def _said(t: Translator, content: Content, language: str) -> Markup:
    name, words = t(f"news.language.{language}"), content.words.get(language)
    if words is None:
        key = {Otherwise.ASK: "news.lacks"}.get(content.otherwise, f"news.lacks_{content.otherwise}")
        return t.html(key if content.words else "news.lacks", language=name)
    photo = "🖼 " if words.photo else ""
    return t.html("news.says", language=name, words=photo + _plain(words.html, EXCERPT))


def _goal(t: Translator, one: Broadcast, catalogue: Catalogue) -> str:
    content = one.content
    there: Mapping[int, Category | Product] = {}
    if content.goal in {Goal.CATEGORY, Goal.PRODUCT}:
        there = catalogue.categories if content.goal is Goal.CATEGORY else catalogue.products
    found = there.get(content.goal_id)
    return cut(t.pick(found.name_en, found.name_km), NAME) if found else t(f"news.goals.{content.goal.name.lower()}")


def whom(t: Translator, segment: Segment, catalogue: Catalogue) -> str:
    """Name everything that leaves somebody out, after the one thing that always does."""
    parts = [t("news.whom.all")]
    if segment.language:
        parts.append(t(f"news.language.{segment.language}"))
    if segment.bought is not Bought.ANY:
        parts.append(t(f"news.whom.{segment.bought}"))
    if segment.days:
        parts.append(t("news.whom.days", days=segment.days))
    if segment.province and (found := place(segment.province)):
        parts.append(t.pick(found.name_en, found.name_km))
    if segment.category_id:
        category = catalogue.categories.get(segment.category_id)
        name = cut(t.pick(category.name_en, category.name_km), NAME) if category else "?"
        parts.append(t("news.whom.category", name=name))
    return " · ".join(parts)


def _people(t: Translator, audience: Audience) -> list[Markup]:
    found = [t.html("news.people", language=t(f"news.language.{language}"), count=f"{count:,}")
             for language, count in audience.by_language.items()]  # fmt: skip
    return [*found, *([t.html("news.elsewhere", count=f"{audience.elsewhere:,}")] if audience.elsewhere else [])]


def _spoken(one: Broadcast) -> list[str]:
    """The languages that it speaks."""
    return [language for language in LANGUAGES if language in one.content.words]


def _write(t: Translator, one: Broadcast, languages: Iterable[str]) -> list[Button]:
    return [Button(t(f"button.news_words_{language}"), taps.AskNewsWords(one.id, language)) for language in languages]


def _look(t: Translator, one: Broadcast) -> list[Button]:
    return [
        Button(t(f"button.news_preview_{language}"), taps.PreviewNews(one.id, language)) for language in _spoken(one)
    ]


def _draft_rows(t: Translator, one: Broadcast, audience: Audience) -> Rows:
    said = _spoken(one)
    drop = [Button(t(f"button.news_drop_{language}"), taps.DropNewsWords(one.id, language)) for language in said]
    ways = [
        Button(t("button.news_whom"), taps.NewsSegment(one.id)),
        Button(t("button.news_goal"), taps.NewsGoal(one.id)),
    ]
    choose = [Button(t(f"button.news_{chosen}"), taps.NewsOtherwise(one.id, one.stamp, chosen))
              for chosen in (Otherwise.OTHER, Otherwise.NOTHING) if said and rules.lacking(one)
              and chosen is not one.content.otherwise]  # fmt: skip
    send = Button(t("button.news_send", count=f"{audience.total:,}"), taps.SureNews(one.id), style=Style.PRIMARY)
    discard = Button(t("button.news_discard"), taps.DiscardNews(one.id, one.stamp))
    back = Button(t("button.back"), taps.OpenNews())
    return (*paired(_write(t, one, LANGUAGES)), *paired([*_look(t, one), *drop]), *paired(choose), *paired(ways),
            *([(send,)] if said else []), (discard,), (back,))  # fmt: skip


def ask_words(t: Translator, one: Broadcast, language: str, me: Me, question: Question) -> Screen:
    """Ask for a text, or a photo with a caption: it comes as it is formatted."""
    what = t.html("news.ask_words", language=t(f"news.language.{language}"))
    return counter.ask_either(t, what, me, question, taps.OpenBroadcast(one.id))


def ask_product(t: Translator, one: Broadcast, me: Me, question: Question) -> Screen:
    """Ask for a product by its name."""
    return counter.ask_either(t, t.html("news.ask_product"), me, question, taps.NewsGoal(one.id))


def goals(t: Translator, one: Broadcast, catalogue: Catalogue) -> Screen:
    """Where its button could lead: nowhere, the shop, a shelf, a product."""
    text = t.html("news.ask_goal", goal=_goal(t, one, catalogue))
    ways = [Button(t(f"news.goals.{goal.name.lower()}"), taps.PointNews(one.id, one.stamp, goal, 0))
            for goal in (Goal.NONE, Goal.SHOP)]  # fmt: skip
    shelves = [Button(cut(t.pick(shelf.name_en, shelf.name_km), NAME),
                      taps.PointNews(one.id, one.stamp, Goal.CATEGORY, shelf.id))
               for shelf in catalogue.filled()[: 2 * PAGE]]  # fmt: skip
    product = (Button(t("button.news_product"), taps.AskNewsProduct(one.id)),)
    return Screen(text, (*paired(ways), product, *paired(shelves), _to_draft(t, one)))


def _to_draft(t: Translator, one: Broadcast) -> tuple[Button, ...]:
    return (Button(t("button.back"), taps.OpenBroadcast(one.id)),)


def segment(t: Translator, one: Broadcast, audience: Audience, catalogue: Catalogue) -> Screen:
    """Whom it is for and how many those are; one button for each thing to choose."""
    lines = [t.html("news.to", whom=whom(t, one.segment, catalogue)), Markup(), *_people(t, audience)]
    ways = [Button(t(f"button.news_by_{field.name.lower()}"), taps.NewsChoices(one.id, field, 0)) for field in Field]
    return Screen(Markup("\n").join(lines), (*paired(ways), _to_draft(t, one)))


def choices(t: Translator, one: Broadcast, field: Field, page: int, catalogue: Catalogue) -> Screen:
    """The values of one field; of many a page."""
    found = _values(t, field, catalogue)
    pages = max((len(found) + PAGE - 1) // PAGE, 1)
    page = min(max(page, 0), pages - 1)
    ways = [Button(begun(words), taps.NarrowNews(one.id, one.stamp, field, value))
            for value, words in found[page * PAGE : (page + 1) * PAGE]]  # fmt: skip
    turn = [Button(sign, taps.NewsChoices(one.id, field, to)) for sign, to in (("‹", page - 1), ("›", page + 1))
            if 0 <= to < pages]  # fmt: skip
    asked = t.html("news.choose", what=t(f"button.news_by_{field.name.lower()}"))
    text = Markup("\n").join([asked, t.html("news.to", whom=whom(t, one.segment, catalogue))])
    back = (Button(t("button.back"), taps.NewsSegment(one.id)),)
    return Screen(text, (*paired(ways), *([tuple(turn)] if turn else []), back))


def _values(t: Translator, field: Field, catalogue: Catalogue) -> list[tuple[str, str]]:
    everybody = ("", t("news.whom.everybody"))
    match field:
        case Field.LANGUAGE:
            return [everybody, *((language, t(f"news.language.{language}")) for language in LANGUAGES)]
        case Field.BOUGHT:
            return [(one.value, t(f"news.whom.{one}")) for one in Bought]
        case Field.DAYS:
            return [(str(days), t("news.whom.days", days=days) if days else everybody[1]) for days in rules.SILENCES]
        case Field.PROVINCE:
            return [everybody, *((one.code, t.pick(one.name_en, one.name_km)) for one in provinces(t.language))]
        case Field.CATEGORY:
            shelves = catalogue.filled()
            return [
                ("0", everybody[1]),
                *((str(one.id), cut(t.pick(one.name_en, one.name_km), NAME)) for one in shelves),
            ]


def sure(t: Translator, one: Broadcast, audience: Audience, catalogue: Catalogue) -> Screen:
    """The last look: how many, who they are; it cannot be called back from who got it."""
    lines = [t.html("news.sure", count=f"{audience.total:,}"), Markup(), *_people(t, audience),
             t.html("news.to", whom=whom(t, one.segment, catalogue))]  # fmt: skip
    send = Button(t("button.news_really"), taps.SendNews(one.id, one.stamp), style=Style.DANGER)
    return Screen(Markup("\n").join(lines), ((send,), _to_draft(t, one)))


# ── how it goes ──────────────────────────────────────────────────────────────────────────────────────────────────────
def card(t: Translator, found: Report, zone: ZoneInfo, *, quiet: bool) -> Screen:
    """How far it is, in exact figures: what became of each copy, and how many wait."""
    one = found.broadcast
    state = t("news.night") if quiet and one.state is State.SENDING else t(f"news.state.{one.state}")
    lines = [t.html("news.card", number=one.id, state=state, name=cut(found.author, NAME),
                    when=t.when(one.started_at or one.created_at, zone))]  # fmt: skip
    if one.state is State.SENDING and not one.is_listed:
        lines.append(t.html("news.listing"))
    elif one.started_at is not None:
        lines += [Markup(), *_figures(t, found)]
    if one.finished_at is not None and one.started_at is not None:
        lines.append(t.html("news.finished", when=t.when(one.finished_at, zone)))
    stopped = one.state is State.PAUSED and one.trouble.stopped
    lines += [Markup(), *_stopped(t, one)] if stopped else []
    steer = [Button(t(f"button.news_{act}"), taps.SteerNews(one.id, act), style=STYLES.get(act))
             for act in STEERS.get(one.state, ())]  # fmt: skip
    look = Button(t("button.refresh"), taps.OpenBroadcast(one.id))
    rows = paired([*steer, *([look] if steer else []), Button(t("button.news"), taps.OpenNews())])
    return Screen(Markup("\n").join(lines), (*(_mending(t, one) if stopped else ()), *rows))


def _stopped(t: Translator, one: Broadcast) -> list[Markup]:
    """Why it stopped by itself, in Telegram's words, and what helps."""
    trouble = one.trouble
    said = t.html("news.trouble.says", why=cut(trouble.why, 2 * EXCERPT))
    return [t.html("news.trouble.stopped", count=trouble.row), said, t.html(f"news.trouble.{trouble.fate}")]


def _mending(t: Translator, one: Broadcast) -> Rows:
    """The ways to write its words anew and to look at them, in the languages it speaks."""
    return (*paired(_write(t, one, _spoken(one))), *paired(_look(t, one)))


def _figures(t: Translator, found: Report) -> list[Markup]:
    counts, total = found.counts, sum(found.counts.values())
    gone = sum(counts[fate] for fate in ENDED)
    left = counts[Fate.WAITING] + counts[Fate.SENDING]
    lines = [t.html("news.progress", done=f"{gone:,}", total=f"{total:,}", percent=100 * gone // max(total, 1))]
    lines += [t.html(f"news.fate.{fate}", count=f"{counts[fate]:,}") for fate in ENDED
              if counts[fate] or fate is Fate.SENT]  # fmt: skip
    if left:
        key = "news.not_sent" if found.broadcast.state is State.CANCELLED else "news.fate.waiting"
        lines.append(t.html(key, count=f"{left:,}"))
    return lines


# ── what people get ──────────────────────────────────────────────────────────────────────────────────────────────────
def news(t: Translator, one: Broadcast) -> Screen:
    """The message as it comes in this language: words, picture, where it leads, and the way to hear no more."""
    words = one.content.words[t.language]
    rows: Rows = ((Button(t("button.stop_news"), taps.StopNews()),),)
    if (goal := one.content.goal) is not Goal.NONE:
        lead = Button(t(f"button.news_to_{goal.name.lower()}"), taps.FollowNews(one.id), style=Style.PRIMARY)
        rows = ((lead,), *rows)
    text = Markup(words.html)  # noqa: S704 - an admin's own message, as Telegram wrote its formatting down
    return Screen(text, rows, SentPhoto(words.photo) if words.photo else None)
