"""API calls a second of the sandbox on one core, beside a bare aiohttp handler, in one run.

    python benchmarks/sandbox.py [--rounds 5] [--seconds 3] [--folder]

Each server runs in a process of its own on one core; this process, on the other core, calls it over kept connections
and takes sendMessage (HTML, a keyboard), editMessageText and answerCallbackQuery in turn. The sandbox's limits are off;
`--folder` lets it write its journal, as `run.py sandbox` does. The bare handler reads the JSON body and answers a
message of the same size. Rounds alternate; figures are medians. Goal: 2,000 calls a second (reference: performance.md).
On a machine that others use too, the calls per second of the server's own processor time tell more than the clock does.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from aiohttp import web

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from bot.sandbox import PersonSeed, Sandbox

PEOPLE, CONNECTIONS, GOAL = 64, 16, 2000
TOKEN = "1000001:benchmark"  # noqa: S105 - of nothing
KEYS = [[{"text": f"Product {n}", "callback_data": f"p:{n}"}] for n in range(8)]
TEXT = "<b>MADAM DA</b>\nសេរ៉ូមវីតាមីន C · <i>$12.50</i>\nChoose a product, round {n}"
ANSWERED = 240  # taps that wait for their answer before each round: an answer needs a query


def sandbox(folder: Path | None) -> web.Application:
    """Give the sandbox with its people, who have all pressed Start."""
    seeds = [PersonSeed(number, f"Person {number}") for number in range(1, PEOPLE + 1)]
    server = Sandbox(token=TOKEN, people=seeds, limits=False, folder=folder)
    for person in range(1, PEOPLE + 1):
        server.people.write(person, person, "/start")
    return server.app


def bare() -> web.Application:
    """Give a handler that reads and answers, and does nothing."""
    message = {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}, "text": "x" * 80}
    result = json.dumps({"ok": True, "result": message | {"reply_markup": {"inline_keyboard": KEYS}}})

    async def answer(request: web.Request) -> web.Response:
        await request.json()
        return web.Response(text=result, content_type="application/json")

    app = web.Application(client_max_size=51 << 20)
    app.router.add_post("/bot{token}/{method}", answer)
    return app


async def serve(app: web.Application) -> None:
    """Serve for ever; say the port."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@contextmanager
def served(*words: str) -> Iterator[tuple[int, int]]:
    """Run this file as a server on the first core; give its port and process."""
    command = [sys.executable, __file__, *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: pin(0))
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
    finally:
        process.terminate()
        process.wait()


def cpu(pid: int) -> float:
    """Processor seconds of a process so far (proc(5), fields 14 and 15); 0 where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text("ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pin(core: int) -> None:
    """Stay on one core, where the system can do that."""
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})


def request(method: str, body: dict[str, Any]) -> bytes:
    """Write a call as bytes: the client must cost less than the server it measures."""
    data = json.dumps(body).encode()
    head = f"POST /bot{TOKEN}/{method} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def calls(worker: int) -> Iterator[bytes]:
    """Give calls without end: send, edit what was sent, answer a tap."""
    for n in itertools.count(worker, CONNECTIONS):
        chat = 1 + n % PEOPLE
        markup = {"inline_keyboard": KEYS}
        said = {"chat_id": chat, "text": TEXT.format(n=n), "parse_mode": "HTML", "reply_markup": markup}
        yield request("sendMessage", said)
        edited = said | {"message_id": PEOPLE + 1 + n % PEOPLE, "text": TEXT.format(n=-n - 1)}
        yield request("editMessageText", edited)
        yield request("answerCallbackQuery", {"callback_query_id": str(1 + n % ANSWERED), "text": "Added"})


async def call_on(port: int, worker: int, until: float) -> tuple[int, int]:
    """Call on one connection until the time is over; count answers and those that refuse."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = refused = 0
    for one in calls(worker):
        writer.write(one)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        done += 1
        refused += not head.startswith(b"HTTP/1.1 200")
        if time.perf_counter() >= until:
            break
    writer.close()
    return done, refused


async def prepare(port: int) -> None:
    """Tap on the sandbox, so that there is something to answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for n in range(ANSWERED):
        person = 1 + n % PEOPLE
        data = json.dumps({"person": person, "chat": person, "message_id": person, "data": "x"}).encode()
        head = "POST /sandbox/tap HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
        writer.write(f"{head}{len(data)}\r\n\r\n".encode() + data)
        answer = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.close()


async def measure(port: int, pid: int, seconds: float) -> tuple[float, float, float]:
    """Return calls a second, calls per second of the server's processor time, and the share refused."""
    begun, before = time.perf_counter(), cpu(pid)
    counts = await asyncio.gather(*(call_on(port, worker, begun + seconds) for worker in range(CONNECTIONS)))
    done, refused = (sum(column) for column in zip(*counts, strict=True))
    spent = cpu(pid) - before
    return done / (time.perf_counter() - begun), done / spent if spent else 0.0, refused / done


def compare(rounds: int, seconds: float, *words: str) -> None:
    """Measure both in turn, each round in fresh processes, and print the medians."""
    pin(1)
    found: dict[str, list[tuple[float, float]]] = {"bare": [], "sandbox": []}
    for n in range(rounds):
        for name in ("bare", "sandbox"):
            with served(f"--serve={name}", *words) as (port, pid):
                if name == "sandbox":
                    asyncio.run(prepare(port))
                speed, by_cpu, refused = asyncio.run(measure(port, pid, seconds))
            found[name].append((speed, by_cpu))
            print(f"round {n + 1}  {name:8} {speed:7.0f} calls/s  {by_cpu:7.0f} by cpu  refused {refused:.1%}")
    for what, place in (("clock", 0), ("cpu", 1)):
        own, floor = (median(one[place] for one in found[name]) for name in ("sandbox", "bare"))
        ratio = own / floor if floor else 0.0
        print(f"by {what}: sandbox {own:.0f} calls/s, bare {floor:.0f}, ratio {ratio:.2f}; goal {GOAL}: {own >= GOAL}")


def main() -> None:
    """Read the command line; serve or compare."""
    parser = argparse.ArgumentParser(description="How many API calls a second the sandbox serves on one core.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--folder", action="store_true", help="write the journal, as run.py sandbox does")
    parser.add_argument("--serve", choices=["bare", "sandbox"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    words = ["--folder"] if options.folder else []
    if not options.serve:
        compare(options.rounds, options.seconds, *words)
        return
    with tempfile.TemporaryDirectory() as folder:
        app = bare() if options.serve == "bare" else sandbox(Path(folder) if options.folder else None)
        asyncio.run(serve(app))


if __name__ == "__main__":
    main()
