"""A measurement of switching on this machine, as a run: which backbone, which cut, how many branches."""

from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from core.backbones import Backbone
from core.bounded_number import Count, Side
from core.runs.label import Detail, RunLabel
from core.runs.run import GIGA, Payload, Run
from core.runs.settings import TrainingSettings

MAX_REPEATS: Final = 200


class SwitchingPayload(Payload):
    """What a measurement of switching gives.

    Args:
        switching: Plain document of a ``MeasuredSwitch``.
    """

    switching: dict[str, Any]


class SwitchingRun(Run):
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
        asked: When it was requested, in seconds since the epoch: measured again is another run.
    """

    kind: ClassVar[str] = "switching"
    carried_out_by: ClassVar[str] = "core.families.switching.measure:measure_run"
    payload_type: ClassVar[type[Payload] | None] = SwitchingPayload
    is_training: ClassVar[bool] = False

    backbone: str = Field(max_length=120)
    builder: str = Field(max_length=300)
    size: tuple[Side, Side]
    params: tuple[Count, ...] = Field(min_length=1, max_length=400)
    stem: Literal["small", "original"] = "original"
    cut: int = Field(ge=0, le=400)
    n_branches: int = Field(ge=1, le=40)
    repeats: int = Field(default=20, ge=1, le=MAX_REPEATS)
    asked: Count

    @property
    def identity(self) -> dict[str, Any]:
        """The whole specification."""
        return {"kind": self.kind, **self.model_dump(mode="json")}

    @property
    def label(self) -> RunLabel:
        """Backbone, cut and number of branches."""
        details: dict[str, Detail] = {"backbone": self.backbone, "cut": self.cut, "branches": self.n_branches}
        return RunLabel(self.kind, details=details)

    @property
    def settings(self) -> TrainingSettings:
        """Where it runs: on the processor, with one thread, as an application would."""
        return TrainingSettings()

    def work(self, backbone: Backbone) -> float:  # noqa: ARG002  # it names its own backbone
        """Return its size: each repeat reads the whole network and every branch, warm and cold."""
        # About one picture a megabyte.
        return self.repeats * self.n_branches * 4 * max(sum(self.params), 1) / GIGA
