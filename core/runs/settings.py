"""Which backbone, and how it is trained."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from core.runs.frozen import Extended
from core.runs.pretrained import PretrainedWeights
from core.value_fault import register

TORCHVISION: Final = "torchvision:"
# CPU instructions of workers: the same on every machine, or all that the processor has.
Instructions = Literal["avx2", "native"]
# Of tasks that answer per pixel.
HeadKind = Literal["light", "aspp", "pyramid"]
# Training settings that say where a run is trained: no part of its key.
WHERE_TRAINED: Final = frozenset({"device", "threads", "instructions"})
_NAME: Final = register(
    r"^(small-residual|torchvision:[a-z0-9_]{1,60})$", "small-residual, or torchvision: and the name of a network"
)
_DEVICE: Final = register(r"^(cpu|cuda|auto|mps|cuda:[0-9]{1,2})$", "cpu, cuda, auto, mps, or a GPU such as cuda:1")


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Factor = Annotated[float, Field(gt=0.0, le=1e6)]
ClassWeights = Annotated[
    tuple[Annotated[float, Field(ge=0.0, le=1e6)], ...], BeforeValidator(_as_tuple), Field(min_length=2)
]


class BackboneSpecification(Extended):
    """Which backbone: ``small-residual``, or ``torchvision:NAME`` traced and merged to ``blocks`` blocks.

    Args:
        name: The built-in ``small-residual``, or ``torchvision:NAME``, which is traced and merged.
        width: Channels of the first block of ``small-residual``.
        blocks: Number of blocks the backbone is cut or merged into.
        stem: With ``small`` the first convolution keeps the size of small pictures; ``original`` is as published.
        weights: Pretrained weights that the blocks start from; random ones where left out.
        heads: Of tasks that answer per pixel: two convolutions, atrous spatial pyramid pooling as DeepLab has it, or
            pyramid pooling as PSPNet has it.
    """

    added: ClassVar[frozenset[str]] = frozenset({"weights", "heads"})

    name: str = Field(default="small-residual", pattern=_NAME)
    width: int = Field(default=8, ge=2, le=256)
    blocks: int = Field(default=5, ge=1, le=40)
    stem: Literal["small", "original"] = "small"
    weights: PretrainedWeights | None = None
    heads: HeadKind = "light"

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
        device: Where runs are trained; ``cuda:1`` is the second GPU. Not part of a run's key.
        threads: Threads torch computes with; not part of a run's key.
        instructions: CPU instructions that torch may use; not part of a run's key. With ``native`` all that the
            processor has: a little faster, and not reproduced bit for bit on other machines.
        warm_up: Share of the steps in which the learning rate rises to its highest value; ``one-cycle`` has its own.
        clip: Longest gradient of each tensor of weights, as its norm; 0 is off. Tensors are clipped one by one, so
            that tasks that share no block do not act on each other.
        precision: Numbers that forward and backward passes compute with in training; weights, their updates and
            evaluation always have ``float32``.
        class_weights: How the classes of a task count in its loss: all alike, ``balanced`` by how many training
            labels each has, or task → a weight for each class.
        label_smoothing: Share of the target that is spread over all classes, of classification and segmentation.
        loss_weights: Task → factor of its loss; 1 where left out.
    """

    added: ClassVar[frozenset[str]] = frozenset(
        {"instructions", "warm_up", "clip", "precision", "class_weights", "label_smoothing", "loss_weights"}
    )

    optimizer: Literal["adamw", "sgd", "nesterov"] = "adamw"
    schedule: Literal["one-cycle", "step", "cosine", "plateau"] = "one-cycle"
    learning_rate: float = Field(default=0.01, gt=0.0, le=10.0)
    weight_decay: float = Field(default=0.01, ge=0.0, le=1.0)
    batch_size: int = Field(default=32, ge=2, le=4096)
    epochs: int = Field(default=10, ge=1, le=1000)
    average: float = Field(default=0.98, ge=0.0, lt=1.0)
    patience: int | None = Field(default=None, ge=1, le=1000)
    device: str = Field(default="cpu", pattern=_DEVICE)
    threads: int = Field(default=1, ge=1, le=256)
    instructions: Instructions = "avx2"
    warm_up: float = Field(default=0.0, ge=0.0, le=0.5)
    clip: float = Field(default=0.0, ge=0.0, le=1000.0)
    precision: Literal["float32", "bfloat16"] = "float32"
    class_weights: Literal["equal", "balanced"] | dict[str, ClassWeights] = "equal"
    label_smoothing: float = Field(default=0.0, ge=0.0, le=0.9)
    loss_weights: dict[str, Factor] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.warm_up and self.schedule == "one-cycle":
            raise ValueError(
                'the schedule "one-cycle" warms up in its first 30 %, so warm_up does nothing. Remove it, or choose '
                'schedule = "cosine", "step" or "plateau"'
            )
        if self.loss_weights and all(weight == 1 for weight in self.loss_weights.values()):
            raise ValueError("all loss_weights are 1, so they do nothing. Remove them")
        if any(not any(weights) for weights in self.listed_class_weights.values()):
            raise ValueError("all class_weights of a task are 0, so that nothing is learned. Give one above 0")
        return self

    @property
    def listed_class_weights(self) -> Mapping[str, tuple[float, ...]]:
        """Task → a weight for each of its classes, where they are listed."""
        return {} if isinstance(self.class_weights, str) else self.class_weights
