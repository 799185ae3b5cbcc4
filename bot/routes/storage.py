"""What answers about the house's own care: alerts, work, the panel."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.counter import storage, upkeep
from bot.routing import Handler, Route
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.OpenAlert: Route(storage.open_alert, group=True),
    taps.AskSnooze: Route(storage.ask_snooze, storage.open_alert, group=True),
    taps.SnoozeAlert: Route(storage.snooze, storage.open_alert, group=True, owed=MessageKind.WATCH),
    taps.AcknowledgeAlert: Route(storage.acknowledge, storage.open_alert, group=True, owed=MessageKind.WATCH),
    taps.StartWork: Route(storage.start_work, group=True),
    taps.OpenStorage: Route(upkeep.panel, group=True),
    taps.PreviewCleanup: Route(upkeep.clean, group=True),
    taps.OpenAside: Route(upkeep.aside, group=True),
    taps.BringBack: Route(upkeep.bring_back, upkeep.aside, group=True),
    taps.ListBackups: Route(upkeep.listing, group=True),
    taps.PinBackup: Route(upkeep.pin, upkeep.listing, group=True),
    taps.LargeFiles: Route(upkeep.large, group=True),
    taps.EmergencyPlan: Route(upkeep.plan, group=True),
    taps.RunEmergency: Route(upkeep.relieve, upkeep.plan, group=True),
    taps.RunDoctor: Route(upkeep.examine, group=True),
}

COMMANDS: Mapping[str, Handler] = {"storage": upkeep.storage_command}
