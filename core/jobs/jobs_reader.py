"""Read the queue for pages and the command line: runs, counts, curves and logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Row

from pydantic import ValidationError

from core.errors import StudyError
from core.jobs.lease import current_host
from core.jobs.states import JobState
from core.runs.label import RunLabel
from core.runs.result import CurvePoint, RunResult
from core.studies.cells import document, key, number, sound, text, whole
from core.studies.database import Database
from core.studies.documents import first_fault
from core.studies.imported import JOIN, STATE
from core.studies.schema import marks


@dataclass(frozen=True, slots=True)
class JobLine:
    """One run in the list of jobs.

    Args:
        key: Of the run.
        study: Name of the study that shows it.
        label: Kind, tasks and seed.
        state: Its state.
        sentence: Why the run is in this state; a general sentence where nothing is known.
        attempt: How many times it was started.
        session: Who submitted it.
        asked: When it was submitted, in seconds since the epoch; None where it never was.
        started: When its last attempt began, or None.
        finished: When it was done, or None.
        step: Optimiser steps made.
        steps: Optimiser steps in all; 0 where not known yet.
        work: Its size in 10⁹ multiply-accumulates over all samples.
        has_weights: Whether its trained weights are kept.
    """

    key: str
    study: str
    label: RunLabel
    state: JobState
    sentence: str
    attempt: int
    session: str
    asked: float | None
    started: float | None
    finished: float | None
    step: int
    steps: int
    work: float
    has_weights: bool

    @property
    def fraction(self) -> float:
        """Share of it that is done, 0 to 1."""
        if self.state in (JobState.DONE, JobState.DAMAGED):
            return 1.0
        return min(self.step / self.steps, 1.0) if self.steps else 0.0


@dataclass(frozen=True, slots=True)
class JobsReader:
    """Reads the queue; never writes.

    A run whose host died is shown as *interrupted*, even while the database still has it
    as running.

    Args:
        database: Where the runs are.
        damaged: Keys of the runs that are done and whose result is damaged, as ``damaged_results`` finds them: they
            are *damaged*, and no longer *done*.
    """

    database: Database
    damaged: frozenset[str] = frozenset()

    def counts(
        self,
        *,
        study: str | None = None,
        session: str | None = None,
        submitted: bool = False,
        kinds: Sequence[str] = (),
    ) -> dict[JobState, int]:
        """Return state → number of runs, every state named.

        Args:
            study: Only of this study.
            session: Only of this session.
            submitted: Only those that were submitted here; not the results of an imported study.
            kinds: Only of these kinds; of all where empty.
        """
        shown = self._shown_state()
        where, values = _where(shown, (), study, session, kinds, submitted=submitted)
        with self.database.reading() as connection:
            rows = connection.execute(
                f"SELECT {shown}, COUNT(DISTINCT key) FROM {_FROM} {where} GROUP BY 1", values
            ).fetchall()
        return dict.fromkeys(JobState, 0) | dict(sound(rows, lambda row: (JobState(row[0]), int(row[1]))))

    def lines(
        self,
        *,
        states: Sequence[JobState] = (),
        study: str | None = None,
        session: str | None = None,
        kind: str | None = None,
        keys: Sequence[str] | None = None,
        submitted: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[JobLine, ...]:
        """Return some runs: active ones first, then those next in the queue, then the last finished.

        Args:
            states: Only these; all but *planned* by default.
            study: Only of this study.
            session: Only of this session.
            kind: Only runs of this kind.
            keys: Only these runs.
            submitted: Only those that were submitted here; not the results of an imported study.
            limit: At most so many.
            offset: After so many.
        """
        chosen = states or tuple(state for state in JobState if state is not JobState.PLANNED)
        shown = self._shown_state()
        where, values = _where(
            shown, chosen, study, session, () if kind is None else (kind,), keys, submitted=submitted
        )
        with self.database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_fields(shown)} FROM {_FROM} {where} GROUP BY runs.key ORDER BY {_order(shown)} "
                "LIMIT ? OFFSET ?",
                (*values, limit, offset),
            ).fetchall()
        return tuple(sound(rows, _line))

    def line(self, key: str) -> JobLine | None:
        """Return one run, wherever it is in the list; None where it was deleted."""
        shown = self._shown_state()
        with self.database.reading() as connection:
            row = connection.execute(
                f"SELECT {_fields(shown)} FROM {_FROM} WHERE runs.key = ? GROUP BY runs.key", (key,)
            ).fetchone()
        return next(sound([] if row is None else [row], _line), None)

    def curve(self, key: str) -> tuple[CurvePoint, ...]:
        """Return the training losses of a run, while it runs and afterwards."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT step, losses FROM progress WHERE run_key = ? ORDER BY step", (key,)
            ).fetchall()
        if rows:
            return tuple(sound(rows, _point))
        result = self.result(key)
        return () if result is None else result.curve

    def last_losses(self, keys: Sequence[str]) -> dict[str, float]:
        """Return run key → mean over the tasks of the last training loss, of those runs that have one.

        Args:
            keys: Of active or finished runs.
        """
        query = (
            "SELECT key, COALESCE((SELECT losses FROM progress WHERE run_key = key ORDER BY step DESC LIMIT 1), "
            "CASE WHEN json_valid(result) THEN json_extract(result, '$.curve[#-1].losses') END) AS losses "
            f"FROM runs WHERE key IN ({marks(keys)})"
        )
        with self.database.reading() as connection:
            rows = connection.execute(query, tuple(keys)).fetchall()
        found = dict(sound(rows, lambda row: (key(row["key"]), _finite(document(row["losses"]) or {}))))
        return {key: sum(losses) / len(losses) for key, losses in found.items() if losses}

    def result(self, key: str) -> RunResult | None:
        """Return the result of a run, or None where it has not finished.

        Raises:
            StudyError: What is stored is damaged.
        """
        with self.database.reading() as connection:
            row = connection.execute(
                "SELECT COALESCE(result, (SELECT result FROM imported_results WHERE run_key = key)) FROM runs "
                "WHERE key = ?",
                (key,),
            ).fetchone()
        try:
            return None if row is None or row[0] is None else RunResult.model_validate_json(text(row[0]))
        except ValidationError as fault:
            raise StudyError(f"The result of this run is damaged: {first_fault(fault)}. Train it again.") from None

    def log(self, key: str) -> tuple[tuple[float, str], ...]:
        """Return (seconds since the epoch, sentence) of the events of a run, oldest first."""
        with self.database.reading() as connection:
            rows = connection.execute("SELECT time, sentence FROM log WHERE run_key = ? ORDER BY time, rowid", (key,))
            return tuple((number(row[0]) or 0.0, text(row[1])) for row in rows)

    def _shown_state(self) -> str:
        """Return the SQL expression of a run's state, in which the runs of a dead host are not running."""
        host = current_host(self.database)
        cases = []
        if host is None or not host.alive:
            cases.append("WHEN runs.state IN ('running', 'cancelling') THEN 'interrupted'")
        if self.damaged:
            # Keys are hexadecimal digits.
            keys = ", ".join(f"'{key}'" for key in sorted(self.damaged) if key.isalnum())
            cases.append(f"WHEN runs.key IN ({keys}) AND {STATE} = 'done' THEN 'damaged'")
        return f"CASE {' '.join(cases)} ELSE {STATE} END" if cases else f"({STATE})"


_FROM = (
    "runs LEFT JOIN study_runs ON study_runs.run_key = key "
    f"LEFT JOIN studies ON studies.id = study_runs.study_id {JOIN}"
)


def _fields(state: str) -> str:
    return (
        f"runs.key, MIN(studies.name) AS study, runs.label, {state} AS shown, sentence, attempt, runs.session, asked, "
        "started, runs.finished, step, steps, work, weights IS NOT NULL AS has_weights"
    )


def _order(state: str) -> str:
    return (
        f"CASE {state} WHEN 'running' THEN 0 WHEN 'cancelling' THEN 0 WHEN 'interrupted' THEN 1 WHEN 'queued' THEN 2 "
        "WHEN 'waiting' THEN 3 ELSE 4 END, CASE WHEN runs.state IN ('queued', 'waiting') THEN work END, "
        "CASE WHEN runs.state IN ('running', 'cancelling') THEN started END, "
        "COALESCE(runs.finished, asked) DESC, runs.rowid"
    )


def _point(row: Row) -> CurvePoint:
    losses = document(row[1])
    return CurvePoint(step=row[0], losses={task: loss for task, loss in losses.items() if loss is not None})


def _finite(losses: Mapping[str, object]) -> list[float]:
    """Return the losses that are numbers: those of a diverged task are null in progress and words in results."""
    return [float(loss) for loss in losses.values() if isinstance(loss, int | float)]


def _where(
    state: str,
    states: Sequence[JobState],
    study: str | None,
    session: str | None,
    kinds: Sequence[str] = (),
    keys: Sequence[str] | None = None,
    *,
    submitted: bool = False,
) -> tuple[str, list[str]]:
    parts: list[str] = []
    values: list[str] = []
    if states:
        parts.append(f"{state} IN ({marks(states)})")
        values += states
    if study is not None:
        parts.append("studies.name = ?")
        values.append(study)
    if session is not None:
        parts.append("runs.session = ?")
        values.append(session)
    if kinds:
        parts.append(f"runs.kind IN ({marks(kinds)})")
        values += kinds
    if submitted:
        parts.append("asked IS NOT NULL")
    if keys is not None:
        parts.append(f"runs.key IN ({marks(keys)})")
        values += keys
    return (f"WHERE {' AND '.join(parts)}" if parts else "", values)


def _line(row: Row) -> JobLine:
    state = JobState(row["shown"])
    return JobLine(
        key=key(row["key"]),
        study=text(row["study"]),
        label=RunLabel.stored(row["label"]),
        state=state,
        # What is stored is about a result that can be read.
        sentence=state.sentence if state is JobState.DAMAGED else text(row["sentence"]) or state.sentence,
        attempt=whole(row["attempt"]),
        session=text(row["session"]),
        asked=number(row["asked"]),
        started=number(row["started"]),
        finished=number(row["finished"]),
        step=whole(row["step"]),
        steps=whole(row["steps"]),
        work=number(row["work"]) or 0.0,
        has_weights=bool(row["has_weights"]),
    )
