"""Two logs, ``app.log`` and ``security.log``, and the filter that keeps secrets and people out of both.

The Bot API's own address holds the token, so redaction stands at the root handlers: whoever logs, it is the last word.
"""

import asyncio
import logging
import os
import re
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where one process serves
    fcntl = None  # type: ignore[assignment]

_FREE, _SHARED, _ALONE = (fcntl.LOCK_UN, fcntl.LOCK_SH, fcntl.LOCK_EX | fcntl.LOCK_NB) if fcntl else (0, 0, 0)

OURS = ("core", "bot", "web", "haang")
"""Loggers whose DEBUG is written; a library's would hold whole messages and statements, with people in them."""
QUIET = ("httpx", "apscheduler", "aiosqlite", "aiohttp.access", "alembic", "sqlalchemy", "asyncio")

_0 = "[0០]"
_GAP = r"[ .()\u00a0-]{0,2}"
"""What people write between the digits of a phone: blanks, strokes, dots, brackets."""
_SECRETS = (
    (re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}"), "[token]"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"), "[token]"),
    (re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]+", re.IGNORECASE), "[token]"),
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
    """Says the same thing once, then once a minute how often it came since: a flood is no flood of lines.

    Called on the event loop. What is counted is told at the end of its minute.
    """

    def __init__(self, logger: logging.Logger, period: float = 60.0) -> None:
        self._logger, self._period = logger, period
        self._more: dict[tuple[int, str], int] = {}

    def warning(self, line: str) -> None:
        """Warn of ``line``, or count it where it was written less than a period ago."""
        self._say(logging.WARNING, line)

    def error(self, line: str) -> None:
        """Write ``line`` as an error, or count it."""
        self._say(logging.ERROR, line)

    def _say(self, level: int, line: str) -> None:
        if (level, line) in self._more:
            self._more[level, line] += 1
            return
        self._logger.log(level, "%s", line)
        self._wait(level, line)

    def _wait(self, level: int, line: str) -> None:
        self._more[level, line] = 0
        asyncio.get_running_loop().call_later(self._period, self._tell, level, line)

    def _tell(self, level: int, line: str) -> None:
        if more := self._more.pop((level, line)):
            self._logger.log(level, "%s: %d more", line, more)
            self._wait(level, line)


class Shared:
    """A log's file that several processes write at once and any of them may rotate away: no line is lost or torn.

    A line is one write to the end of the file, made under a shared lock on what stands at the path. So whoever renamed
    the file away and then once held it alone knows that nobody writes to it any more (:func:`nobody_writes`).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def open(self) -> None:
        """Make the file if it is not there; ``OSError`` where it cannot be."""
        self._append(b"")

    def write(self, text: str) -> int:
        """Write a line; where the folder was taken away make it again once, then let the line go."""
        line = text.encode("utf-8", "backslashreplace")
        try:
            self._append(line)
        except OSError:
            with suppress(OSError):
                self.close()
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._append(line)
        return len(text)

    def close(self) -> None:
        """Let go of the file; the next line opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _append(self, line: bytes) -> None:
        descriptor = self._hold()
        try:
            while line:
                line = line[os.write(descriptor, line) :]
        finally:
            _lock(descriptor, _FREE)

    def _hold(self) -> int:
        """Open and lock what stands at the path; what was renamed between the two is not written to."""
        while True:
            if self._descriptor is None:
                how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self._path, how, 0o600)
            _lock(self._descriptor, _SHARED)
            if self._in_place(self._descriptor):
                return self._descriptor
            self.close()

    def _in_place(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False


class Steadfast(logging.StreamHandler[Shared]):
    """Writes on where its file was taken away; a disk that takes nothing costs a line, never the work it tells of."""

    def __init__(self, path: Path) -> None:
        super().__init__(Shared(path))
        self.stream.open()

    def let_go(self) -> None:
        """Close the file until the next line."""
        with self.lock or nullcontext():
            self.stream.close()

    def close(self) -> None:
        """Close the file for good."""
        self.let_go()
        super().close()


def nobody_writes(path: Path) -> bool:
    """Whether no process writes to a log that was renamed to ``path``, now or later; ``OSError`` when it is not there.

    False where one does just now: its line is written in no time, so ask again.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _lock(descriptor, _ALONE)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _lock(descriptor: int, how: int) -> None:
    if fcntl is not None:
        fcntl.flock(descriptor, how)


def let_go() -> None:
    """Close the files of this process until the next line: Windows renames no file that is open."""
    for handler in _ours():
        if isinstance(handler, Steadfast):
            handler.let_go()


def _ours() -> list[logging.Handler]:
    return [handler for name in (None, "haang.security") for handler in logging.getLogger(name).handlers]


def open_logs(folder: Path, level: str) -> None:
    """Log to the terminal and to two files in ``folder``; files that were rotated away are opened anew.

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
