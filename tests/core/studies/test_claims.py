import os
import subprocess
import sys
import threading

import pytest

from core.studies.claims import Claims
from core.studies.result import RunState


@pytest.fixture
def stored(database, record):
    database.put(record)
    return database


def states(database):
    return [line.state for line in database.runs("small")]


def test_runs_are_claimed_in_order_and_each_once(stored, specification):
    one, other = Claims(stored, "one/1/x"), Claims(stored, "other/1/x")
    found = []
    while True:
        runs = [claims.claim("small") for claims in (one, other)]
        found += [run for run in runs if run is not None]
        if None in runs:
            break
    assert [run.key for run in found] == specification.run_keys()
    assert set(states(stored)) == {"running"}


def test_threads_never_claim_the_same_run(stored, specification):
    found, faults = [], []

    def work(number):
        try:
            claims = Claims(stored, f"host/{number}/x")
            while (run := claims.claim("small")) is not None:
                found.append(run.key)
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert sorted(found) == sorted(specification.run_keys())


def test_parts_share_the_runs_without_overlap(stored, specification):
    parts = []
    for k in (1, 2, 3):
        claims, mine = Claims(stored, f"host/{k}/x"), []
        while (run := claims.claim("small", part=(k, 3))) is not None:
            mine.append(run.key)
        parts.append(mine)
    assert parts == [specification.run_keys()[k::3] for k in range(3)]


def test_a_finished_run_is_done_for_good(stored, result_of):
    claims = Claims(stored, "me/1/x")
    run = claims.claim("small")
    claims.finish(run.key, result_of(run))
    claims.finish(run.key, result_of(run).model_copy(update={"state": RunState.FAILED}))
    line = stored.runs("small")[0]
    assert (line.state, line.owner, line.attempt, line.finished) == ("done", None, 1, 1_000_000.0)
    assert stored.results("small") == {run.key: result_of(run)}


def test_a_failed_run_is_left_alone_unless_asked_for(stored, result_of):
    claims = Claims(stored, "me/1/x")
    run = claims.claim("small")
    claims.finish(run.key, result_of(run).model_copy(update={"state": RunState.FAILED, "sentence": "No."}))
    assert claims.claim("small").key != run.key
    assert claims.claim("small", retry_failed=True).key == run.key
    assert stored.runs("small")[0].attempt == 2


def test_runs_to_skip_are_skipped(stored, specification):
    keys = specification.run_keys()
    assert Claims(stored, "me/1/x").claim("small", skip=keys[:3]).key == keys[3]
    assert Claims(stored, "me/1/x").claim("small", skip=keys) is None
    assert Claims(stored, "me/1/x").claim("unknown") is None


def test_a_lease_that_is_not_renewed_ends(stored, clock):
    one, other = Claims(stored, "one/1/x", lease=100), Claims(stored, "other/1/x", lease=100)
    run = one.claim("small")
    clock.now += 90
    assert one.renew(run.key)
    clock.now += 90
    assert other.claim("small").key != run.key
    clock.now += 20
    assert other.claim("small").key == run.key
    assert not one.renew(run.key)


def test_a_result_is_kept_even_if_the_lease_was_lost(stored, clock, result_of):
    one, other = Claims(stored, "one/1/x", lease=100), Claims(stored, "other/1/x", lease=100)
    run = one.claim("small")
    clock.now += 101
    assert other.claim("small") == run
    one.finish(run.key, result_of(run))
    assert stored.runs("small")[0].state == "done"
    assert not other.renew(run.key)


def test_a_failure_of_a_lost_run_does_not_disturb_its_new_owner(stored, clock, result_of):
    one, other = Claims(stored, "one/1/x", lease=100), Claims(stored, "other/1/x", lease=100)
    run = one.claim("small")
    clock.now += 101
    assert other.claim("small") == run
    one.finish(run.key, result_of(run).model_copy(update={"state": RunState.FAILED}))
    assert stored.runs("small")[0].owner == "other/1/x"


def test_released_runs_are_interrupted_and_first_in_line_again(stored):
    one, other = Claims(stored, "one/1/x"), Claims(stored, "other/1/x")
    mine, theirs = one.claim("small"), other.claim("small")
    assert one.release() == 1
    assert one.release() == 0
    assert states(stored)[:3] == ["interrupted", "running", "queued"]
    assert "starts again" in stored.runs("small")[0].sentence
    assert other.claim("small") == mine
    assert theirs is not None


CHILD = """
import os, sys
from pathlib import Path
from core.studies.claims import Claims
from core.studies.database import Database
claims = Claims.of_this_process(Database(Path(sys.argv[1])))
print(claims.claim("small").key, flush=True)
os._exit(1)
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the lease decides")
def test_the_runs_of_a_killed_process_are_free_at_once(stored):
    child = subprocess.run([sys.executable, "-c", CHILD, str(stored.path)], capture_output=True, text=True, check=False)
    key = child.stdout.strip()
    assert states(stored)[0] == "running", child.stderr
    claims = Claims.of_this_process(stored)
    assert claims.release_dead() == 1
    assert "ended before it was done" in stored.runs("small")[0].sentence
    assert claims.claim("small").key == key


def test_living_and_distant_owners_keep_their_runs(stored):
    living, distant = Claims.of_this_process(stored), Claims(stored, "elsewhere/999999/x")
    living.claim("small")
    distant.claim("small")
    assert Claims.of_this_process(stored).release_dead() == 0
    assert states(stored)[:2] == ["running", "running"]
