"""What a class on lesson 5 is promised, and which promises did not hold."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.lessons.catalogue import lesson, values_of
from app.lessons.prose import markdown

NUMBER = 5
PATIENCE = 120.0


def _facts() -> tuple[str, int, int, str]:
    """Return the question's name, how many options it has, the answer from 0, and prose that only the answer holds."""
    found = lesson(NUMBER)
    assert found is not None
    step = found.steps[0]
    assert step.choice is not None
    prose = next(part for part in step.hidden[0].parts if isinstance(part, str))
    return (
        found.question_id(0), len(step.choice.options), step.choice.answer - 1, markdown(prose, dict(values_of(found)))
    )  # fmt: skip


QUESTION, N_OPTIONS, ANSWER, SECRET = _facts()


@dataclass(slots=True)
class Notes:
    """What happened in the lesson.

    Args:
        broken: Promises that did not hold.
    """

    broken: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Print something that happened, or a figure."""
        print(line, flush=True)

    def check(self, holds: bool, promise: str) -> None:
        """Note a promise that does not hold."""
        if not holds:
            self.broken.append(promise)


async def until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return when something holds, or when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not await asyncio.to_thread(holds):
        await asyncio.sleep(0.2)
