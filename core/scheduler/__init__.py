"""Run the schedule of ``core/jobs.py``: a ledger makes each slot run once across processes, downtime is made up for."""

from core.scheduler.rules import At, Every, Job
from core.scheduler.service import Scheduler

__all__ = ["At", "Every", "Job", "Scheduler"]
