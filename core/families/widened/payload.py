"""What the run of a network of another width returns besides metrics: what its blocks cost."""

from typing import Annotated

from pydantic import Field

from core.runs.run import Payload

Count = Annotated[int, Field(ge=0, lt=2**53)]


class WidenedPayload(Payload):
    """What one copy of each block costs.

    Args:
        params: Parameters, ``[n_blocks]``.
        macs: Multiply-accumulates on one picture, ``[n_blocks]``.
    """

    params: Annotated[tuple[Count, ...], Field(min_length=1, max_length=40)]
    macs: Annotated[tuple[Count, ...], Field(min_length=1, max_length=40)]
