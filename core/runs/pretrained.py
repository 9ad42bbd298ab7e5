"""Which pretrained weights a backbone starts from, and how fast they learn."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from core.runs.frozen import Extended, shown_path
from core.value_fault import register

MOST_PATH = 1000
_TAG = register(r"^([A-Za-z0-9][A-Za-z0-9_.-]{0,79})?$", "letters, digits, _, . and -, at most 80")
_HASH = register(r"^([0-9a-f]{64})?$", "64 hexadecimal digits")


class PretrainedWeights(Extended):
    """Weights that the blocks start from instead of random ones: of a file, or of a published network.

    ``fingerprint``, the SHA-256 of the file, is filled in before keys are made: it says which weights are meant,
    and ``file`` only where they are.

    Args:
        file: A state dictionary on the machine that trains: a safetensors file, or one that ``torch.save`` wrote;
            absolute, or from the study file's folder.
        zoo: What the library calls published weights of this network, such as ``IMAGENET1K_V1``; they are never
            downloaded, so their file must be in the library's cache already.
        freeze: Number of leading blocks that do not learn; their norms keep their statistics.
        rate: Factor of the learning rate of the other blocks; heads have the whole rate.
    """

    file: Annotated[str, Field(max_length=MOST_PATH), AfterValidator(shown_path)] = ""
    zoo: str = Field(default="", pattern=_TAG)
    freeze: int = Field(default=0, ge=0, le=40)
    rate: float = Field(default=1.0, gt=0.0, le=1.0)
    fingerprint: str = Field(default="", pattern=_HASH)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.file) == bool(self.zoo):
            raise ValueError("pretrained weights come from a file or from a zoo. Write one of the two")
        return self

    @property
    def all_learn_alike(self) -> bool:
        """Whether all blocks learn at the whole rate."""
        return not self.freeze and self.rate == 1
