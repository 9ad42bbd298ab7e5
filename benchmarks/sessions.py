"""How long real sessions wait for a page, and what they cost the server: no browser, Streamlit's own messages.

Run: python benchmarks/sessions.py [--sessions 30] [--seconds 60] [--every 5] [--page budget ...] [--url http://…]
     python benchmarks/sessions.py --each      one session: the first run and the rerun of every page
     python benchmarks/sessions.py --class     a class: half moves controls, half follows the presenter
     python benchmarks/sessions.py --class --lesson     a class takes a lesson with guesses, a kill and a training

Every session opens one page over a websocket, then moves a control of it every few seconds; the time is from sending
the message to the message that the script finished. Without ``--url`` a server of its own is started on a free port,
with an empty folder as its home. The machine's load counts this process, too.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle

import numpy as np
import psutil
from class_sessions import (
    ClassTally,
    follow,
    guess,
    joined,
    n_guesses,
    present,
    print_class,
    served_class,
)
from mover import Control, Tally, move
from own_server import free_port, started, wait_until_idle, wait_until_listening
from streamlit_session import Session

# Page → a control, and values to give it in turn.
CONTROLS: dict[str, tuple[str, Sequence[object]]] = {
    "overview": ("budget", (50, 55, 70, 65, 45, 80, 60)),
    "backbone": ("tasks", (4, 5, 6, 7, 8)),
    "budget": ("budget", (50, 55, 70, 65, 45, 80, 60)),
    "affinity": ("order", ("Cluster", "Study", "Similarity", "Study")),
    "branching": ("alpha", (0.01, 0.03, 0.1, 0.3, 1.0)),
    "storage": ("k", (6, 7, 8, 9, 10)),
    "compare": ("budget", (50, 55, 70, 65, 45, 80, 60)),
    "paths": ("mix_alpha", (0.1, 0.3, 0.5, 0.7, 1.0)),
    "virtual": ("units", (5, 6, 3, 7, 8)),
    "train": ("keep_weights", (True, False)),
    "studies": ("study", ("scenes5", "scenes")),
}
REPEATS = 9
# A person looks before the next move; without a pause the system's delayed acknowledgements set the pace, 40 ms.
PAUSE = 0.3
MEGABYTE = 2**20


@contextmanager
def served() -> Iterator[tuple[str, psutil.Process]]:
    """Start a dashboard on an empty home; return its address and its process."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        server = started(home, port, "app")
        process = psutil.Process(server.pid)
        try:
            wait_until_listening(port, server)
            wait_until_idle(process)
            yield f"http://127.0.0.1:{port}", process
        finally:
            server.terminate()
            server.wait(timeout=30)


def _control(page: str) -> Control:
    return Control(page, *CONTROLS[page])


async def watch(process: psutil.Process, seconds: float) -> list[tuple[float, float]]:
    """Return (seconds since the start, megabytes) of a server, 60 times and at least every minute."""
    begun = time.monotonic()
    found: list[tuple[float, float]] = []
    while (now := time.monotonic() - begun) < seconds:
        found.append((now, process.memory_info().rss / MEGABYTE))
        await asyncio.sleep(min(60.0, max(1.0, seconds / 60)))
    return found


async def many(url: str, process: psutil.Process | None, options: argparse.Namespace) -> None:
    """Run many sessions at once and print what they waited."""
    pages = [page for page, _ in zip(cycle(options.page), range(options.sessions), strict=False)]
    tallies = {page: Tally() for page in options.page}
    chance = random.Random(0)
    # Nobody arrives at the same moment: spread over one turn.
    delays = [chance.uniform(0.0, options.every) for _ in pages]
    visits = [
        move(url, _control(page), tallies[page], delay=delay, seconds=options.seconds, every=options.every)
        for page, delay in zip(pages, delays, strict=True)
    ]
    memory: list[tuple[float, float]] = []
    if process is None:
        await asyncio.gather(*visits)
    else:
        watched = asyncio.create_task(watch(process, options.seconds))
        await asyncio.gather(*visits)
        memory = await watched
        memory.append((options.seconds, process.memory_info().rss / MEGABYTE))
    print(f"{options.sessions} sessions, a move every {options.every:g} s each, {options.seconds:g} s. {_load()}")
    print(
        f"{'page':10} {'moves':>6} {'p50 ms':>7} {'p95 ms':>7} {'max ms':>7} {'kB':>6} {'first: p50 ms':>14} {'max':>6}"
    )
    for page, tally in tallies.items():
        _print_row(page, tally)
    _print_row("all", Tally(*(_together(tallies.values(), name) for name in ("first", "again", "errors"))))
    _print_memory(memory)
    for fault in [fault for tally in tallies.values() for fault in tally.errors][:10]:
        print(f"error: {fault}")


def _together(tallies: Iterable[Tally], name: str) -> list:  # type: ignore[type-arg]
    return [entry for tally in tallies for entry in getattr(tally, name)]


def _print_row(page: str, tally: Tally) -> None:
    if not tally.again or not tally.first:
        print(f"{page:10} nothing measured; {len(tally.errors)} errors")
        return
    again = 1000 * np.array([run.seconds for run in tally.again])
    first = 1000 * np.array([run.seconds for run in tally.first])
    size = statistics.median(run.n_bytes for run in tally.again) / 1000
    middle, nearly, worst = np.median(again), np.percentile(again, 95), again.max()
    print(
        f"{page:10} {len(again):6} {middle:7.0f} {nearly:7.0f} {worst:7.0f} {size:6.0f} "
        f"{np.median(first):14.0f} {first.max():6.0f}" + (f"   {len(tally.errors)} errors" if tally.errors else "")
    )


def _print_memory(memory: Sequence[tuple[float, float]]) -> None:
    if memory:
        kept = memory[:: max(1, len(memory) // 10)]
        print(
            "Server's memory, MB (after s): " + ", ".join(f"{size:.0f} ({at:.0f})" for at, size in [*kept, memory[-1]])
        )


async def each(url: str, process: psutil.Process | None, pages: Sequence[str]) -> None:
    """Print the first run of every page and the rerun on a control, one session at a time."""
    print(f"One session at a time, the median of {REPEATS} reruns. {_load()}")
    print(f"{'page':10} {'first ms':>9} {'again ms':>9} {'max ms':>7} {'kB':>6}")
    for page in pages:
        key, values = CONTROLS[page]
        session = await Session.open(url, page)
        first = await session.run()
        # The first page starts the compilation of the search.
        await asyncio.to_thread(wait_until_idle, process)
        turn = cycle(values)
        runs = []
        for _ in range(2 * len(values) + REPEATS):
            await asyncio.sleep(PAUSE)
            runs.append(await session.move(key, next(turn)))
        await session.close()
        # What is computed once per value has been computed in the first rounds.
        kept = runs[-REPEATS:]
        size = statistics.median(run.n_bytes for run in kept) / 1000
        print(
            f"{page:10} {1000 * first.seconds:9.0f} {1000 * statistics.median(run.seconds for run in kept):9.0f} "
            f"{1000 * max(run.seconds for run in runs):7.0f} {size:6.0f}"
        )
    if process is not None:
        print(f"Server's memory: {process.memory_info().rss / MEGABYTE:.0f} MB.")


def _load() -> str:
    return f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long; 3600 shows whether memory grows")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two moves of a session")
    parser.add_argument(
        "--page", nargs="+", choices=CONTROLS, default=list(CONTROLS), help="which pages; all by default"
    )
    parser.add_argument("--url", help="a server that runs already; its memory is not measured")
    parser.add_argument("--each", action="store_true", help="one session: first run and rerun of every page")
    parser.add_argument("--class", dest="is_class", action="store_true", help="half moves, half follows the presenter")
    parser.add_argument("--lesson", action="store_true", help="with --class: a lesson, checked step by step")
    options = parser.parse_args()
    if options.is_class and options.lesson:
        from class_lesson import take_lesson

        sys.exit(min(take_lesson(free_port(), options.sessions), 1))
    if options.is_class:
        asyncio.run(_measure_class(options))
        return
    if options.url:
        asyncio.run(_measure(options.url, None, options))
        return
    with served() as (url, process):
        asyncio.run(_measure(url, process, options))


async def _measure_class(options: argparse.Namespace) -> None:
    tally, chance, port = ClassTally(), random.Random(0), free_port()
    with served_class(port) as class_:
        await asyncio.to_thread(wait_until_listening, port, class_.server)
        await asyncio.to_thread(wait_until_idle, class_.process)
        cookies = [await asyncio.to_thread(joined, class_, n) for n in range(options.sessions)]
        n_moving = options.sessions // 2
        seconds, every = options.seconds, options.every
        starts = [chance.uniform(0.0, every) for _ in range(n_moving)]
        moving = [
            move(class_.url, _control(page), tally.moves, delay=at, seconds=seconds, every=every, cookie=cookie)
            for at, cookie, page in zip(starts, cookies[:n_moving], cycle(options.page), strict=False)
        ]
        following = [follow(class_, cookie, seconds, tally) for cookie in cookies[n_moving:]]
        watched = asyncio.create_task(watch(class_.process, seconds))
        guessing = [
            guess(class_, cookie, chance.uniform(0.0, 0.9 * seconds), n % 4, tally) for n, cookie in enumerate(cookies)
        ]
        await asyncio.gather(present(class_, seconds, tally), *moving, *following, *guessing)
        kept = n_guesses(class_, cookies[0])
        if kept != options.sessions:
            tally.errors.append(f"{kept} of {options.sessions} guesses were kept.")
        memory = await watched
        memory.append((seconds, class_.process.memory_info().rss / MEGABYTE))
    print_class(tally, options.sessions, seconds)
    print(_load())
    _print_memory(memory)


async def _measure(url: str, process: psutil.Process | None, options: argparse.Namespace) -> None:
    if options.each:
        await each(url, process, options.page)
    else:
        await many(url, process, options)


if __name__ == "__main__":
    main()
