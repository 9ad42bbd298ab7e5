"""Which backbone, and how it is trained."""

from typing import ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from core.runs.frozen import Extended
from core.runs.pretrained import PretrainedWeights
from core.value_fault import register

TORCHVISION: Final = "torchvision:"
# CPU instructions of workers: the same on every machine, or all that the processor has.
Instructions = Literal["avx2", "native"]
# Training settings that say where a run is trained: no part of its key.
WHERE_TRAINED: Final = frozenset({"device", "threads", "instructions"})
_NAME: Final = register(
    r"^(small-residual|torchvision:[a-z0-9_]{1,60})$", "small-residual, or torchvision: and the name of a network"
)


class BackboneSpecification(Extended):
    """Which backbone: ``small-residual``, or ``torchvision:NAME`` traced and merged to ``blocks`` blocks.

    Args:
        name: The built-in ``small-residual``, or ``torchvision:NAME``, which is traced and merged.
        width: Channels of the first block of ``small-residual``.
        blocks: Number of blocks the backbone is cut or merged into.
        stem: With ``small`` the first convolution keeps the size of small pictures; ``original`` is as published.
        weights: Pretrained weights that the blocks start from; random ones where left out.
    """

    added: ClassVar[frozenset[str]] = frozenset({"weights"})

    name: str = Field(default="small-residual", pattern=_NAME)
    width: int = Field(default=8, ge=2, le=256)
    blocks: int = Field(default=5, ge=1, le=40)
    stem: Literal["small", "original"] = "small"
    weights: PretrainedWeights | None = None

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        if self.weights is None:
            return self
        if self.weights.freeze > self.blocks:
            raise ValueError(
                f"weights.freeze is {self.weights.freeze} and there are {self.blocks} blocks. "
                "Freeze at most all of them"
            )
        if self.weights.freeze == self.blocks and self.weights.rate != 1:
            raise ValueError("all blocks are frozen, so weights.rate does nothing. Remove it, or freeze fewer")
        if self.weights.zoo and not self.is_traced:
            raise ValueError(f'"{self.name}" has no published weights, so weights.zoo finds none. Name a file')
        return self

    @property
    def without_weights(self) -> "BackboneSpecification":
        """The same blocks with random weights, for what only needs their structure."""
        return self if self.weights is None else self.model_copy(update={"weights": None})

    @property
    def is_traced(self) -> bool:
        """Whether it is a network of torchvision, cut into blocks by tracing it."""
        return self.name.startswith(TORCHVISION)

    @property
    def torchvision_name(self) -> str:
        """What torchvision calls it."""
        return self.name.removeprefix(TORCHVISION)


class TrainingSettings(Extended):
    """How every network of a study is trained.

    Args:
        optimizer: AdamW, or stochastic gradient descent with momentum, plain or as Nesterov has it.
        schedule: How the learning rate changes over the training; with ``plateau`` it is divided by ten when the
            training loss has stalled.
        learning_rate: Its highest value.
        weight_decay: Of the optimiser.
        batch_size: Rows per step.
        epochs: Passes over the training split.
        average: Decay of the weight average per step; 0 is off.
        patience: Epochs without improvement before stopping; never where left out.
        device: Where runs are trained; not part of a run's key.
        threads: Threads torch computes with; not part of a run's key.
        instructions: CPU instructions that torch may use; not part of a run's key. With ``native`` all that the
            processor has: a little faster, and not reproduced bit for bit on other machines.
    """

    added: ClassVar[frozenset[str]] = frozenset({"instructions"})

    optimizer: Literal["adamw", "sgd", "nesterov"] = "adamw"
    schedule: Literal["one-cycle", "step", "cosine", "plateau"] = "one-cycle"
    learning_rate: float = Field(default=0.01, gt=0.0, le=10.0)
    weight_decay: float = Field(default=0.01, ge=0.0, le=1.0)
    batch_size: int = Field(default=32, ge=2, le=4096)
    epochs: int = Field(default=10, ge=1, le=1000)
    average: float = Field(default=0.98, ge=0.0, lt=1.0)
    patience: int | None = Field(default=None, ge=1, le=1000)
    device: Literal["cpu", "cuda", "auto"] = "cpu"
    threads: int = Field(default=1, ge=1, le=256)
    instructions: Instructions = "avx2"
