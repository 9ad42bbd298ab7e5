"""The engine report: the jobs host, its workers and speed, and the queue."""

import time
from datetime import datetime
from typing import Any

import streamlit as st

from app.jobs.eta import current_progress
from app.studies.model import busy_share, place_words, queue_lines, size_words
from app.ui.flash_messages import reported, show_flash_messages
from app.ui.formatting import count, escape, plural, seconds, share
from app.ui.glossary import explain
from app.ui.home_banner import why_not_store
from app.ui.owner import check_owner, why_not_owner
from app.ui.page_frame import show_errors
from app.ui.time_zone import visitor_zone
from core.jobs.estimate import about, speed, workers_here
from core.jobs.jobs_reader import JobsReader
from core.jobs.launch import LOG, ensure_host
from core.jobs.lease import HostLine, current_host
from core.jobs.queue import Queue
from core.jobs.states import JobState
from core.jobs.stop_host import stop_host
from core.studies.database import Database

_EVERY = 2.0
_EVERY_WITHOUT_HOST = 5.0
_MOST_WORKERS = 16
_STOPPING = "stop the jobs host"


def show_engine() -> None:
    """Show the jobs host and its work, refreshed every two seconds while it runs, and every five otherwise."""
    show_flash_messages(toast=False)
    alive = False
    with show_errors():
        host = current_host(Database.at_home())
        alive = host is not None and host.alive
    # A fragment keeps its refresh interval, so the page reruns when a host starts or stops.
    st.fragment(_live, run_every=_EVERY if alive else _EVERY_WITHOUT_HOST)(alive)


def _live(was_alive: bool) -> None:
    with show_errors():
        database = Database.at_home()
        host = current_host(database)
        alive = host is not None and host.alive
        if alive != was_alive:
            st.rerun()
        left = Queue(database).n_active()
        with st.container(border=True):
            _host(host if alive else None, left)
        one, other = st.columns(2)
        with one, st.container(border=True, height="stretch"):
            _workers(host if alive else None)
        with other, st.container(border=True, height="stretch"):
            _queue(database)
        _places(database)


def _host(host: HostLine | None, left: int) -> None:
    row = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    words, buttons = row.container(width="stretch", gap=None), row.container(width="content")
    if host is None:
        waiting = f"{count(left)} run{'s' if left > 1 else ''} waiting." if left else "No runs waiting."
        words.markdown("**Jobs host** · not running", help=explain("jobs host"))
        words.caption(f"{waiting} The host starts automatically when runs are submitted.")
        reason = why_not_store()
        buttons.button(
            "Start",
            icon=":material/play_arrow:",
            on_click=_start,
            key="host-start",
            disabled=bool(reason),
            help=reason or "It stops after two minutes without work.",
        )
        return
    report = host.report
    state = "training" if report.get("at_work") else "idle" if "workers" in report else "starting workers"
    since = datetime.fromtimestamp(host.started, visitor_zone()).strftime("%H:%M")
    beat = seconds(max(time.time() - host.heartbeat, 0))
    words.markdown(f"**Jobs host** · {state}", help=explain("jobs host"))
    words.caption(f"{escape(place_words(host.owner)).capitalize()} since {since}; last heartbeat {beat} ago")
    reason = why_not_owner(_STOPPING)
    with buttons.popover("Stop …", icon=":material/stop_circle:", disabled=bool(reason), help=reason or None):
        st.markdown(
            "Stop the host? Running runs are interrupted; they resume from their last checkpoint when a host starts."
        )
        st.button("Stop the host", key="host-end", on_click=_stop, disabled=bool(reason))
    _metrics(host)


def _metrics(host: HostLine) -> None:
    report = host.report
    if "workers" not in report:
        st.caption("Workers are loading PyTorch; this takes a few seconds.")
        return
    database, now = Database.at_home(), time.time()
    known = speed(database)
    running = JobsReader(database).lines(states=[JobState.RUNNING, JobState.CANCELLING], limit=_MOST_WORKERS)
    busy = busy_share(report, now - host.started, [now - line.started for line in running if line.started])
    running_now, finished, used, throughput = st.columns(4)
    running_now.metric("Running", report.get("at_work", 0))
    finished.metric("Finished in 5 min", report.get("ended_5_minutes", 0))
    used.metric("Busy", "–" if busy is None else share(busy), help=explain("busy"))
    throughput.metric(
        "Speed of this machine",
        f"{1 / known.seconds:.2g} GMACs/s" if known else "not known yet",
        help=explain("speed of this machine"),
    )


def _workers(host: HostLine | None) -> None:
    st.markdown("**Workers**", help=explain("worker"))
    workers: list[dict[str, Any]] = [] if host is None else list(host.report.get("workers", []))
    if host is None or not workers:
        st.caption("None. Workers start with the host.")
        return
    for worker in sorted(workers, key=lambda worker: str(worker["name"]))[:_MOST_WORKERS]:
        limit, used = int(worker["memory_limit"]), int(worker["memory"])
        name = str(worker["name"])
        here = worker["host"] in ("", "127.0.0.1")
        words = f"Worker {int(name) + 1}" if name.isdigit() else name
        st.progress(
            min(used / limit, 1.0) if limit else 0.0,
            text=escape(words if here else f"{words} on {worker['host']}")
            + f": {size_words(used)}"
            + (f" of {size_words(limit)} memory" if limit else " memory"),
        )
    if len(workers) > _MOST_WORKERS:
        st.caption(f"{len(workers) - _MOST_WORKERS} more workers")
    st.caption(f"Scheduler: {escape(str(host.report.get('scheduler', '')))}")


def _queue(database: Database) -> None:
    st.markdown("**Runs by state**", help=explain("run"))
    counts = JobsReader(database).counts()
    if not sum(counts.values()):
        st.caption("No runs yet.")
        return
    st.markdown("\n".join(f"- **{count(n)}** {state}: {sentence}" for state, n, sentence in queue_lines(counts)))
    progress = current_progress(database)
    if progress is not None and progress.seconds_left is not None:
        workers = plural(workers_here(database), "worker")
        st.caption(f"About {about(max(progress.seconds_left, 1.0))} of training left on {workers}.")


def _places(database: Database) -> None:
    with st.expander("Files", icon=":material/folder:"):
        home = database.path.parent
        st.markdown("Everything is in one folder; set `BRANCHWISE_HOME` to choose another.")
        st.code(f"{home}\n{database.path}\n{home / LOG}", language=None)


def _start() -> None:
    with reported("The host is starting. Its workers take a few seconds."):
        # Waits, so that a host that can't start is reported at once.
        ensure_host(Database.at_home(), wait=True)


def _stop() -> None:
    with reported("The host stops within a few seconds. Interrupted runs resume when a host starts again."):
        check_owner(_STOPPING)
        stop_host(Database.at_home())
