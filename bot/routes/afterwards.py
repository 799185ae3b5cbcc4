"""What answers the taps of what comes after: orders, opinions, help, points, settings, the person's own data."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.customer import helping, history, news, orders, paying, points, privacy, reviews, settings, storefront
from bot.routing import Route
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.MyPoints: Route(points.my_points),
    taps.Settings: Route(settings.settings),
    taps.Hear: Route(settings.hear),
    taps.HearNews: Route(settings.hear_news, storefront.home_below),
    taps.StopReminders: Route(settings.stop_reminders),
    taps.FollowNews: Route(news.follow, group=True),
    taps.StopNews: Route(news.stop, group=True),
    taps.OpenHelp: Route(helping.open_help),
    taps.CloseHelp: Route(helping.close, group=True),
    taps.MyOrders: Route(history.my_orders),
    taps.TurnOrders: Route(history.turn),
    taps.BuyAgain: Route(history.buy_again),
    taps.OpenOrder: Route(orders.open_order, group=True),
    taps.MoveOrder: Route(orders.move, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.AskCancel: Route(orders.ask_cancel, group=True),
    taps.CancelOrder: Route(orders.cancel, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.HaveReceived: Route(orders.received, orders.open_order),
    taps.NewQr: Route(orders.new_qr, orders.open_order),
    taps.IHavePaid: Route(paying.i_have_paid, orders.open_order),
    taps.SayPaid: Route(paying.say_paid, orders.open_order),
    taps.GetReceipt: Route(orders.receipt),
    taps.MyData: Route(privacy.my_data),
    taps.ExportData: Route(privacy.export, privacy.my_data),
    taps.AskDelete: Route(privacy.ask_delete, privacy.my_data),
    taps.DeleteMe: Route(privacy.delete_me, privacy.ask_once_more),
    taps.JudgeOrder: Route(reviews.judge_order),
    taps.JudgeLine: Route(reviews.judge_line, reviews.judge_order),
    taps.GiveStars: Route(reviews.give_stars, reviews.judge_order),
    taps.DropWords: Route(reviews.drop_words, reviews.judge_order),
    taps.HideOpinion: Route(reviews.hide, reviews.at_counter, group=True),
}
