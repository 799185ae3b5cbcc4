"""The schedule on one screen, in the shop's time zone. Each job is a plain ``async def job(shop)``.

Rows with ``ledger=True`` run once a slot whatever the number of processes, and one missed run is made up for after
downtime (``core/scheduler``); the others claim their own work.
"""

from datetime import timedelta

from core.backups import drill
from core.backups import service as backups
from core.backups.copies import chat
from core.backups.copies import service as copies
from core.backups.media import service as media_service
from core.boards import service as boards
from core.fulfilment import clockwork, expiry, links, polling, reconciling
from core.maintenance import logs, optimise, watch, works
from core.nudges import service as nudges
from core.nudges import shelves
from core.points import service as points
from core.privacy import service as privacy
from core.reminders import service as reminders
from core.reports import service as reports
from core.scheduler import At, Every, Job
from core.storage import monthly, orphans, reserve
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
    Job("log_rotation", Every(timedelta(minutes=5)), logs.rotate),
    Job("reserve", Every(timedelta(minutes=1)), reserve.watch),
    Job("database_watch", Every(timedelta(minutes=1)), storage.watch_database),
    Job("works", Every(timedelta(minutes=1)), works.sweep),
    Job("storage_look", Every(timedelta(minutes=5)), watch.look, ledger=True, grace=timedelta(minutes=2)),
    Job("storage_check", At(), watch.check_storage, ledger=True, grace=timedelta(minutes=30)),
    Job("storage_report", At(hour=9, day=1), monthly.tell, ledger=True),
    Job("media_count", At(hour=2, minute=30), storage.reconcile, ledger=True),
    Job("backup", At(hour=3), backups.backup, ledger=True, grace=timedelta(hours=6)),
    Job("copies", At(minute=20), copies.send_due, ledger=True, grace=timedelta(minutes=30)),
    Job("copies_chat", At(minute=25), chat.send_due, ledger=True, grace=timedelta(minutes=30)),
    Job("media_backup", At(hour=3, minute=30, weekday="sun"), media_service.backup_media, ledger=True),
    Job("points_expiry", At(hour=0, minute=30), points.expire, ledger=True),
    Job("keep_forgotten", Every(timedelta(minutes=10)), privacy.keep_forgotten),
    Job("reconcile", At(hour=4), reconciling.reconcile, ledger=True),
    Job("tidy", At(hour=3, minute=40), optimise.tidy, ledger=True),
    Job("optimise", At(hour=3, minute=45, day=1, months=(1, 4, 7, 10)), optimise.quarterly, ledger=True),
    Job("forget_old", At(hour=3, minute=30), storage.forget_old, ledger=True),
    Job("drill", At(hour=4, minute=30, weekday="sun"), drill.drill, ledger=True, grace=timedelta(hours=6)),
    Job("qr_cleanup", At(hour=2, weekday="sun"), storage.cleanup_qr, ledger=True),
    Job("orphans", At(hour=2, minute=15, weekday="sun"), orphans.tidy, ledger=True),
)
