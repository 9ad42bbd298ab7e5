"""Several browsers, a host and a clean-up act on one study at the same moments: each succeeds or gets a sentence."""

import random
import threading
from collections.abc import Callable

import pytest

from core.errors import BranchwiseError
from core.jobs.dispatcher import Dispatcher
from core.jobs.jobs_reader import JobsReader
from core.jobs.quota import Space, clean, disk_use
from core.jobs.states import ACTIVE, JobState
from core.jobs.submission import WholeStudy
from core.jobs.submit import plan, submit
from core.studies.archive import export_study, import_archive, write_archive
from core.studies.database import Database

LOST = (JobState.FAILED, JobState.SKIPPED, JobState.CANCELLED)
N_ACTIONS = 60


def actions(database: Database, record, who: str, end: Callable, rng: random.Random) -> list[Callable[[], object]]:
    """Return what a browser, its host and its clean-up may do at any moment."""
    queue, archive = Dispatcher(database), write_archive(record, {})

    def train() -> None:
        for dispatch in queue.take("host", 3):
            queue.finish(dispatch.key, end(rng.choice(("done", "failed", "cancelled"))))

    return [
        lambda: import_archive(archive, database, session=who),
        lambda: database.put(record, session=who),
        lambda: database.add(record, session=who),
        lambda: database.delete(rng.choice(("small", "small-2")), session=rng.choice((None, who))),
        lambda: submit(database, record, (WholeStudy(),), session=who, limit=50, address=who),
        lambda: plan(database, database.record("small"), (WholeStudy(),)),
        lambda: queue.cancel(queue.keys(ACTIVE), session=rng.choice((None, who))),
        lambda: queue.retry(queue.keys(LOST), session=who, whose=rng.choice((None, who)), limit=50, address=who),
        train,
        lambda: queue.interrupt(None, "The host is gone."),
        lambda: database.study("small"),
        lambda: export_study(database, "small"),
        lambda: JobsReader(database).lines(states=tuple(JobState), limit=50),
        lambda: clean(database, tuple(set(Space) - {Space.DATABASE, Space.LOG})),
        lambda: disk_use(database),
    ]


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_at_once_leaves_a_whole_database(database, record, ended, seed):
    faults: list[BaseException] = []

    def act(who: str) -> None:
        rng = random.Random(f"{seed} {who}")
        may = actions(database, record, who, ended, rng)
        for _ in range(N_ACTIONS):
            try:
                rng.choice(may)()
            except BranchwiseError:
                continue
            except Exception as fault:  # whatever it is, it is one too many
                faults.append(fault)

    threads = [threading.Thread(target=act, args=(who,)) for who in ("one", "two", "owner")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.reading() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        orphans = "SELECT COUNT(*) FROM runs WHERE key NOT IN (SELECT run_key FROM study_runs) AND owner IS NULL"
        parents = "key NOT IN (SELECT parent_key FROM run_parents)"
        assert connection.execute(f"{orphans} AND {parents}").fetchone()[0] == 0
        stuck = (
            "SELECT COUNT(*) FROM runs AS child WHERE state = 'waiting' AND NOT EXISTS (SELECT 1 FROM run_parents "
            "JOIN runs AS parent ON parent.key = parent_key WHERE run_key = child.key AND parent.state IN "
            f"({', '.join(repr(str(state)) for state in ACTIVE)}))"
        )
        assert connection.execute(stuck).fetchone()[0] == 0, "a run waits for nothing"
    for line in database.studies():
        database.study(line.name)
