"""A measurement of switching on this machine, as a run: which backbone, which cut, how many branches."""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import Field

from core.runs.frozen import Frozen
from core.studies.settings import TrainingSettings

SWITCHING: Final = "switching"
MAX_REPEATS: Final = 200


class SwitchingSpecification(Frozen):
    """Trunk and branches with random weights are written to disk; loading them is timed against whole networks.

    Args:
        backbone: What the page calls it.
        builder: Python expression that makes it, such as ``torchvision.models.resnet18()``.
        size: Height and width of the picture that is answered.
        params: Parameters of each block, ``[n_blocks]``, which tell where blocks were joined.
        stem: ``small`` where first convolution and pooling keep the size of small pictures.
        cut: Number of leading blocks in the trunk.
        n_branches: Number of branches, with 10 classes each.
        repeats: Repeats of each figure.
        asked: When it was asked for, in seconds since the epoch: measured again is another run.
    """

    kind: Literal["switching"] = "switching"
    backbone: str = Field(max_length=120)
    builder: str = Field(max_length=300)
    size: tuple[int, int]
    params: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1, max_length=400)
    stem: Literal["small", "original"] = "original"
    cut: int = Field(ge=0, le=400)
    n_branches: int = Field(ge=1, le=40)
    repeats: int = Field(default=20, ge=1, le=MAX_REPEATS)
    asked: int = Field(ge=0)

    @property
    def sources(self) -> tuple["SwitchingSpecification", ...]:
        """Nothing is needed beforehand."""
        return ()

    @property
    def training(self) -> TrainingSettings:
        """Where it runs: on the processor, with one thread, as an application would."""
        return TrainingSettings()

    @cached_property
    def key(self) -> str:
        """Hash of the whole specification."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:32]

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"switching between {self.n_branches} branches of {self.backbone}, cut after block {self.cut}"
