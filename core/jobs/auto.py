"""Auto: train what tells most, batch after batch, until the recommendation is sure enough; all its state is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from sqlite3 import Row

from pydantic import BaseModel, ConfigDict, ValidationError

from core.bounded_number import Count, Seconds, Share, TaskIndex, Value
from core.errors import BranchwiseError, DiskError, JobError
from core.jobs.estimate import about
from core.jobs.queue import Queue, stored_states
from core.jobs.states import ACTIVE, JobState
from core.jobs.submit import submit
from core.jobs.training_time import training_time
from core.layouts import Layout
from core.runs.result import RunResult
from core.studies.advice import SMALLEST_GAIN, Advice, Goal, Suggestion
from core.studies.cells import number, text, texts
from core.studies.database import Database
from core.studies.family import families
from core.studies.record import StudyRecord
from core.studies.schema import marks

# Between two looks no more than this counts as training: in a longer gap no host was there.
MOST_GAP = 30.0
# So many trainings may end without a result.
MOST_LOST = 3


class AutoState(StrEnum):
    """Whether Auto goes on, or why it ended."""

    ACTIVE = "active"
    SURE = "sure"
    STOPPED = "stopped"
    FAILED = "failed"


class AutoStanding(BaseModel):
    """How the recommendation stood when Auto last looked.

    Args:
        layout: Recommended, as text.
        gain: Expected, in percent.
        loss: What it is expected to lack, in percentage points.
        probability: How likely it lacks no more than the tolerance.
        next: What is trained now, as (tasks, branch point, layout as text).
        seconds: How long that takes on one worker.
    """

    model_config = ConfigDict(frozen=True)

    layout: str
    gain: Value
    loss: Value
    probability: Share
    next: tuple[tuple[tuple[TaskIndex, ...], Count, str], ...] = ()
    seconds: Seconds = 0.0

    @classmethod
    def of(cls, advice: Advice, chosen: tuple[Suggestion, ...]) -> "AutoStanding":
        """Return how it stands, as an advice says, and what was chosen of it."""
        return cls(
            layout=advice.layout.to_text(),
            gain=advice.gain,
            loss=advice.loss,
            probability=advice.probability,
            next=tuple((each.tasks, each.branch_point, _text(each.layout)) for each in chosen),
            seconds=sum(each.seconds for each in chosen),
        )


@dataclass(frozen=True, slots=True)
class AutoLine:
    """Auto of one study.

    Args:
        study: Its name.
        goal: Until when.
        state: Whether it goes on.
        sentence: Why it ended; empty while it goes on.
        session: Who started it.
        runs: Keys of what it chose, in that order.
        standing: How the recommendation stood at the last look; None before the first.
        began: When it was started, in seconds since the epoch.
        looked: When a host last looked.
        seconds: How long it has been training.
        n_trained: Those of its runs that are done.
    """

    study: str
    goal: Goal
    state: AutoState
    sentence: str
    session: str
    runs: tuple[str, ...]
    standing: AutoStanding | None
    began: float
    looked: float
    seconds: float
    n_trained: int


@dataclass(frozen=True, slots=True)
class Auto:
    """Starts, advances and stops Auto of the studies in a database.

    Nothing else knows anything of it: a host that continues after another was killed finds here what is requested and
    in the queue what is done, and chooses the same trainings again.

    Args:
        database: Holds the studies and their runs.
    """

    database: Database

    def start(
        self,
        record: StudyRecord,
        goal: Goal,
        *,
        results: Mapping[str, RunResult] | None = None,
        session: str = "",
    ) -> None:
        """Begin, or go on with one of the same goal that has not ended.

        Args:
            record: The study; stored where it is not yet.
            goal: Until when.
            results: Run key → result of a study that is not stored.
            session: Who starts it.

        Raises:
            JobError: The study trains no networks that share pictures.
            StudyError: The database can't be used.
        """
        if record.specification is None or record.specification.has_several:
            raise JobError(
                f'"{record.title or record.name}" has no networks of several tasks to choose from. '
                "Open a measured study of one data set."
            )
        if not self.database.has_study(record.name):
            self.database.put(record, results)
        before = self.line(record.name)
        goes_on = before is not None and before.state is AutoState.ACTIVE
        if before is not None and goes_on and before.goal == goal:
            return
        now = self.database.clock()
        # What is being trained for another goal serves this one, too, and is cancelled with it.
        runs = json.dumps(self._at_work(before) if before is not None and goes_on else ())
        with self.database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO auto (study_id, goal, state, session, runs, began, looked) "
                "SELECT id, ?, 'active', ?, ?, ?, ? FROM studies WHERE name = ?",
                (goal.model_dump_json(), session, runs, now, now, record.name),
            )

    def line(self, study: str) -> AutoLine | None:
        """Return Auto of a study; None where it was never started, or what is stored of it can't be read."""
        with self.database.reading() as connection:
            row = connection.execute(f"{_SELECT} WHERE name = ?", (study,)).fetchone()
            if row is None:
                return None
            runs = texts(row["runs"])
            states = stored_states(connection, list(runs), study)
        done = sum(states[key]["state"] == JobState.DONE for key in runs if key in states)
        return _line(row, runs, done)

    def active(self) -> tuple[str, ...]:
        """Return the names of the studies in which it goes on."""
        with self.database.reading() as connection:
            rows = connection.execute(f"{_SELECT} WHERE auto.state = 'active' ORDER BY began").fetchall()
        return tuple(text(row["name"]) for row in rows)

    def stop(self, study: str, sentence: str = "Stopped on request.") -> None:
        """End it and cancel its runs that are not done; what is done stays.

        Args:
            study: Its name.
            sentence: Why.
        """
        line = self.line(study)
        if line is None or line.state is not AutoState.ACTIVE:
            return
        self._end(study, AutoState.STOPPED, sentence)
        queue = Queue(self.database)
        queue.cancel(line.runs)
        queue.cancel(self._left_alone(line))

    def advance(self, workers: int) -> None:
        """Look after all that are active: choose the next trainings where those before are done.

        Args:
            workers: How many trainings are made at once.

        Raises:
            StudyError: The database can't be used at the moment.
        """
        for study in self.active():
            line = self.line(study)
            if line is None:
                self._end(study, AutoState.FAILED, "What is stored of its goal is damaged. Start it again.")
                continue
            try:
                self._advance(self._looked(line), max(workers, 1))
            except DiskError:
                raise
            except BranchwiseError as fault:
                self._end(study, AutoState.FAILED, str(fault))

    def _advance(self, line: AutoLine, workers: int) -> None:
        study, goal = line.study, line.goal
        left = None if goal.minutes is None else 60.0 * goal.minutes - line.seconds
        states = self._states(line).values()
        if any(state in ACTIVE for state in states):
            if left is not None and left <= 0:
                self.stop(study, f"The {goal.minutes:g} minutes are over. What was not finished was cancelled.")
            return None
        if JobState.CANCELLED in states:
            return self._end(study, AutoState.STOPPED, "One of its trainings was cancelled.")
        n_lost = sum(state not in (JobState.DONE, JobState.PLANNED) for state in states)
        if n_lost >= MOST_LOST:
            return self._end(
                study, AutoState.FAILED, f"{MOST_LOST} trainings ended without a result; the table below says why."
            )
        record = self.database.record(study)
        assert record.specification is not None
        n = min(workers, goal.trainings - line.n_trained)
        advice = _advice(self.database, record, goal, max(n, 0))
        chosen = tuple(each for each in advice.next if each.gain >= SMALLEST_GAIN and each.request is not None)
        fitting = tuple(each for each in chosen if left is None or each.seconds <= left)
        self._note(study, AutoStanding.of(advice, fitting))
        if advice.loss <= goal.tolerance and advice.knows_every_task:
            return self._end(
                study,
                AutoState.SURE,
                f"The recommendation is expected to lack no more than the {goal.tolerance:g} points asked for.",
            )
        if n <= 0:
            return self._end(study, AutoState.STOPPED, f"{goal.trainings} trainings are made.")
        if not chosen and n_lost:
            return self._end(
                study, AutoState.FAILED, "Trainings ended without a result, and what is left needs them; see the table."
            )
        if not chosen:
            return self._end(
                study,
                AutoState.STOPPED,
                f"No further training is expected to improve the recommendation by {SMALLEST_GAIN} points; noise hides "
                "what it lacks.",
            )
        if not fitting:
            least = min(each.seconds for each in chosen)
            return self._end(
                study, AutoState.STOPPED, f"The next training takes about {about(least)}, more time than is left."
            )
        requests = [each.request for each in fitting if each.request is not None]
        keys = [run.key for request in requests for run in request.runs(record.specification)]
        # First noted, then submitted: killed in between, the same are chosen again.
        if self._add(line, keys):
            submit(self.database, record, requests, session=line.session)
        return None

    def _left_alone(self, line: AutoLine) -> list[str]:
        """Return the keys of what its runs would have been compared with, where nothing else in the queue needs it."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT parent_key FROM run_parents AS needed JOIN runs ON key = parent_key "
                f"WHERE run_key IN ({marks(line.runs)}) AND session = ? AND asked >= ? AND NOT EXISTS "
                "(SELECT 1 FROM run_parents AS others JOIN runs AS children ON children.key = others.run_key "
                f"WHERE others.parent_key = needed.parent_key AND children.state IN ({marks(ACTIVE)}))",
                (*line.runs, line.session, line.began, *ACTIVE),
            ).fetchall()
        return [text(row[0]) for row in rows]

    def _states(self, line: AutoLine) -> dict[str, str]:
        """Return run key → state of its runs that are stored."""
        with self.database.reading() as connection:
            stored = stored_states(connection, list(line.runs), line.study)
        return {key: row["state"] for key, row in stored.items()}

    def _at_work(self, line: AutoLine) -> list[str]:
        """Return the keys of its runs that are in the queue."""
        states = self._states(line)
        return [key for key in line.runs if states.get(key) in ACTIVE]

    def _looked(self, line: AutoLine) -> AutoLine:
        """Note that a host looks at it, and return it with the time that has passed."""
        now = self.database.clock()
        seconds = line.seconds + min(max(now - line.looked, 0.0), MOST_GAP)
        with self.database.writing() as connection:
            connection.execute(f"UPDATE auto SET looked = ?, seconds = ? {_OF}", (now, seconds, line.study))
        return self.line(line.study) or line

    def _note(self, study: str, standing: AutoStanding) -> None:
        with self.database.writing() as connection:
            connection.execute(f"UPDATE auto SET standing = ? {_OF}", (standing.model_dump_json(), study))

    def _add(self, line: AutoLine, keys: list[str]) -> bool:
        """Note what was chosen; return False where another process has chosen or ended it meanwhile."""
        runs = json.dumps(list(dict.fromkeys([*line.runs, *keys])))
        with self.database.writing() as connection:
            row = connection.execute(f"{_SELECT} WHERE name = ?", (line.study,)).fetchone()
            if row is None or row["state"] != AutoState.ACTIVE or texts(row["runs"]) != line.runs:
                return False
            connection.execute(f"UPDATE auto SET runs = ? {_OF}", (runs, line.study))
        return True

    def _end(self, study: str, state: AutoState, sentence: str) -> None:
        with self.database.writing() as connection:
            connection.execute(
                f"UPDATE auto SET state = ?, sentence = ? {_OF} AND state = 'active'", (state, sentence, study)
            )


_SELECT = "SELECT auto.*, name FROM auto JOIN studies ON id = study_id"
_OF = "WHERE study_id = (SELECT id FROM studies WHERE name = ?)"


def _advice(database: Database, record: StudyRecord, goal: Goal, n: int) -> Advice:
    study, time = database.study(record.name), training_time(database, record, {})
    for family in families():
        if (advice := family.advise(study, goal, time, n)) is not None:
            return advice
    raise JobError(f'No family of networks advises what to train of "{record.name}". Open another study.')


def _line(row: Row, runs: tuple[str, ...], n_trained: int) -> AutoLine | None:
    try:
        goal, state = Goal.model_validate_json(text(row["goal"])), AutoState(text(row["state"]))
        noted = text(row["standing"])
        standing = AutoStanding.model_validate_json(noted) if noted else None
    except (ValidationError, ValueError):
        return None
    return AutoLine(
        text(row["name"]),
        goal,
        state,
        text(row["sentence"]),
        text(row["session"]),
        runs,
        standing,
        number(row["began"]) or 0.0,
        number(row["looked"]) or 0.0,
        number(row["seconds"]) or 0.0,
        n_trained,
    )


def _text(layout: Layout | None) -> str:
    return "" if layout is None else layout.to_text()
