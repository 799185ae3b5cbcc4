"""Two logs, ``app.log`` and ``security.log``, and the filter that keeps secrets and people out of both.

The Bot API's own address holds the token, so redaction stands at the root handlers: whoever logs, it is the last word.
"""

import logging
import re
import sys
from contextlib import suppress
from logging.handlers import WatchedFileHandler
from pathlib import Path

OURS = ("core", "bot", "web", "haang")
"""Loggers whose DEBUG is written; a library's would hold whole messages and statements, with people in them."""
QUIET = ("httpx", "apscheduler", "aiosqlite", "aiohttp.access", "alembic", "sqlalchemy", "asyncio")

_SECRETS = (
    (re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}"), "[token]"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"), "[token]"),
    (re.compile(r"(/t/)[A-Za-z0-9_-]{16,}"), r"\1[token]"),
    (re.compile(r"(postgres(?:ql)?(?:\+\w+)?://)[^@\s/]+@"), r"\1[secret]@"),
    (re.compile(r"(?<![\w.])\+?855[ -]?\d(?:[ -]?\d){7,8}(?!\d)"), "[phone]"),
    (re.compile(r"(?<![\w.:+-])0[1-9]\d(?:[ -]?\d){6,7}(?!\d)"), "[phone]"),
)


def redacted(text: str) -> str:
    """Take tokens, phones, tracking links and database passwords out of a text."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class Redacting(logging.Formatter):
    """Formats a record whole, traceback and all, then redacts it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record without what must not be in a log."""
        return redacted(super().format(record))


class Steadfast(WatchedFileHandler):
    """Writes on where its folder was taken away; a disk that takes nothing costs a line, never the work it tells of."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; make the folder again once, then let the line go."""
        try:
            super().emit(record)
        except OSError:
            with suppress(OSError):
                Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
                super().emit(record)


def open_logs(folder: Path, level: str) -> None:
    """Log to the terminal and to two files in ``folder``; files moved away by a rotation are opened anew.

    ``level`` is ours: libraries say no more than INFO, some no more than WARNING.
    """
    folder.mkdir(parents=True, exist_ok=True)
    form = Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s")
    app, security = Steadfast(folder / "app.log"), Steadfast(folder / "security.log")
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)
    for handler in (app, security, terminal):
        handler.setFormatter(form)
    wanted = logging.getLevelNamesMapping()[level]
    logging.basicConfig(level=max(wanted, logging.INFO), handlers=[app, terminal], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(wanted)
    logging.getLogger("haang.security").addHandler(security)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def close_logs() -> None:
    """Write down what waits and close the files."""
    for name in (None, "haang.security"):
        logger = logging.getLogger(name)
        for handler in tuple(logger.handlers):
            handler.close()
            logger.removeHandler(handler)
