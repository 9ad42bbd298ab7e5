"""A member of a class who submits a training, and what holds for it."""

import asyncio
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
from class_members import Reader
from class_promises import Notes, until
from class_sessions import Served
from kills import host_process, workers_of
from streamlit_session import Session

from app.ui.identity import COOKIE, browser_id
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.states import ACTIVE, JobState
from core.studies.database import Database
from core.studies.home import DATABASE_FILE

STUDY = "scenes"
# Seconds of the processor that a thread uses when it trains, and no other one.
BUSY = 10.0
# Seconds for the first loss, and for the rest after the class: at low priority a training takes what others leave.
TRAINING_PATIENCE = 300.0


@dataclass(slots=True)
class Trainee:
    """A member who submits a training.

    Args:
        served: The class.
        cookie: Of the member in the class.
        browser: Random name of the member's browser, as the server gives one with the first page.
        began: When the training was submitted.
        first_curve: Seconds until two losses were there, a line to be drawn.
        nice: Priorities of the threads that trained.
        used: Thread → seconds of the processor it had used when it was seen first.
    """

    served: Served
    cookie: str
    browser: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    began: float = 0.0
    first_curve: float | None = None
    nice: set[int] = field(default_factory=set)
    used: dict[int, float] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """Of the class."""
        return Database(self.served.home / DATABASE_FILE)

    async def page(self) -> Session:
        """Open Train with the layout that is recommended."""
        session = await Session.open(self.served.url, "train", cookie=f"{self.cookie}; {COOKIE}={self.browser}")
        session.query = {"study": STUDY, "what": "layouts", "which": "shown"}
        session.reads = True
        await session.run()
        return session

    async def submit(self, notes: Notes) -> None:
        """Train the layout from one seed more than the study has."""
        session = await self.page()
        controls = session.keys()
        seeds = next((key for key in controls if key.startswith("seeds-layouts")), "")
        await session.move(seeds, 3)
        notes.check("train" not in session.disabled, "The presenter allows trainings, and the button is disabled.")
        self.began = time.perf_counter()
        await session.move("train", True)
        await session.close()
        notes.check(bool(self.runs()), "The training that was submitted is not in the queue.")

    def runs(self) -> tuple[JobLine, ...]:
        """Return the runs of this member."""
        return JobsReader(self.database).lines(session=browser_id(self.browser), submitted=True)

    def all_runs(self) -> tuple[JobLine, ...]:
        """Return the runs of everybody."""
        return JobsReader(self.database).lines(submitted=True)

    async def watch(self) -> None:
        """Note when the first loss comes, and at which priority threads train, until every run has ended."""
        while any(line.state in ACTIVE for line in self.runs()):
            if self.first_curve is None and self._longest_curve()[0] > 1:
                self.first_curve = time.perf_counter() - self.began
            # Before, workers load their libraries.
            if self.first_curve is not None:
                self.nice |= await asyncio.to_thread(self._priorities)
            await asyncio.sleep(1)

    def _longest_curve(self) -> tuple[int, str]:
        """Return how many losses the run has that has most, and its key."""
        reader = JobsReader(self.database)
        return max(((len(reader.curve(line.key)), line.key) for line in self.runs()), default=(0, ""))

    def _priorities(self) -> set[int]:
        found = set()
        with suppress(psutil.Error, OSError):
            host = host_process(self.database)
            for worker in workers_of(host) if host else ():
                for each in worker.threads():
                    # On Linux a priority is that of a thread.
                    if each.user_time - self.used.setdefault(each.id, each.user_time) > BUSY:
                        found.add(os.getpriority(os.PRIO_PROCESS, each.id))
        return found

    async def sees_curve(self) -> bool:
        """Return whether the page draws the losses of a run that is chosen."""
        session = await self.page()
        await session.move("runs_table", {"chosen": {"keys": [self._longest_curve()[1]], "count": 1}})
        await session.close()
        return any("Training loss over" in text for text in session.texts)


async def check_training(trainee: Trainee, other: Reader, watching: "asyncio.Task[None]", notes: Notes) -> None:
    """Check that the training goes on, that it is the member's, that it gives way, and that it ends."""
    mine, everybody = trainee.runs(), trainee.all_runs()
    notes.check(len(mine) == len(everybody) > 0, f"{len(mine)} of {len(everybody)} runs are the member's.")
    session = await Session.open(trainee.served.url, "train", cookie=other.cookie)
    session.query = {"study": STUDY}
    await session.run()
    is_active = any(line.state in ACTIVE for line in trainee.runs())
    if is_active:
        notes.check("cancel_all" in session.disabled, "Another member may cancel the training.")
        # As a browser would that enables the button by itself.
        await session.move("cancel_all", True)
        states = {line.state for line in trainee.runs()}
        notes.check(JobState.CANCELLING not in states, "Another member cancelled the training.")
    await session.close()
    await until(lambda: trainee.first_curve is not None, TRAINING_PATIENCE)
    notes.check(await trainee.sees_curve(), "The member's page shows no curve of the losses.")
    with suppress(TimeoutError):
        await asyncio.wait_for(watching, TRAINING_PATIENCE)
    lines = trainee.runs()
    notes.check(
        {line.state for line in lines} <= {*ACTIVE, JobState.DONE},
        f"A run has failed: {', '.join(f'{line.state.value}: {line.sentence}' for line in lines)}.",
    )
    went_on = sum(line.step for line in lines) > sum(line.step for line in mine) or not is_active
    notes.check(went_on, "The training did not go on.")
    notes.check(trainee.nice == {10}, f"Trainings ran at priority {sorted(trainee.nice)}, not 10.")
    took, n_done = time.perf_counter() - trainee.began, sum(line.state is JobState.DONE for line in lines)
    notes.say(
        f"training: {len(mine)} runs, all the member's, a curve after {trainee.first_curve or 0:.0f} s; "
        f"after {took:.0f} s {n_done} done, at priority {', '.join(map(str, sorted(trainee.nice)))}"
    )


def stop_host(served: Served) -> None:
    host = host_process(Database(served.home / DATABASE_FILE))
    if host is not None:
        with suppress(psutil.Error):
            host.terminate()
            host.wait(30)
