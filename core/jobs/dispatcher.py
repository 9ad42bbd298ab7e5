"""The queue as the host uses it: next run, progress, and results."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from core.jobs.queue import Queue
from core.jobs.run_completion import complete_without_result, free_children, log
from core.jobs.states import JobState
from core.runs.arithmetic import Arithmetic
from core.runs.result import RunResult, RunState
from core.studies.cells import number, text, whole
from core.studies.code_permission import Roots, roots_of_run
from core.studies.imported import drop_replaced


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One run that a host starts.

    Args:
        key: Of the run.
        kind: Of the run.
        specification: As JSON text.
        device: Where to train: ``auto``, ``cpu`` or ``cuda``; from the specification if empty.
        attempt: 1 for the first time.
        work: Its size in the unit of ``core.jobs.estimate``.
        keep_weights: Whether the trained weights are wanted.
        time_limit: Seconds it may take, or None.
        code: Folders that code of its author may be imported from; None where it may not be.
    """

    key: str
    kind: str
    specification: str
    device: str
    attempt: int
    work: float
    keep_weights: bool
    time_limit: float | None
    code: Roots | None = None


@dataclass(frozen=True, slots=True)
class Dispatcher(Queue):
    """A queue for the host that holds the lease: starts runs and stores their results.

    Args:
        database: Holds the runs.
    """

    def take(self, owner: str, n: int, *, without: Collection[str] = ()) -> list[Dispatch]:
        """Return the next runs to start, now *running*: of the session with fewest active runs, short ones first.

        Args:
            owner: The host.
            n: At most so many.
            without: Keys of runs that no worker there is can execute.
        """
        if n <= 0:
            return []
        now = self.database.clock()
        with self.database.writing() as connection:
            rows = connection.execute(
                "WITH busy AS (SELECT session, COUNT(*) AS n FROM runs WHERE owner IS NOT NULL GROUP BY session), "
                "line AS (SELECT key, kind, specification, device, attempt, work, keep_weights, time_limit, "
                "runs.session, "
                "ROW_NUMBER() OVER (PARTITION BY runs.session ORDER BY work, asked, runs.rowid) "
                "+ COALESCE(busy.n, 0) AS place, asked FROM runs LEFT JOIN busy USING (session) "
                "WHERE state IN ('queued', 'interrupted') AND typeof(runs.key) = 'text' "
                "AND EXISTS (SELECT 1 FROM study_runs WHERE run_key = runs.key) "
                "AND runs.key NOT IN (SELECT value FROM json_each(?))) "
                "SELECT * FROM line ORDER BY place, work, asked LIMIT ?",
                (json.dumps(sorted(without)), n),
            ).fetchall()
            connection.executemany(
                "UPDATE runs SET state = 'running', sentence = '', owner = ?, started = ?, attempt = attempt + 1 "
                "WHERE key = ?",
                [(owner, now, row["key"]) for row in rows],
            )
            for row in rows:
                log(connection, row["key"], now, f"Attempt {whole(row['attempt']) + 1} submitted to a worker.")
            code = {row["key"]: roots_of_run(connection, row["key"]) for row in rows}
        return [
            Dispatch(
                row["key"],
                text(row["kind"]),
                text(row["specification"]),
                text(row["device"]),
                whole(row["attempt"]) + 1,
                number(row["work"]) or 0.0,
                bool(row["keep_weights"]),
                number(row["time_limit"]),
                code[row["key"]],
            )
            for row in rows
        ]

    def cancelling(self) -> list[str]:
        """Return the keys of the runs that are to stop."""
        with self.database.reading() as connection:
            return [row[0] for row in connection.execute("SELECT key FROM runs WHERE state = 'cancelling'")]

    def record_progress(self, points: Mapping[str, Sequence[tuple[int, int, Mapping[str, float]]]]) -> None:
        """Store the progress of runs.

        Args:
            points: Run key → (steps made, steps in all, mean losses), oldest first.
        """
        with self.database.writing() as connection:
            for key, found in points.items():
                if found:
                    step, steps, _ = found[-1]
                    connection.execute(
                        "UPDATE runs SET step = ?, steps = ? WHERE key = ? AND owner IS NOT NULL", (step, steps, key)
                    )
                connection.executemany(
                    "INSERT OR REPLACE INTO progress (run_key, step, losses) "
                    "SELECT key, ?, ? FROM runs WHERE key = ? AND owner IS NOT NULL",
                    [(step, json.dumps(_finite(losses)), key) for step, _, losses in found],
                )

    def finish(self, key: str, result: RunResult, *, weights: str | None = None) -> None:
        """Store the result of a run, and queue or skip those that waited for it.

        Where it had a result already and was trained again for its weights, the result stays as it
        is: whoever used it finds the same numbers afterwards. The sentence says how the metrics of
        the network that is kept differ from it. Where it was trained anew, the result is replaced, also
        one from elsewhere that belongs to the study that requested it.

        Args:
            key: Of the run.
            result: Its result.
            weights: Name of the file with the trained weights, or None.
        """
        with self.database.writing() as connection:
            row = connection.execute(
                "SELECT state, result, keep_weights, weights, "
                "EXISTS (SELECT 1 FROM retrained WHERE run_key = key) AS anew FROM runs WHERE key = ?",
                (key,),
            ).fetchone()
            if row is None or (row["state"] == JobState.DONE and weights is None):
                return
            sentence = result.sentence
            earlier = _earlier_result(row["result"])
            for_weights = bool(row["keep_weights"]) and row["weights"] is None and weights is not None
            for_weights = for_weights and not row["anew"]
            if earlier is not None and (result.state is not RunState.DONE or for_weights):
                if result.state is RunState.DONE:
                    sentence = kept_result_words(earlier, result)
                elif row["anew"]:
                    sentence = f"Trained anew without success; the earlier result is kept. {result.sentence}".strip()
                connection.execute(
                    "UPDATE runs SET state = 'done', sentence = ?, weights = COALESCE(?, weights), owner = NULL "
                    "WHERE key = ?",
                    (sentence, weights, key),
                )
                state = JobState.DONE
            elif result.state is RunState.DONE:
                connection.execute(
                    "UPDATE runs SET state = 'done', sentence = ?, result = ?, "
                    "weights = CASE WHEN ? THEN ? ELSE COALESCE(?, weights) END, "
                    "owner = NULL, finished = ?, step = ? WHERE key = ?",
                    (
                        result.sentence,
                        result.model_dump_json(),
                        # Those of the replaced network answer something else.
                        *(row["anew"], weights, weights),
                        self.database.clock(),
                        result.steps,
                        key,
                    ),
                )
                drop_replaced(connection, key)
                state = JobState.DONE
            else:
                state = JobState.FAILED if result.state is RunState.FAILED else JobState.CANCELLED
                complete_without_result(connection, key, state, result.sentence, result=result.model_dump_json())
            connection.execute("DELETE FROM retrained WHERE run_key = ?", (key,))
            if state is JobState.DONE:
                free_children(connection, key)
            log(connection, key, self.database.clock(), f"{state.capitalize()}. {sentence}".strip())
            connection.execute("DELETE FROM progress WHERE run_key = ?", (key,))
            connection.execute(
                "UPDATE studies SET updated = ? WHERE id IN (SELECT study_id FROM study_runs WHERE run_key = ?)",
                (self.database.clock(), key),
            )
            # Its study was deleted while it was trained: no page could show or remove it.
            connection.execute(
                "DELETE FROM runs WHERE key = ? AND NOT EXISTS (SELECT 1 FROM study_runs WHERE run_key = key) "
                "AND NOT EXISTS (SELECT 1 FROM run_parents WHERE parent_key = key)",
                (key,),
            )

    def interrupt(self, owner: str | None, sentence: str, *, keys: Sequence[str] | None = None) -> int:
        """Return running runs to the queue, and return their number; those that were being cancelled are cancelled.

        Args:
            owner: Of this host, or, where None, of any.
            sentence: Why they stopped.
            keys: Only these, where given.
        """
        with self.database.writing() as connection:
            rows = connection.execute("SELECT key, state, owner FROM runs WHERE owner IS NOT NULL").fetchall()
            found = [row for row in rows if owner in (None, row["owner"]) and (keys is None or row["key"] in set(keys))]
            for row in found:
                log(connection, row["key"], self.database.clock(), sentence)
                if row["state"] == JobState.CANCELLING:
                    complete_without_result(connection, row["key"], JobState.CANCELLED, "Cancelled before it was done.")
                else:
                    connection.execute(
                        "UPDATE runs SET state = 'interrupted', sentence = ?, owner = NULL WHERE key = ?",
                        (sentence, row["key"]),
                    )
                # Its study was deleted while it was trained: nobody wants it any more.
                connection.execute(
                    "DELETE FROM runs WHERE key = ? AND NOT EXISTS (SELECT 1 FROM study_runs WHERE run_key = key) "
                    "AND NOT EXISTS (SELECT 1 FROM run_parents WHERE parent_key = key)",
                    (row["key"],),
                )
        return len(found)


def kept_result_words(earlier: RunResult, again: RunResult) -> str:
    """Return how far a run that was trained again for its weights is from its stored result."""
    change = max(
        (
            abs(again.metrics[split][task][metric] - value) / abs(value)
            for split, tasks in earlier.metrics.items()
            for task, metrics in tasks.items()
            for metric, value in metrics.items()
            if value and metric in again.metrics.get(split, {}).get(task, {})
        ),
        default=0.0,
    )
    how = "its metrics are the same" if not change else f"its metrics differ by at most {100 * change:.2g} %"
    before, now = Arithmetic.of(earlier.environment), Arithmetic.of(again.environment)
    if change and not before.is_same(now):
        how += f", which was trained with {now} where the result is of {before}"
    return f"Trained again for its weights; the stored result is kept. Of the network that is saved, {how}."


def _earlier_result(text: str | None) -> RunResult | None:
    """Return the result that a run had before; None where it had none that is whole."""
    try:
        found = None if text is None else RunResult.model_validate_json(text)
    except ValidationError:
        return None
    return found if found is not None and found.is_done else None


def _finite(losses: Mapping[str, float]) -> dict[str, float | None]:
    return {task: value if math.isfinite(value) else None for task, value in losses.items()}
