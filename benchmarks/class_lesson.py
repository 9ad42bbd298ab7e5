"""A class takes lesson 5: it guesses, the server is killed, it guesses on, the answer is shown; meanwhile one trains.

    python benchmarks/sessions.py --class --lesson [--sessions 30]

The presenter is a real browser (Chromium), which shows its page as it does in a class. Half of the members follow over
the socket of the follow page, the others have the lesson open on pages of their own, and one of these submits a layout
of ``scenes`` once the presenter lets members do so. Each promise that does not hold is printed, and the script ends
with 1.
"""

import asyncio
import json
import os
import random
import secrets
import shutil
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil
from class_sessions import COMMAND, Served, asked, joined, served_class
from kills import host_process, workers_of
from own_server import started, wait_until_idle, wait_until_listening
from playwright.async_api import Page, async_playwright
from streamlit_session import Session
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from app.lessons.catalogue import lesson, values_of
from app.lessons.prose import markdown
from app.ui.identity import COOKIE, browser_id
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.states import ACTIVE, JobState
from core.studies.database import Database
from core.studies.home import DATABASE_FILE

NUMBER = 5
STUDY = "scenes"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
PATIENCE = 120.0
# Seconds of the processor that a thread uses when it trains, and no other one.
BUSY = 10.0
# Seconds for the first loss, and for the rest after the class: at low priority a training takes what others leave.
TRAINING_PATIENCE = 300.0


def _lesson() -> tuple[str, int, int, str]:
    """Return the question's name, how many options it has, the answer from 0, and prose that only the answer holds."""
    found = lesson(NUMBER)
    assert found is not None
    step = found.steps[0]
    assert step.choice is not None
    prose = next(part for part in step.hidden[0].parts if isinstance(part, str))
    return (
        found.question_id(0), len(step.choice.options), step.choice.answer - 1, markdown(prose, dict(values_of(found)))
    )  # fmt: skip


QUESTION, N_OPTIONS, ANSWER, SECRET = _lesson()


@dataclass(slots=True)
class Notes:
    """What happened in the lesson.

    Args:
        broken: Promises that did not hold.
    """

    broken: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Print something that happened, or a figure."""
        print(line, flush=True)

    def check(self, holds: bool, promise: str) -> None:
        """Note a promise that does not hold."""
        if not holds:
            self.broken.append(promise)


@dataclass(slots=True)
class Follower:
    """A member who follows the presenter, and connects again where the server is away.

    Args:
        served: The class.
        cookie: Of the member.
        questions: How often the question of the lesson arrived.
        answers: Every answer that came with it: None while it is not shown.
        answered_at: When the answer arrived; None before.
        n_connected: How often they connected.
    """

    served: Served
    cookie: str
    questions: int = 0
    answers: set[int | None] = field(default_factory=set)
    answered_at: float | None = None
    n_connected: int = 0

    async def follow(self) -> None:
        """Follow until cancelled."""
        address = f"ws://127.0.0.1:{self.served.port}/class/events"
        while True:
            with suppress(OSError, EOFError, WebSocketException):
                async with connect(address, additional_headers={"Cookie": self.cookie}, compression=None) as socket:
                    self.n_connected += 1
                    async for message in socket:
                        self._take(json.loads(message))
            await asyncio.sleep(0.5 + random.random())

    def _take(self, message: dict[str, Any]) -> None:
        for figure in message["shown"].get("frame", {}).get("figures", ()):
            if figure["data"].get("question") == QUESTION:
                self.questions += 1
                self.answers.add(figure["data"]["answer"])
                if figure["data"]["answer"] is not None:
                    self.answered_at = self.answered_at or time.perf_counter()


@dataclass(slots=True)
class Reader:
    """A member who has the lesson open on a page of their own.

    Args:
        served: The class.
        cookie: Of the member.
        session: Of the page; None before it is opened.
    """

    served: Served
    cookie: str
    session: Session | None = None

    async def open(self) -> None:
        """Open the lesson, anew where it was open."""
        await self.close()
        self.session = await Session.open(self.served.url, "learn", cookie=self.cookie)
        self.session.query, self.session.reads = {"lesson": str(NUMBER)}, True
        await self.session.run()

    def knows(self) -> bool:
        """Return whether anything that was sent to the page holds the answer."""
        assert self.session is not None
        return any(text == SECRET or _answer_in(text) is not None for text in self.session.texts)

    def sees_question(self) -> bool:
        """Return whether the page has the question."""
        assert self.session is not None
        return any(QUESTION in text for text in self.session.texts)

    async def close(self) -> None:
        """Leave."""
        if self.session is not None:
            with suppress(OSError, EOFError, WebSocketException):
                await self.session.close()


def _answer_in(text: str) -> int | None:
    if QUESTION not in text:
        return None
    with suppress(ValueError):
        data = json.loads(text)
        if isinstance(data, dict):
            found: int | None = data.get("answer")
            return found
    return None


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


async def hold_lesson(served: Served, n_members: int, notes: Notes) -> None:
    """Hold the class.

    Args:
        served: The server.
        n_members: How many.
        notes: What happens.
    """
    chance = random.Random(0)
    cookies = [await asyncio.to_thread(joined, served, n) for n in range(n_members)]
    followers = [Follower(served, cookie) for cookie in cookies[: n_members // 2]]
    readers = [Reader(served, cookie) for cookie in cookies[n_members // 2 : -1]]
    trainee = Trainee(served, cookies[-1])
    following = [asyncio.create_task(each.follow()) for each in followers]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, ("chromium", "google-chrome")))), args=FLAGS
        )
        page = await (await browser.new_context(viewport={"width": 1440, "height": 900})).new_page()
        page.set_default_timeout(1000 * PATIENCE)
        try:
            await _let_train(served, page)
            await page.goto(f"{served.url}/learn?lesson={NUMBER}")
            await _until(lambda: all(each.questions for each in followers))
            notes.check(all(each.questions for each in followers), "Not every follower sees the question.")
            await asyncio.gather(*(each.open() for each in readers))
            notes.check(all(each.sees_question() for each in readers), "Not every page of a member has the question.")
            await trainee.submit(notes)
            watching = asyncio.create_task(trainee.watch())
            rounds = await _guess_twice(served, page, cookies, chance, notes)
            await asyncio.gather(*(each.open() for each in readers))
            await _nothing_before(served, followers, readers, cookies, notes)
            await _answer(served, page, followers, readers, cookies, rounds, notes)
            await _training(trainee, readers[0], watching, notes)
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, *(each.close() for each in readers), return_exceptions=True)
            await browser.close()


async def _let_train(served: Served, page: Page) -> None:
    """Let members submit trainings, by hand of the presenter."""
    await page.goto(f"{served.url}/?owner={(served.home / 'owner-token').read_text().strip()}")
    await page.goto(f"{served.url}/classroom")
    await page.get_by_text("Submit trainings").click()
    for _ in range(int(10 * PATIENCE)):
        if (
            await page.get_by_role("switch", name="Submit trainings")
            .or_(page.get_by_role("checkbox", name="Submit trainings"))
            .first.is_checked()
        ):
            break
        await asyncio.sleep(0.1)
    await page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


async def _guess_twice(
    served: Served, page: Page, cookies: list[str], chance: random.Random, notes: Notes
) -> list[tuple[int, ...]]:
    """Let everybody guess, discuss and guess again; the server is killed in the middle of the second round."""
    rounds = []
    for number in (1, 2):
        guesses = [chance.randrange(N_OPTIONS) for _ in cookies]
        expected = tuple(Counter(guesses)[option] for option in range(N_OPTIONS))
        half = len(cookies) // 2
        if number == 2:
            await page.get_by_role("button", name="Guess again").click()
            await _until(lambda: _standing(served, cookies[0])["round"] == 2)
        await _guess(served, cookies[:half], guesses[:half], notes)
        if number == 2:
            await _kill_and_start(served, cookies[0], half, notes)
        await _guess(served, cookies[half:], guesses[half:], notes)
        shown = await _tally_on(page, number, expected)
        notes.check(shown == expected, f"Round {number}: the presenter sees {shown}, the class guessed {expected}.")
        notes.say(f"round {number}: {sum(expected)} guesses, tally {' · '.join(map(str, expected))}, as guessed")
        rounds.append(expected)
    return rounds


async def _guess(served: Served, cookies: list[str], guesses: list[int], notes: Notes) -> None:
    async def one(cookie: str, option: int) -> int:
        await asyncio.sleep(3 * random.random())
        body = json.dumps({"question": QUESTION, "option": option})
        status, _, answer = await asyncio.to_thread(asked, served, "POST", "/class/guess", body, {"cookie": cookie})
        notes.check("tallies" not in json.loads(answer), "A guess was answered with the tally before the answer.")
        return status

    found = await asyncio.gather(*map(one, cookies, guesses))
    notes.check(set(found) == {200}, f"Guesses were answered with {sorted(set(found))}.")


async def _kill_and_start(served: Served, cookie: str, kept: int, notes: Notes) -> None:
    """Kill the server at once after a guess was answered, and start it again on the same port."""
    served.server.kill()
    served.server.wait()
    begun = time.perf_counter()
    served.server = started(served.home, served.port, *COMMAND)
    await asyncio.to_thread(wait_until_listening, served.port, served.server)
    found = (await asyncio.to_thread(_standing, served, cookie))["guesses"]
    took = time.perf_counter() - begun
    notes.check(found == kept, f"{found} of {kept} guesses were kept when the server was killed.")
    notes.say(f"killed (-9) after {kept} guesses of the second round, up again after {took:.1f} s: {found} kept")


def _standing(served: Served, cookie: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked(served, "GET", f"/class/question/{QUESTION}", "", {"cookie": cookie})[2])
    return found


async def _tally_on(page: Page, number: int, expected: tuple[int, ...]) -> tuple[int, ...]:
    """Return the tally of a round that the presenter's page shows, as soon as it is complete."""
    found: tuple[int, ...] = ()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and found != expected:
        counts = await page.locator(".option .count").all_text_contents()
        rounds = [[int(each) for each in text.split(" → ")] for text in counts if text]
        found = tuple(each[number - 1] for each in rounds if len(each) == number)
        await asyncio.sleep(0.2)
    return found


async def _nothing_before(
    served: Served, followers: list[Follower], readers: list[Reader], cookies: list[str], notes: Notes
) -> None:
    """Check that nothing of the answer, and no tally, has reached anybody."""
    knowing = sum(each.answers != {None} for each in followers) + sum(each.knows() for each in readers)
    notes.check(knowing == 0, f"{knowing} members were sent the answer before it was shown.")
    told = sum("tallies" in _standing(served, cookie) for cookie in cookies)
    notes.check(told == 0, f"{told} members were told the tally before the answer.")
    notes.check(all(each.n_connected > 1 for each in followers), "A follower did not connect again after the kill.")
    notes.say(f"before the answer: {knowing} of {len(cookies)} members were sent anything of it, {told} the tally")


async def _answer(
    served: Served, page: Page, followers: list[Follower], readers: list[Reader], cookies: list[str],
    rounds: list[tuple[int, ...]], notes: Notes,
) -> None:  # fmt: skip
    """Show the answer, and check what everybody sees then."""
    await page.get_by_role("button", name="Show the answer").click()
    shown = time.perf_counter()
    await _until(lambda: all(each.answered_at for each in followers))
    at = [each.answered_at - shown for each in followers if each.answered_at]
    notes.check(len(at) == len(followers), f"The answer reached {len(at)} of {len(followers)} followers.")
    notes.check(all(each.answers == {None, ANSWER} for each in followers), "A follower was sent another answer.")
    # A page of one's own asks every two seconds, and runs when the answer is there.
    await asyncio.gather(*(each.session.run() for each in readers if each.session))
    knowing = sum(each.knows() for each in readers)
    notes.check(knowing == len(readers), f"The answer is on {knowing} of {len(readers)} pages of members.")
    standings = [_standing(served, cookie) for cookie in cookies]
    wrong = sum([tuple(each[:N_OPTIONS]) for each in standing["tallies"]] != rounds for standing in standings)
    notes.check(wrong == 0, f"{wrong} members are told another tally.")
    body = json.dumps({"question": QUESTION, "option": 0})
    late, _, _ = asked(served, "POST", "/class/guess", body, {"cookie": cookies[0]})
    notes.check(late == 409, f"A guess after the answer was answered with {late}.")
    notes.say(
        f"answer shown: at all {len(at)} followers within {max(at, default=0):.1f} s, on {knowing} pages of members, "
        "both tallies at all"
    )


async def _training(trainee: Trainee, other: Reader, watching: "asyncio.Task[None]", notes: Notes) -> None:
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
    await _until(lambda: trainee.first_curve is not None, TRAINING_PATIENCE)
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


async def _until(holds: Any, seconds: float = PATIENCE) -> None:  # noqa: ANN401  # any function without arguments
    """Return when something holds, or when the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not await asyncio.to_thread(holds):
        await asyncio.sleep(0.2)


def take_lesson(port: int, n_members: int) -> int:
    """Hold the class on a server of its own, print what happened, and return how many promises did not hold.

    Args:
        port: A free one.
        n_members: How many.
    """
    notes = Notes()
    n_following, n_others = n_members // 2, n_members - n_members // 2 - 1
    notes.say(f"{n_members} members: {n_following} follow, {n_others} have pages of their own, one trains")
    with served_class(port) as served:
        wait_until_listening(port, served.server)
        wait_until_idle(served.process)
        try:
            asyncio.run(hold_lesson(served, n_members, notes))
        finally:
            _stop_host(served)
    print(f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    print(f"promises that did not hold: {len(notes.broken)}")
    for line in notes.broken:
        print(f"  {line}")
    return len(notes.broken)


def _stop_host(served: Served) -> None:
    host = host_process(Database(served.home / DATABASE_FILE))
    if host is not None:
        with suppress(psutil.Error):
            host.terminate()
            host.wait(30)
