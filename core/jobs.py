"""The schedule on one screen, in the shop's time zone. Each job is a plain ``async def job(shop)``.

Rows with ``ledger=True`` run once a slot whatever the number of processes, and one missed run is made up for after
downtime (``core/scheduler``); the others claim their own work.
"""

from datetime import timedelta

from core.boards import service as boards
from core.fulfilment import clockwork, expiry, links, polling, reconciling
from core.nudges import service as nudges
from core.nudges import shelves
from core.points import service as points
from core.privacy import service as privacy
from core.reminders import service as reminders
from core.reports import service as reports
from core.scheduler import At, Every, Job
from core.storage import service as storage
from core.waiting import service as waiting

JOBS = (
    Job("payments", Every(timedelta(seconds=1)), polling.poll),
    Job("bank_links", Every(timedelta(seconds=1)), links.ask_links),
    Job("order_expiry", Every(timedelta(seconds=5)), expiry.expire_orders),
    Job("board", Every(timedelta(seconds=15)), boards.show_board),
    Job("back_in_stock", Every(timedelta(seconds=1)), waiting.tell),
    Job("reminders", Every(timedelta(minutes=5)), reminders.remind),
    Job("nudges", Every(timedelta(minutes=1)), nudges.nudge),
    Job("day_report", Every(timedelta(minutes=1)), reports.tell),
    Job("low_stock", Every(timedelta(minutes=1)), shelves.watch),
    Job("clock_watch", Every(timedelta(seconds=20)), clockwork.set_right),
    Job("database_watch", Every(timedelta(minutes=1)), storage.watch_database),
    Job("storage_check", At(), storage.check_storage, ledger=True, grace=timedelta(minutes=30)),
    Job("backup", At(hour=3), storage.backup, ledger=True, grace=timedelta(hours=6)),
    Job("points_expiry", At(hour=0, minute=30), points.expire, ledger=True),
    Job("keep_forgotten", Every(timedelta(minutes=10)), privacy.keep_forgotten),
    Job("reconcile", At(hour=4), reconciling.reconcile, ledger=True),
    Job("forget_old", At(hour=3, minute=30), storage.forget_old, ledger=True),
    Job("qr_cleanup", At(hour=2, weekday="sun"), storage.cleanup_qr, ledger=True),
)
