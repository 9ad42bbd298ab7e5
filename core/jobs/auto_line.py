"""Auto of one study, as it is stored: until when, what it chose, how the recommendation stands and why it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from sqlite3 import Row

from pydantic import BaseModel, ConfigDict, ValidationError

from core.bounded_number import Count, Seconds, Share, TaskIndex, Value
from core.jobs.states import ACTIVE, JobState
from core.layouts import Layout
from core.studies.advice import Advice, Goal, Suggestion
from core.studies.cells import number, text, texts


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
        states: Run key → state of those of them that are stored.
        standing: How the recommendation stood at the last look; None before the first.
        began: When it was started, in seconds since the epoch.
        looked: When a host last looked.
        seconds: How long it has been training.
    """

    study: str
    goal: Goal
    state: AutoState
    sentence: str
    session: str
    runs: tuple[str, ...]
    states: Mapping[str, str]
    standing: AutoStanding | None
    began: float
    looked: float
    seconds: float

    @classmethod
    def of(cls, row: Row, states: Mapping[str, str]) -> "AutoLine | None":
        """Return a row of the table; None where what is stored can't be read.

        Args:
            row: With the name of the study.
            states: Run key → state of those that are stored.
        """
        try:
            goal, state = Goal.model_validate_json(text(row["goal"])), AutoState(text(row["state"]))
            noted = text(row["standing"])
            standing = AutoStanding.model_validate_json(noted) if noted else None
        except (ValidationError, ValueError):
            return None
        return cls(
            text(row["name"]),
            goal,
            state,
            text(row["sentence"]),
            text(row["session"]),
            texts(row["runs"]),
            states,
            standing,
            number(row["began"]) or 0.0,
            number(row["looked"]) or 0.0,
            number(row["seconds"]) or 0.0,
        )

    @property
    def n_trained(self) -> int:
        """How many of its runs are done."""
        return sum(state == JobState.DONE for state in self.states.values())

    @property
    def at_work(self) -> list[str]:
        """Keys of its runs that are in the queue."""
        return [key for key in self.runs if self.states.get(key) in ACTIVE]


def _text(layout: Layout | None) -> str:
    return "" if layout is None else layout.to_text()
