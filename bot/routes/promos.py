"""What answers about promo codes and who brings by them."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.admin import promos, promoters
from bot.routing import Handler, Route
from bot.screen import Screen

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.OpenPromos: Route(promos.open_list, group=True),
    taps.OpenPromo: Route(promos.open_promo, group=True),
    taps.PromoUses: Route(promos.uses, group=True),
    taps.NewPromo: Route(promos.new, group=True),
    taps.AnswerPromo: Route(promos.answer, promos.again, group=True, keeps=True),
    taps.AddPromoter: Route(promoters.add_for, promos.again, group=True, keeps=True),
    taps.AskDraft: Route(promos.ask_draft, promos.again, group=True, keeps=True),
    taps.FinishDraft: Route(promos.finish, promos.again, group=True, keeps=True),
    taps.CreatePromo: Route(promos.create, promos.again, group=True, keeps=True),
    taps.EditPromo: Route(promos.ask_anew, promos.open_promo, group=True),
    taps.TurnPromo: Route(promos.turn, promos.open_promo, group=True),
    taps.OpenPromoters: Route(promoters.open_list, group=True),
    taps.OpenPromoter: Route(promoters.open_promoter, group=True),
    taps.NewPromoter: Route(promoters.new, group=True),
    taps.AnswerRate: Route(promoters.answer_rate, promoters.open_list, group=True, keeps=True),
    taps.EditPromoter: Route(promoters.ask_anew, promoters.open_promoter, group=True),
    taps.TurnPromoter: Route(promoters.turn, promoters.open_promoter, group=True),
}

COMMANDS: Mapping[str, Handler] = {"promos": promos.command}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {
    promos.NEW: promos.answered,
    promos.ANEW: promos.answered,
    promoters.NEW: promoters.answered,
    promoters.ANEW: promoters.answered_anew,
}
