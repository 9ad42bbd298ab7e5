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
import time
from collections import Counter

from class_members import Follower, Reader, check_nothing_before, guess, standing_of
from class_presenter import let_train, presenter, tally_on
from class_promises import ANSWER, N_OPTIONS, NUMBER, QUESTION, Notes, until
from class_sessions import COMMAND, Served, asked, joined, served_class
from class_training import Trainee, check_training, stop_host
from own_server import started, wait_until_idle, wait_until_listening
from playwright.async_api import Page


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
    async with presenter() as page:
        try:
            await let_train(served, page)
            await page.goto(f"{served.url}/learn?lesson={NUMBER}")
            await until(lambda: all(each.questions for each in followers))
            notes.check(all(each.questions for each in followers), "Not every follower sees the question.")
            await asyncio.gather(*(each.open() for each in readers))
            notes.check(all(each.sees_question() for each in readers), "Not every page of a member has the question.")
            await trainee.submit(notes)
            watching = asyncio.create_task(trainee.watch())
            rounds = await _guess_twice(served, page, cookies, chance, notes)
            await asyncio.gather(*(each.open() for each in readers))
            await check_nothing_before(served, followers, readers, cookies, notes)
            await _answer(served, page, followers, readers, cookies, rounds, notes)
            await check_training(trainee, readers[0], watching, notes)
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, *(each.close() for each in readers), return_exceptions=True)


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
            await until(lambda: standing_of(served, cookies[0])["round"] == 2)
        await guess(served, cookies[:half], guesses[:half], notes)
        if number == 2:
            await _kill_and_start(served, cookies[0], half, notes)
        await guess(served, cookies[half:], guesses[half:], notes)
        shown = await tally_on(page, number, expected)
        notes.check(shown == expected, f"Round {number}: the presenter sees {shown}, the class guessed {expected}.")
        notes.say(f"round {number}: {sum(expected)} guesses, tally {' · '.join(map(str, expected))}, as guessed")
        rounds.append(expected)
    return rounds


async def _kill_and_start(served: Served, cookie: str, kept: int, notes: Notes) -> None:
    """Kill the server at once after a guess was answered, and start it again on the same port."""
    served.server.kill()
    served.server.wait()
    begun = time.perf_counter()
    served.server = started(served.home, served.port, *COMMAND)
    await asyncio.to_thread(wait_until_listening, served.port, served.server)
    found = (await asyncio.to_thread(standing_of, served, cookie))["guesses"]
    took = time.perf_counter() - begun
    notes.check(found == kept, f"{found} of {kept} guesses were kept when the server was killed.")
    notes.say(f"killed (-9) after {kept} guesses of the second round, up again after {took:.1f} s: {found} kept")


async def _answer(
    served: Served, page: Page, followers: list[Follower], readers: list[Reader], cookies: list[str],
    rounds: list[tuple[int, ...]], notes: Notes,
) -> None:  # fmt: skip
    """Show the answer, and check what everybody sees then."""
    await page.get_by_role("button", name="Show the answer").click()
    shown = time.perf_counter()
    await until(lambda: all(each.answered_at for each in followers))
    at = [each.answered_at - shown for each in followers if each.answered_at]
    notes.check(len(at) == len(followers), f"The answer reached {len(at)} of {len(followers)} followers.")
    notes.check(all(each.answers == {None, ANSWER} for each in followers), "A follower was sent another answer.")
    # A page of one's own asks every two seconds, and runs when the answer is there.
    await asyncio.gather(*(each.session.run() for each in readers if each.session))
    knowing = sum(each.knows() for each in readers)
    notes.check(knowing == len(readers), f"The answer is on {knowing} of {len(readers)} pages of members.")
    standings = [standing_of(served, cookie) for cookie in cookies]
    wrong = sum([tuple(each[:N_OPTIONS]) for each in standing["tallies"]] != rounds for standing in standings)
    notes.check(wrong == 0, f"{wrong} members are told another tally.")
    body = json.dumps({"question": QUESTION, "option": 0})
    late, _, _ = asked(served, "POST", "/class/guess", body, {"cookie": cookies[0]})
    notes.check(late == 409, f"A guess after the answer was answered with {late}.")
    notes.say(
        f"answer shown: at all {len(at)} followers within {max(at, default=0):.1f} s, on {knowing} pages of members, "
        "both tallies at all"
    )


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
            stop_host(served)
    print(f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    print(f"promises that did not hold: {len(notes.broken)}")
    for line in notes.broken:
        print(f"  {line}")
    return len(notes.broken)
