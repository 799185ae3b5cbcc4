"""What answers about lists of goods and codes; the files themselves are found by ``dispatch``.

Lists are taken out in the admin chat too, and taken in where the file was sent: in one's own chat.
"""

from collections.abc import Mapping

from bot import taps
from bot.handlers.admin import sheets
from bot.routing import Route

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.OpenSheets: Route(sheets.open_sheets, group=True),
    taps.ExportSheet: Route(sheets.export, group=True, keeps=True),
    taps.ImportSheet: Route(sheets.take, sheets.look),
    taps.DropSheet: Route(sheets.drop, sheets.look),
}
