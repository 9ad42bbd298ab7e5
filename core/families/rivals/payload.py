"""What a rival's run returns besides metrics: what its network holds and computes."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field

from core.bounded_number import Value
from core.families.rivals.method import STAGED, Method, mask_bits, runs_together, units_of
from core.runs.result import Split
from core.runs.run import Payload

Count = Annotated[int, Field(ge=0, lt=2**53)]
# Task → metrics, of all tasks that were learned so far.
Stage = Annotated[dict[Annotated[str, Field(max_length=64)], dict[str, Value]], Field(max_length=40)]
Counts = Annotated[tuple[Count, ...], Field(max_length=40)]


class RivalPayload(Payload):
    """What one network holds and computes, without heads but for ``head_params``.

    Args:
        shared_params: Parameters that no task has for itself.
        own_params: Parameters that only one task uses, ``[n_tasks]``.
        used_params: Parameters of a pass for one task, ``[n_tasks]``.
        head_params: Parameters of each task's head.
        mask_bits: Bits that say which task may use which weight or unit, or run which block.
        macs: Multiply-accumulates of a pass for one task on one picture, as torch runs it, ``[n_tasks]``.
        macs_for_all: The same for all tasks on one picture.
        nonzero_macs: Those of ``macs`` whose weight is not zero; fewer where weights are masked one by one, which
            only hardware for sparse networks can use.
        runs: Whether a pass for one task runs a block, ``[n_tasks][n_blocks]``.
        runs_for_all: How often each block runs for all tasks on one input.
        has_extra: Whether a pass computes more than blocks and heads.
        is_narrow: Whether passes have fewer channels than the blocks, so that seconds of blocks say nothing of them.
        stages: Of methods that learn one task after another without the data of those before it: split → for each task
            that was learned, in its turn → the metrics of all tasks up to it.
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
    is_narrow: bool = False
    stages: dict[Split, Annotated[tuple[Stage, ...], Field(max_length=40)]] = Field(default_factory=dict)

    @property
    def stored_params(self) -> int:
        """Parameters of everything that is kept."""
        return self.shared_params + sum(self.own_params)

    @property
    def resident_params(self) -> int:
        """Parameters in memory while tasks are switched: what is shared, and the largest task's own."""
        return self.shared_params + max(self.own_params, default=0)

    def fits(self, method: Method, n_tasks: int, n_blocks: int) -> bool:
        """Return whether a network of a method, with so many tasks and blocks, can be so."""
        of_tasks = (self.own_params, self.used_params, self.head_params, self.macs, self.nonzero_macs, self.runs)
        if {*map(len, of_tasks)} != {n_tasks} or {*map(len, self.runs), len(self.runs_for_all)} != {n_blocks}:
            return False
        parts = (
            max(self.used_params) <= self.resident_params,
            max(self.macs) <= self.macs_for_all <= sum(self.macs),
            all(some <= every for some, every in zip(self.nonzero_macs, self.macs, strict=True)),
            self.has_extra == (method.name == "mtan"),
            self.is_narrow == bool(units_of(method)),
        )
        return all(parts) and self._fits_method(method, n_tasks, n_blocks)

    def _fits_method(self, method: Method, n_tasks: int, n_blocks: int) -> bool:
        runs_all = all(map(all, self.runs))
        if method.name == "adashare":
            runs_first = all(row[0] for row in self.runs)
            bits = self.mask_bits % n_tasks == 0 and self.mask_bits < n_tasks * n_blocks
            return runs_first and bits and not any(self.own_params) and self.runs_for_all == runs_together(self.runs)
        if method.name == "mtan":
            return runs_all and not self.mask_bits and self.runs_for_all == (1,) * n_blocks
        if method.name in STAGED:
            once = {*self.macs} == {self.macs_for_all} and self.runs_for_all == (1,) * n_blocks
            whole = {*self.used_params} == {self.shared_params} and not any(self.own_params)
            return runs_all and once and whole and not self.mask_bits
        passes = self.macs_for_all == sum(self.macs) and self.runs_for_all == (n_tasks,) * n_blocks
        if units := units_of(method):
            # Each task has more units than the one before it, and the last one all.
            grows = all(one < other for of_tasks in (self.used_params, self.macs) for one, other in pairwise(of_tasks))
            whole = self.used_params[-1] == self.shared_params + self.own_params[-1]
            return runs_all and passes and grows and whole and self.mask_bits == mask_bits(n_tasks, units)
        return runs_all and passes and self.mask_bits == mask_bits(n_tasks, self.shared_params)
