"""Numbers as documents may hold them: each has a least and a most, so that what is made of them stays finite."""

from typing import Annotated

from pydantic import Field

from core.tasks import LARGEST_ERROR, MAX_TASKS

# Exact in float64 and in JSON.
Count = Annotated[int, Field(ge=0, lt=2**53)]
Steps = Annotated[int, Field(ge=0, lt=2**62)]
Seconds = Annotated[float, Field(ge=0, le=1e9)]
# Of metrics and weights: squares and sums stay finite.
Value = Annotated[float, Field(ge=-LARGEST_ERROR, le=LARGEST_ERROR)]
# Of finite training losses: what float32 holds.
Loss = Annotated[float, Field(ge=-3.5e38, le=3.5e38)]
# Of preprocessing: statistics of raw values, which have at most 32 bits.
Statistic = Annotated[float, Field(ge=-1e10, le=1e10)]
Positive = Annotated[float, Field(gt=0, le=1e10)]
# Of labels: as large as they may be.
Spread = Annotated[float, Field(gt=0, le=LARGEST_ERROR)]
Share = Annotated[float, Field(ge=0, le=1)]
# Height or width of a picture that a network takes.
Side = Annotated[int, Field(ge=1, le=4096)]
TaskIndex = Annotated[int, Field(ge=0, lt=MAX_TASKS)]
