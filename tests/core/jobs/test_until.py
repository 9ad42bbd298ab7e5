"""Auto with real trainings, without a browser; workers are threads of this process."""

from core.jobs.auto import Auto
from core.jobs.auto_line import AutoState
from core.jobs.engine import EngineSettings
from core.jobs.lease import current_host
from core.jobs.queue import Queue
from core.jobs.states import JobState
from core.jobs.until import run_until
from core.studies.advice import Goal

HERE = EngineSettings(workers=2, memory=10**9, processes=False)


def test_it_trains_what_tells_most_and_no_more(stored):
    goal, seen = Goal(tolerance=1e-3, trainings=2, weights="uniform", budget=1.0), []
    # Stopped while it trains, it goes on from there.
    first = run_until(
        "tiny", stored, HERE, goal, progress=seen.append, should_stop=lambda: bool(seen and seen[-1].runs)
    )
    assert first.state is AutoState.ACTIVE
    found = run_until("tiny", stored, HERE, goal)
    assert found.state is AutoState.STOPPED
    assert found.n_trained == len(found.runs) == 2
    assert set(first.runs) <= set(found.runs)
    done = Queue(stored).keys([JobState.DONE])
    assert set(found.runs) <= set(done)
    # Two pairs, and the two single-task networks of each of their seeds: nothing else.
    assert len(done) <= 6
    assert Queue(stored).n_active() == 0
    assert found.standing.loss > 0
    assert current_host(stored) is None
    assert Auto(stored).active() == ()
