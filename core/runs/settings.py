"""How networks are trained, and the backbone they have."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from core.runs.augmentation import Changes
from core.runs.backbone_specification import SMALL_RESIDUAL as SMALL_RESIDUAL
from core.runs.backbone_specification import TORCHVISION as TORCHVISION
from core.runs.backbone_specification import BackboneSpecification as BackboneSpecification
from core.runs.backbone_specification import HeadKind as HeadKind
from core.runs.frozen import Extended, as_tuple
from core.value_fault import register

# CPU instructions of workers: the same on every machine, or all that the processor has.
Instructions = Literal["avx2", "native"]
# Training settings that say where a run is trained: no part of its key.
WHERE_TRAINED: Final = frozenset({"device", "threads", "instructions"})
_DEVICE: Final = register(r"^(cpu|cuda|auto|mps|cuda:[0-9]{1,2})$", "cpu, cuda, auto, mps, or a GPU such as cuda:1")


Factor = Annotated[float, Field(gt=0.0, le=1e6)]
ClassWeights = Annotated[
    tuple[Annotated[float, Field(ge=0.0, le=1e6)], ...], BeforeValidator(as_tuple), Field(min_length=2)
]


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
        augment: How training pictures are changed at random: names, or tables of a name and strengths.
    """

    added: ClassVar[frozenset[str]] = frozenset(
        {"instructions", "warm_up", "clip", "precision", "class_weights", "label_smoothing", "loss_weights", "augment"}
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
    loss_weights: dict[str, Factor] = Field(default_factory=dict, max_length=40)
    augment: Changes = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [change.name for change in self.augment]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f'augment names "{twice[0]}" twice. Name each change once')
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
