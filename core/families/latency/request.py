"""What a study file may request of a measurement of latency."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from core.runs.frozen import Frozen

MOST_REPEATS: Final = 2000


class LatencyRequest(Frozen):
    """Every block of every network of the study is timed, one after another, in each of some turns.

    Args:
        repeats: Turns that are counted.
    """

    words: ClassVar[str] = "the measurement of latency"

    repeats: Annotated[int, Field(ge=5, le=MOST_REPEATS)] = 200
