"""What answers about news to many: those who write them, and whoever got them."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.admin import news
from bot.routing import Handler, Route
from bot.screen import Screen
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.OpenNews: Route(news.open_news, group=True),
    taps.BeginNews: Route(news.begin, group=True),
    taps.OpenBroadcast: Route(news.open_broadcast, group=True),
    taps.AskNewsWords: Route(news.ask_words, news.open_broadcast, group=True),
    taps.DropNewsWords: Route(news.drop_words, news.open_broadcast, group=True),
    taps.PreviewNews: Route(news.preview, news.open_broadcast, group=True),
    taps.NewsSegment: Route(news.segment, news.open_broadcast, group=True),
    taps.NewsChoices: Route(news.choices, news.open_broadcast, group=True),
    taps.NarrowNews: Route(news.narrow, news.segment, group=True),
    taps.NewsGoal: Route(news.goals, news.open_broadcast, group=True),
    taps.PointNews: Route(news.point, news.open_broadcast, group=True),
    taps.AskNewsProduct: Route(news.ask_product, news.open_broadcast, group=True),
    taps.NewsOtherwise: Route(news.otherwise, news.open_broadcast, group=True),
    taps.SureNews: Route(news.sure, news.open_broadcast, group=True),
    taps.SendNews: Route(news.send, news.open_broadcast, group=True),
    taps.DiscardNews: Route(news.discard, news.open_broadcast, group=True),
    taps.SteerNews: Route(news.steer, news.open_broadcast, group=True, owed=MessageKind.BROADCAST),
}

COMMANDS: Mapping[str, Handler] = {"news": news.command}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {
    "news_words": news.words_answered,
    "news_product": news.product_answered,
}
