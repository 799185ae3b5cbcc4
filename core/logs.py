"""Two logs, ``app.log`` and ``security.log``, and the filter that keeps secrets and people out of both.

The Bot API's own address holds the token, so redaction stands at the root handlers: whoever logs, it is the last word.
"""

import asyncio
import logging
import re
import sys
from contextlib import suppress
from logging.handlers import WatchedFileHandler
from pathlib import Path

OURS = ("core", "bot", "web", "haang")
"""Loggers whose DEBUG is written; a library's would hold whole messages and statements, with people in them."""
QUIET = ("httpx", "apscheduler", "aiosqlite", "aiohttp.access", "alembic", "sqlalchemy", "asyncio")

_0 = "[0០]"
_GAP = r"[ .()\u00a0-]{0,2}"
"""What people write between the digits of a phone: blanks, strokes, dots, brackets."""
_SECRETS = (
    (re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}"), "[token]"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"), "[token]"),
    (re.compile(r"(/t/)[A-Za-z0-9_-]{16,}"), r"\1[token]"),
    (re.compile(r"(\b[ik]_)[A-Za-z0-9_-]{22}"), r"\1[token]"),
    (re.compile(r"(\b[A-Za-z][A-Za-z0-9+.-]*://)\S+@"), r"\1[secret]@"),
    (
        re.compile(rf"(?<![\w.])(?:\+|{_0}{_0})?[8៨][5៥][5៥](?:{_GAP}{_0})?{_GAP}[1-9១-៩](?:{_GAP}\d){{7,8}}(?!\d)"),
        "[phone]",
    ),
    (re.compile(rf"(?<![\w.+-])(?<!\d:){_0}\)?[1-9១-៩](?:{_GAP}\d){{7,8}}(?!\d)"), "[phone]"),
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


class Sparing:
    """Warns of the same thing once, then says once a minute how often it came since: a flood is no flood of lines.

    Called on the event loop. What is counted is told at the end of its minute.
    """

    def __init__(self, logger: logging.Logger, period: float = 60.0) -> None:
        self._logger, self._period = logger, period
        self._more: dict[str, int] = {}

    def warning(self, line: str) -> None:
        """Write ``line``, or count it where it was written less than a period ago."""
        if line in self._more:
            self._more[line] += 1
            return
        self._logger.warning("%s", line)
        self._wait(line)

    def _wait(self, line: str) -> None:
        self._more[line] = 0
        asyncio.get_running_loop().call_later(self._period, self._tell, line)

    def _tell(self, line: str) -> None:
        if more := self._more.pop(line):
            self._logger.warning("%s: %d more", line, more)
            self._wait(line)


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
