"""The Telegram face of the shop."""

import os

os.environ.setdefault("PTB_TIMEDELTA", "true")  # RetryAfter.retry_after as it will be; without it each 429 warns
