"""What runs of recombined networks and of compared features give."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from core.errors import StudyError
from core.runs.run import Payload


class SampleLosses(BaseModel):
    """Validation losses sample by sample, as a run of recombined networks gives them.

    Args:
        targets: The tasks that were solved.
        data: ``float32 [n_targets, n_samples]``, little-endian, as base64 text; NaN where a sample has no label.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    targets: tuple[str, ...]
    data: str

    @classmethod
    def of(cls, losses: Mapping[str, NDArray[np.floating]]) -> Self:
        """Keep the losses of some targets, ``[n_samples]`` each."""
        values = np.stack([*losses.values()]).astype("<f4")
        return cls(targets=tuple(losses), data=base64.b64encode(values.tobytes()).decode())

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return target → losses, ``[n_samples]``.

        Raises:
            StudyError: The text is no array of as many targets.
        """
        try:
            values = np.frombuffer(base64.b64decode(self.data, validate=True), dtype="<f4")
            rows = values.reshape(len(self.targets), -1).astype(np.float32)
        except (binascii.Error, ValueError):
            raise StudyError("The losses of recombined networks are damaged. Train them again.") from None
        return dict(zip(self.targets, rows, strict=True))


class LossesPayload(Payload):
    """What a run of recombined networks gives.

    Args:
        losses: Of every target, sample by sample.
    """

    losses: SampleLosses


class SimilarityPayload(Payload):
    """What a comparison of features gives.

    Args:
        similarity: Plain document of a ``core.affinity.Similarity``.
    """

    similarity: dict[str, Any]
