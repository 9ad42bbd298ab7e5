"""What runs of a TreeDNN return besides metrics."""

from typing import Annotated

from pydantic import Field

from core.runs.run import Payload

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# Rank correlations after each block behind the trunk.
Correlations = Annotated[tuple[Annotated[float, Field(ge=-1, le=1)], ...], Field(max_length=80)]


class TreePayload(Payload):
    """What a run of a TreeDNN gives.

    Args:
        rows: Branch → training rows.
        digests: Branch (the trunk is ``""``) → SHA-256 of its weights and statistics afterwards: a part whose
            digest is that of the run it started from is bit for bit as it was.
        alike: Branch → rank correlation of its features with those of a new data set's dedicated network after
            each block behind the trunk; of a graft.
    """

    rows: dict[str, Annotated[int, Field(ge=0, lt=2**40)]] = Field(default_factory=dict, max_length=40)
    digests: dict[str, Digest] = Field(default_factory=dict, max_length=41)
    alike: dict[str, Correlations] = Field(default_factory=dict, max_length=40)
