"""What a rival's run returns besides metrics: what its network holds and computes."""

from typing import Annotated

from pydantic import Field

from core.runs.run import Payload

Count = Annotated[int, Field(ge=0, lt=2**53)]
Counts = Annotated[tuple[Count, ...], Field(max_length=40)]


class RivalPayload(Payload):
    """What one network holds and computes, without heads but for ``head_params``.

    Args:
        shared_params: Parameters that no task has for itself.
        own_params: Parameters that only one task uses, ``[n_tasks]``.
        used_params: Parameters of a pass for one task, ``[n_tasks]``.
        head_params: Parameters of each task's head.
        mask_bits: Bits that say which task may use which weight, or run which block.
        macs: Multiply-accumulates of a pass for one task on one picture, as torch runs it, ``[n_tasks]``.
        macs_for_all: The same for all tasks on one picture.
        nonzero_macs: Those of ``macs`` whose weight is not zero; fewer where weights are masked one by one, which
            only hardware for sparse networks can use.
        runs: Whether a pass for one task runs a block, ``[n_tasks][n_blocks]``.
        runs_for_all: How often each block runs for all tasks on one input.
        has_extra: Whether a pass computes more than blocks and heads.
    """

    shared_params: Count
    own_params: Counts
    used_params: Counts
    head_params: Counts
    mask_bits: Count
    macs: Counts
    macs_for_all: Count
    nonzero_macs: Counts
    runs: Annotated[tuple[Annotated[tuple[bool, ...], Field(max_length=40)], ...], Field(max_length=40)]
    runs_for_all: Counts
    has_extra: bool

    @property
    def stored_params(self) -> int:
        """Parameters of everything that is kept."""
        return self.shared_params + sum(self.own_params)

    @property
    def resident_params(self) -> int:
        """Parameters in memory while tasks are switched: what is shared, and the largest task's own."""
        return self.shared_params + max(self.own_params, default=0)

    def fits(self, n_tasks: int, n_blocks: int) -> bool:
        """Return whether it is of a network of so many tasks and blocks."""
        of_tasks = (self.own_params, self.used_params, self.head_params, self.macs, self.nonzero_macs, self.runs)
        return {*map(len, of_tasks)} == {n_tasks} and {*map(len, self.runs), len(self.runs_for_all)} == {n_blocks}
