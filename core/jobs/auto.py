"""Auto: train what tells most, batch after batch, until the recommendation is sure enough; all its state is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.errors import BranchwiseError, DiskError, JobError
from core.jobs.auto_line import AutoLine, AutoStanding, AutoState
from core.jobs.estimate import about
from core.jobs.queue import Queue, stored_states
from core.jobs.states import ACTIVE, JobState
from core.jobs.submit import submit
from core.jobs.training_time import training_time
from core.runs.result import RunResult
from core.studies.advice import SMALLEST_GAIN, Advice, Goal
from core.studies.cells import text, texts
from core.studies.database import Database
from core.studies.family import families
from core.studies.record import StudyRecord
from core.studies.schema import marks

# Between two looks no more than this counts as training: in a longer gap no host was there.
MOST_GAP = 30.0
# So many trainings may end without a result.
MOST_LOST = 3


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
        runs = json.dumps(before.at_work if before is not None and goes_on else ())
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
            stored = stored_states(connection, texts(row["runs"]), study)
        return AutoLine.of(row, {key: found["state"] for key, found in stored.items()})

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
        states = line.states.values()
        if line.at_work:
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
                f"The recommendation is expected to lack no more than the {goal.tolerance:g} points requested.",
            )
        if n <= 0:
            return self._end(study, AutoState.STOPPED, f"{goal.trainings} trainings are made.")
        if not chosen and n_lost:
            return self._end(
                study, AutoState.FAILED, "Trainings ended without a result, and what is left needs them; see the table."
            )
        if not chosen and advice.loss == 0:
            return self._end(
                study,
                AutoState.STOPPED,
                f"No other layout within {100 * goal.budget:.6g} % of the cost of single-task networks can be better. "
                "Raise the budget to choose among more.",
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

    def _looked(self, line: AutoLine) -> AutoLine:
        """Note that a host looks at it, and return it with the time that has passed."""
        now = self.database.clock()
        seconds = line.seconds + min(max(now - line.looked, 0.0), MOST_GAP)
        with self.database.writing() as connection:
            connection.execute(f"UPDATE auto SET looked = ?, seconds = ? {_OF}", (now, seconds, line.study))
        return replace(line, looked=now, seconds=seconds)

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
