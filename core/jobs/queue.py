"""The queue of a study database: submit runs, cancel them, and choose the next one."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from sqlite3 import Connection, Row

from core.errors import JobError
from core.jobs.lease import current_host
from core.jobs.queue_limit import check_limit
from core.jobs.run_completion import complete_without_result
from core.jobs.states import ACTIVE, OWNED, JobState
from core.jobs.submission import kept_weights, with_parents
from core.runs.run import Run
from core.studies.cells import text
from core.studies.code_permission import check_runs_permitted
from core.studies.database import Database
from core.studies.family import read_run
from core.studies.imported import RESULT, RESULT_STATE, STATE
from core.studies.schema import marks
from core.studies.study_rows import FIRST_EXTRA_POSITION


@dataclass(frozen=True, slots=True)
class Submitted:
    """Outcome of a submission.

    Args:
        n_new: Runs that are in the queue now and were not before.
        n_waiting: Runs that were in the queue already.
        n_done: Runs that are done.
    """

    n_new: int
    n_waiting: int
    n_done: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Runs that were requested, in the database that holds their studies.

    Every method is one transaction; states change by the rules of ``JobState`` only.

    Args:
        database: Holds the runs.
    """

    database: Database

    def submit(
        self,
        study: str,
        runs: Sequence[Run],
        *,
        work: Callable[[Run], float] = lambda _: 0.0,
        session: str = "",
        keep_weights: bool | Collection[str] = False,
        time_limit: float | None = None,
        limit: int | None = None,
        address: str = "",
        retry: bool = True,
        again: bool = True,
        anew: Collection[str] = (),
        keep_owners: bool = False,
    ) -> Submitted:
        """Submit runs of a study; what is done, queued or running stays as it is.

        Args:
            study: Name of a stored study.
            runs: Each after its parents.
            work: Size of a run; short runs go first within a session.
            session: Who submits.
            keep_weights: Keep the trained weights, of all these runs or of those with some keys.
            time_limit: Seconds each run may take.
            limit: Most runs a session, and an address, may have in the queue, or None.
            address: From where; another session from there has the same limit.
            retry: Whether to resubmit failed runs, and those skipped because of them.
            again: Whether runs that are done without weights are trained again to keep them; their results stay.
                Those that others start from always are.
            anew: Keys of runs that are trained again where they are done; the result is replaced by the new one when
                that is there, and kept where there will be none.
            keep_owners: Whether runs that were submitted before stay those of the sessions that submitted them.

        Raises:
            CodeError: The runs use code of their author, which its owner did not allow.
            JobError: The study is gone, or the session would have too many runs in the queue.
        """
        kept = {
            run.key
            for run in runs
            if run.can_keep_weights and (keep_weights if isinstance(keep_weights, bool) else run.key in keep_weights)
        }
        with self.database.writing() as connection:
            study_id = _study_id(connection, study)
            self._insert(connection, study_id, runs, work)
            check_runs_permitted(connection, runs)
            before = stored_states(connection, [run.key for run in runs], study)
            anew = {key for key in anew if key in before and before[key]["state"] == JobState.DONE}
            needed = kept_weights(run for run in runs if run.key in anew or before[run.key]["state"] != JobState.DONE)
            kept |= needed | {key for key in anew if before[key]["weights"] is not None}
            left_alone = () if retry else (JobState.FAILED, JobState.SKIPPED)
            lost = {key for key, row in before.items() if row["state"] in left_alone}
            wanted = [
                run
                for run in runs
                if run.key not in lost
                and (run.key in anew or _is_wanted(before[run.key], run.key in (kept if again else needed)))
                and not any(parent.key in lost for parent in run.parents)
            ]
            if limit is not None and wanted:
                check_limit(connection, session, address, len(wanted), limit)
            now = self.database.clock()
            requested = {run.key for run in wanted} | {key for key, row in before.items() if row["state"] in ACTIVE}
            for run in wanted:
                blocked = any(parent.key in requested for parent in run.parents)
                connection.execute(
                    f"UPDATE runs SET state = ?, sentence = '', session = {_owner('session')}, "
                    f"address = {_owner('address')}, asked = ?, keep_weights = ?, "
                    "time_limit = ?, specification = ?, step = 0, finished = NULL, "
                    f"result = CASE WHEN {RESULT_STATE} = 'done' THEN result END WHERE key = ?",
                    (
                        JobState.WAITING if blocked else JobState.QUEUED,
                        *(keep_owners, session),
                        *(keep_owners, address),
                        now,
                        int(run.key in kept),
                        time_limit,
                        # Another study may request other threads or instructions.
                        run.model_dump_json(),
                        run.key,
                    ),
                )
            connection.executemany(
                "INSERT OR IGNORE INTO retrained (run_key, study_id) VALUES (?, ?)",
                [(run.key, study_id) for run in wanted if run.key in anew],
            )
            # Submitted before without its weights, and not started: it keeps them now.
            connection.executemany(
                "UPDATE runs SET keep_weights = 1 WHERE key = ? AND owner IS NULL", [(key,) for key in kept]
            )
        states = [before[run.key]["state"] for run in runs]
        n_done = sum(state == JobState.DONE for state in states) - sum(
            before[run.key]["state"] == JobState.DONE for run in wanted
        )
        return Submitted(len(wanted), len(runs) - len(wanted) - n_done, n_done)

    def _insert(self, connection: Connection, study_id: int, runs: Sequence[Run], work: Callable[[Run], float]) -> None:
        connection.executemany(
            "INSERT INTO runs (key, kind, label, specification, device, work) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET label = excluded.label, work = excluded.work, "
            "device = CASE device WHEN '' THEN excluded.device ELSE device END",
            [
                (run.key, run.kind, run.label.to_json(), run.model_dump_json(), run.settings.device, work(run))
                for run in runs
            ],
        )
        connection.executemany(
            "INSERT OR IGNORE INTO run_parents (run_key, parent_key) VALUES (?, ?)",
            [(run.key, parent.key) for run in runs for parent in run.parents],
        )
        connection.executemany(
            "INSERT OR IGNORE INTO study_runs (study_id, position, run_key) SELECT ?, ? + "
            "(SELECT COUNT(*) FROM study_runs WHERE study_id = ?), ?",
            [(study_id, FIRST_EXTRA_POSITION, study_id, run.key) for run in runs],
        )

    def cancel(self, keys: Iterable[str], *, session: str | None = None) -> int:
        """Cancel runs, and return how many; runs that wait for them are skipped.

        A run on a worker stops within a few steps; one whose host is gone, at once. Runs that are
        cancelled together are all *cancelled*, whatever waits for what among them.

        Args:
            keys: Of the runs.
            session: Only runs that this session submitted; all where None.
        """
        host = current_host(self.database)
        alive = host is not None and host.alive
        n = 0
        with self.database.writing() as connection:
            for key in _children_first(connection, keys):
                if session is not None and not _is_of(connection, key, session):
                    continue
                row = stored_states(connection, [key]).get(key)
                if row is None or row["state"] not in ACTIVE or (row["state"] == JobState.CANCELLING and alive):
                    continue
                n += 1
                if row["state"] == JobState.RUNNING and alive:
                    connection.execute("UPDATE runs SET state = 'cancelling' WHERE key = ?", (key,))
                else:
                    complete_without_result(connection, key, JobState.CANCELLED, "Cancelled before it was done.")
        return n

    def retry(
        self,
        keys: Iterable[str],
        *,
        session: str = "",
        limit: int | None = None,
        address: str = "",
        whose: str | None = None,
        damaged: Collection[str] = (),
    ) -> int:
        """Resubmit runs that failed, were cancelled or skipped, with parents that they lack; return how many.

        What was skipped because of them is resubmitted, too. Every run stays that of the session that submitted it.

        Args:
            keys: Of the runs.
            session: Who resubmits; runs that nobody submitted before are theirs.
            limit: As for ``submit``.
            address: As for ``submit``.
            whose: Only runs that this session submitted; all where None.
            damaged: Keys of runs that are done and whose result is damaged: they are submitted again, too.

        Raises:
            JobError: As ``submit``.
        """
        n = 0
        for study, runs in self._by_study(self._with_skipped(self.of_session(keys, whose))).items():
            n += self.submit(
                study, runs, session=session, limit=limit, address=address, keep_owners=True, anew=damaged
            ).n_new
        return n

    def of_session(self, keys: Iterable[str], session: str | None) -> list[str]:
        """Return those of some runs that a session submitted; all where None."""
        wanted = list(dict.fromkeys(keys))
        if session is None:
            return wanted
        with self.database.reading() as connection:
            return [key for key in wanted if _is_of(connection, key, session)]

    def _with_skipped(self, keys: Iterable[str]) -> list[str]:
        """Return keys and, after each other, those of skipped runs that build on them or are compared with them."""
        found = list(dict.fromkeys(keys))
        with self.database.reading() as connection:
            for key in found:  # grows
                rows = connection.execute(
                    "SELECT run_key FROM run_parents JOIN runs ON runs.key = run_key "
                    "WHERE parent_key = ? AND state = 'skipped' ORDER BY runs.rowid",
                    (key,),
                )
                found += [row[0] for row in rows.fetchall() if row[0] not in found]
        return found

    def _by_study(self, keys: Iterable[str]) -> dict[str, list[Run]]:
        found: dict[str, list[Run]] = {}
        with self.database.reading() as connection:
            for key in keys:
                row = connection.execute(
                    "SELECT name, runs.kind, runs.specification FROM runs JOIN study_runs ON run_key = key "
                    "JOIN studies ON id = study_id WHERE key = ? LIMIT 1",
                    (key,),
                ).fetchone()
                if row is not None:
                    found.setdefault(text(row[0]), []).append(read_run(text(row[1]), text(row[2])))
        return {study: with_parents(runs) for study, runs in found.items()}

    def keys(self, states: Iterable[JobState], *, study: str | None = None, session: str | None = None) -> list[str]:
        """Return the keys of the runs in some states, in the order of submission."""
        chosen = tuple(states)
        conditions, values = [f"state IN ({marks(chosen)})"], list[str](chosen)
        if study is not None:
            conditions.append("key IN (SELECT run_key FROM study_runs JOIN studies ON id = study_id WHERE name = ?)")
            values.append(study)
        if session is not None:
            conditions.append("session = ?")
            values.append(session)
        query = f"SELECT key FROM runs WHERE {' AND '.join(conditions)} ORDER BY asked, runs.rowid"
        with self.database.reading() as connection:
            return [row[0] for row in connection.execute(query, values)]

    def n_active(self) -> int:
        """Return the number of runs that are queued, waiting or running."""
        with self.database.reading() as connection:
            # Literal states: with parameters SQLite can't see that its small index holds all of these.
            states = ", ".join(f"'{state}'" for state in ACTIVE)
            return int(connection.execute(f"SELECT COUNT(*) FROM runs WHERE state IN ({states})").fetchone()[0])


def _study_id(connection: Connection, study: str) -> int:
    row = connection.execute("SELECT id FROM studies WHERE name = ?", (study,)).fetchone()
    if row is None:
        raise JobError(f'There is no study "{study}" any more. Open another one.')
    return int(row[0])


def _children_first(connection: Connection, keys: Iterable[str]) -> list[str]:
    """Return keys in an order in which every run comes before those it waits for."""
    wanted = list(dict.fromkeys(keys))
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(wanted, ()))
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        query = f"SELECT parent_key, run_key FROM run_parents WHERE parent_key IN ({marks(part)})"
        for parent, child in connection.execute(query, part):
            order.add(parent, child)
    known = set(wanted)
    return [key for key in order.static_order() if key in known]


def stored_states(connection: Connection, keys: Sequence[str], study: str = "") -> dict[str, Row]:
    """Return run key → row with ``state`` and ``weights`` of those runs that are stored.

    Args:
        connection: To the database.
        keys: Of the runs.
        study: Name of the study whose results from elsewhere count.
    """
    found: dict[str, Row] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        query = (
            # A run whose result is damaged is trained again.
            f"SELECT key, CASE WHEN {STATE} = 'done' AND NOT json_valid({RESULT}) THEN 'planned' ELSE {STATE} END "
            "AS state, weights FROM runs LEFT JOIN studies ON name = ? "
            "LEFT JOIN imported_results AS imported ON imported.study_id = studies.id AND imported.run_key = key "
            f"WHERE key IN ({marks(part)})"
        )
        found |= {row["key"]: row for row in connection.execute(query, (study, *part))}
    return found


def _owner(column: str) -> str:
    """Return the SQL of a column that stays as it is where somebody submitted the run before, if that is wanted."""
    return f"CASE WHEN ? AND asked IS NOT NULL THEN {column} ELSE ? END"


def _is_of(connection: Connection, key: str, session: str) -> bool:
    return connection.execute("SELECT 1 FROM runs WHERE key = ? AND session = ?", (key, session)).fetchone() is not None


def _is_wanted(row: Row, keep_weights: bool) -> bool:
    if row["state"] == JobState.DONE:
        return keep_weights and row["weights"] is None
    return row["state"] not in (JobState.QUEUED, JobState.WAITING, *OWNED)
