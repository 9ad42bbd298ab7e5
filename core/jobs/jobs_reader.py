"""What people see of the queue: lines, counts, curves and logs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.jobs.states import ACTIVE, JobState
from core.runs.label import RunLabel
from core.runs.result import CurvePoint, RunResult
from core.studies.database import Database


@dataclass(frozen=True, slots=True)
class JobLine:
    """One run in the list of jobs.

    Args:
        key: Of the run.
        study: Name of the study that shows it.
        label: What it is, of which tasks, from which seed.
        state: Where it stands.
        sentence: What a person should know of that; the state's own sentence where there is nothing more.
        attempt: How many times it was started.
        session: Who asked for it.
        asked: When, in seconds since the epoch; None where nobody did.
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
        if self.state is JobState.DONE:
            return 1.0
        return min(self.step / self.steps, 1.0) if self.steps else 0.0


@dataclass(frozen=True, slots=True)
class JobsReader:
    """Reads the queue; never writes.

    Args:
        database: Where the runs are.
    """

    database: Database

    def counts(self, *, study: str | None = None, session: str | None = None) -> dict[JobState, int]:
        """Give state → number of runs, every state named."""
        where, values = _where((), study, session)
        with self.database.reading() as connection:
            rows = connection.execute(
                f"SELECT state, COUNT(DISTINCT key) FROM {_FROM} {where} GROUP BY state", values
            ).fetchall()
        return dict.fromkeys(JobState, 0) | {JobState(row[0]): int(row[1]) for row in rows}

    def lines(
        self,
        *,
        states: Sequence[JobState] = (),
        study: str | None = None,
        session: str | None = None,
        kind: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[JobLine, ...]:
        """Give some runs: those at work first, then those next in line, then the last ended.

        Args:
            states: Only these; all but *planned* by default.
            study: Only of this study.
            session: Only of this session.
            kind: Only runs of this kind.
            limit: At most so many.
            offset: After so many.
        """
        chosen = states or tuple(state for state in JobState if state is not JobState.PLANNED)
        where, values = _where(chosen, study, session, kind)
        with self.database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_FIELDS} FROM {_FROM} {where} GROUP BY runs.key ORDER BY {_ORDER} LIMIT ? OFFSET ?",
                (*values, limit, offset),
            ).fetchall()
        return tuple(_line(dict(row)) for row in rows)

    def line(self, key: str) -> JobLine | None:
        """Give one run, wherever it stands in the list; None where it was forgotten."""
        with self.database.reading() as connection:
            row = connection.execute(
                f"SELECT {_FIELDS} FROM {_FROM} WHERE runs.key = ? GROUP BY runs.key", (key,)
            ).fetchone()
        return None if row is None else _line(dict(row))

    def curve(self, key: str) -> tuple[CurvePoint, ...]:
        """Give the training losses of a run, while it is at work and after."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT step, losses FROM progress WHERE run_key = ? ORDER BY step", (key,)
            ).fetchall()
        if rows:
            return tuple(
                CurvePoint(step=row[0], losses={task: v for task, v in json.loads(row[1]).items() if v is not None})
                for row in rows
            )
        result = self.result(key)
        return () if result is None else result.curve

    def result(self, key: str) -> RunResult | None:
        """Give how a run ended, or None where it has not."""
        with self.database.reading() as connection:
            row = connection.execute("SELECT result FROM runs WHERE key = ?", (key,)).fetchone()
        return None if row is None or row[0] is None else RunResult.model_validate_json(row[0])

    def log(self, key: str) -> tuple[tuple[float, str], ...]:
        """Give (seconds since the epoch, sentence) of what happened to a run, oldest first."""
        with self.database.reading() as connection:
            return tuple(
                (float(row[0]), str(row[1]))
                for row in connection.execute(
                    "SELECT time, sentence FROM log WHERE run_key = ? ORDER BY time, rowid", (key,)
                )
            )

    def work_left(self, *, study: str | None = None) -> float:
        """Give the work that is queued or at work, in 10⁹ multiply-accumulates."""
        where, values = _where(ACTIVE, study, None)
        with self.database.reading() as connection:
            rows = connection.execute(
                f"SELECT DISTINCT runs.key, work, step, steps FROM {_FROM} {where}", values
            ).fetchall()
        return sum(float(row["work"]) * (1.0 - int(row["step"]) / (int(row["steps"]) or 1)) for row in rows)


_FIELDS = (
    "runs.key, MIN(studies.name) AS study, runs.label, state, sentence, attempt, session, asked, started, "
    "runs.finished, step, steps, work, weights IS NOT NULL AS has_weights"
)
_FROM = "runs LEFT JOIN study_runs ON run_key = key LEFT JOIN studies ON studies.id = study_id"
_ORDER = (
    "CASE state WHEN 'running' THEN 0 WHEN 'cancelling' THEN 0 WHEN 'interrupted' THEN 1 WHEN 'queued' THEN 2 "
    "WHEN 'waiting' THEN 3 ELSE 4 END, CASE WHEN state IN ('queued', 'waiting') THEN work END, "
    "CASE WHEN state IN ('running', 'cancelling') THEN started END, "
    "COALESCE(runs.finished, asked) DESC, runs.rowid"
)


def _where(
    states: Sequence[JobState], study: str | None, session: str | None, kind: str | None = None
) -> tuple[str, list[str]]:
    parts: list[str] = []
    values: list[str] = []
    if states:
        parts.append(f"state IN ({', '.join('?' * len(states))})")
        values += states
    if study is not None:
        parts.append("studies.name = ?")
        values.append(study)
    if session is not None:
        parts.append("session = ?")
        values.append(session)
    if kind is not None:
        parts.append("runs.kind = ?")
        values.append(kind)
    return (f"WHERE {' AND '.join(parts)}" if parts else "", values)


def _line(row: dict[str, object]) -> JobLine:
    state = JobState(str(row["state"]))
    return JobLine(
        **{
            **row,
            "study": row["study"] or "",
            "label": RunLabel.from_json(str(row["label"])),
            "state": state,
            "sentence": row["sentence"] or state.sentence,
            "has_weights": bool(row["has_weights"]),
        }  # type: ignore[arg-type]
    )
