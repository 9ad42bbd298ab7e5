"""Steps of the training of a TreeDNN, with the real sizes of a backbone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.storage.tree_sizes import TreeSizes
from app.ui.formatting import amount, listed, share
from core.costs import Unit
from core.data.federated import FederatedSampler
from core.families.treednn.costs import CutBackbone

# An example, large enough for one row of each of forty data sets.
BATCH: Final = 64
PHASE_1, PHASE_2, LATER = "Phase 1 · generalised", "Phase 2 · specialised", "Later"


class Weights(StrEnum):
    """State of the weights of trunk or branch in one step; the value is the label in the picture."""

    UNTRAINED = "untrained"
    COMPUTE = "forward"
    LEARN = "training"
    IN_TURN = "training in turn"
    FROZEN = "frozen"
    KEPT = "unchanged"


class Flow(StrEnum):
    """Direction of the data flow in one step."""

    NOTHING = "nothing"
    BATCH = "batch"
    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """One step of the training picture.

    Args:
        phase: Which part of the training.
        title: What happens, in a few words.
        caption: The same in one or two sentences, with sizes.
        trunk: State of the trunk's weights.
        branches: State of each branch's weights, ``[n_branches]``, and one more if a branch is grafted.
        rows: Data sets that have rows in the batch, by the number of their branch.
        flow: Direction of the data flow.
    """

    phase: str
    title: str
    caption: str
    trunk: Weights
    branches: tuple[Weights, ...]
    rows: tuple[int, ...] = ()
    flow: Flow = Flow.NOTHING


def training_steps(
    cut_backbone: CutBackbone, names: Sequence[str], grafts: Sequence[str] = ()
) -> tuple[TrainingStep, ...]:
    """Return the steps of the training, with a graft at the end.

    Args:
        cut_backbone: Trunk and the branches that are trained with it.
        names: Of these branches, ``[n_branches]``.
        grafts: Names of branches that are grafted later; none tells of a task without a name.
    """
    return tuple(_Training(cut_backbone, names, grafts).steps())


class _Training(TreeSizes):
    """The steps of the training."""

    def __init__(self, cut_backbone: CutBackbone, names: Sequence[str], grafts: Sequence[str]) -> None:
        super().__init__(cut_backbone, names)
        self.grafts = grafts

    def steps(self) -> Iterator[TrainingStep]:
        everyone = tuple(range(self.k))
        yield self._step("", self._tree_title(), self._parts(), Weights.UNTRAINED, [Weights.UNTRAINED] * self.k)
        yield self._step(
            PHASE_1, "A federated batch", self._batch(), Weights.UNTRAINED, [Weights.UNTRAINED] * self.k, everyone,
            Flow.BATCH,
        )  # fmt: skip
        yield self._step(
            PHASE_1, self._forward_title(), self._forward(), Weights.COMPUTE,
            [Weights.COMPUTE] * self.k, everyone, Flow.FORWARD,
        )  # fmt: skip
        yield self._step(
            PHASE_1, "Backward: all weights are updated", self._backward(), Weights.LEARN, [Weights.LEARN] * self.k,
            everyone, Flow.BACKWARD,
        )  # fmt: skip
        yield self._step(
            PHASE_2,
            "The trunk is frozen" if self.has_trunk else "Each branch separately",
            self._frozen(),
            Weights.FROZEN,
            [Weights.KEPT] * self.k,
        )
        for place in range(min(self.k, 2)):
            yield self._alone(place)
        if self.k > 2:
            yield self._others()
        yield self._step("Done", "All branches are trained", self._done(), Weights.KEPT, [Weights.KEPT] * self.k)
        yield self._step(
            LATER, f"A graft: {self.grafts[0] if self.grafts else 'one more branch'}", self._graft(), Weights.FROZEN,
            [Weights.KEPT] * self.k + [Weights.LEARN], (self.k,), Flow.BOTH,
        )  # fmt: skip

    def _step(
        self, phase: str, title: str, caption: str, trunk: Weights, branches: Sequence[Weights],
        rows: tuple[int, ...] = (), flow: Flow = Flow.NOTHING,
    ) -> TrainingStep:  # fmt: skip
        return TrainingStep(phase or "Before", title, caption, trunk, tuple(branches), rows, flow)

    def _tree_title(self) -> str:
        return f"One trunk, {self.k} branches" if self.k > 1 else "One trunk, one branch"

    def _parts(self) -> str:
        cut, n_blocks, name = (
            self.cut_backbone.cut,
            self.cut_backbone.backbone.n_blocks,
            self.cut_backbone.backbone.name,
        )
        sizes = amount(self.trunk, Unit.BYTES), amount(self.branch, Unit.BYTES)
        if not self.has_trunk:
            parts = (
                f"The cut is before block 1: the trunk is empty, and every branch is a complete {name} ({sizes[1]})."
            )
        elif cut == n_blocks:
            parts = f"The trunk holds all {n_blocks} blocks of {name} ({sizes[0]}); a branch is only a head."
        else:
            parts = (
                f"The trunk holds {_blocks(1, cut)} of {name} ({sizes[0]}), "
                f"{'every' if self.k > 1 else 'the'} branch {_blocks(cut + 1, n_blocks)} ({sizes[1]})."
            )
        own = f" Each of the {self.k} tasks has its own data set." if self.k > 1 else ""
        return f"{parts}{own} Bar length: number of parameters."

    def _batch(self) -> str:
        rows = FederatedSampler((1,) * self.k, BATCH).rows_per_set
        if self.k == 1:
            return f"With one data set, a batch is {BATCH} of its rows."
        more, n_more = rows[0], rows.count(rows[0])
        if n_more == self.k:
            parts = f"{_rows(more)} of each of the {self.k} data sets"
        else:
            parts = f"{_rows(more)} of each of the first {n_more} data sets and {rows[-1]} of each other"
            if n_more == 1:
                parts = f"{_rows(more)} of the first data set and {rows[-1]} of each other"
        return f"Every batch mixes all data sets: of {BATCH} rows, {parts}. The number on a row is its data set."

    def _forward_title(self) -> str:
        return "Forward: each row to its own branch" if self.k > 1 else "Forward"

    def _forward(self) -> str:
        if not self.has_trunk:
            return "There is no trunk: each row goes directly to the branch of its data set."
        if self.k == 1:
            return f"All {BATCH} rows pass through the trunk and the branch."
        return (
            f"All {BATCH} rows pass through the trunk together. Then each row goes only to "
            "the branch of its data set, since it has a label only there."
        )

    def _backward(self) -> str:
        changed = f"every step updates {amount(self.tree, Unit.BYTES)} of weights."
        if not self.has_trunk:
            return f"Each branch is updated from its own rows only: {changed}"
        if self.k == 1:
            return f"The gradient of the loss passes through branch and trunk: {changed}"
        return (
            "The losses of all branches are summed. A branch gets gradients from its own rows, the trunk from all "
            f"rows: {changed}"
        )

    def _frozen(self) -> str:
        if not self.has_trunk:
            return "At this cut there is no trunk to freeze: phase 2 continues to train each branch separately."
        return (
            f"From now on the {amount(self.trunk, Unit.BYTES)} of the trunk are frozen bit for bit, including the "
            "statistics of its BatchNorm layers. The branches are trained one by one."
        )

    def _alone(self, place: int) -> TrainingStep:
        states = [Weights.LEARN if other == place else Weights.KEPT for other in range(self.k)]
        name = self.names[place]
        if place == 0:
            words = f"Only rows of {name} are used, and only its branch is trained ({self.branch_words})."
        else:
            words = f"Then {name} in the same way: only its rows, only its branch ({self.branch_words})."
        if self.k > 1:
            rest = "the other branch" if self.k == 2 else f"the other {self.k - 1} branches"
            words += f" {'Trunk and ' + rest if self.has_trunk else rest.capitalize()} do not change."
        return self._step(PHASE_2, f"Only {name}", words, Weights.FROZEN, states, (place,), Flow.BOTH)

    def _others(self) -> TrainingStep:
        states = [Weights.KEPT] * 2 + [Weights.IN_TURN] * (self.k - 2)
        left = listed(self.names[2:]) if self.k <= 6 else f"the other {self.k - 2} branches"
        caption = (
            f"The same for {left}, one at a time, each on its own data. The order does not matter: no branch "
            "changes the output of another."
        )
        return self._step(
            PHASE_2,
            "The other branches, one by one",
            caption,
            Weights.FROZEN,
            states,
            tuple(range(2, self.k)),
            Flow.BOTH,
        )

    def _done(self) -> str:
        size = amount(self.tree, Unit.BYTES)
        if self.k == 1:
            return f"A trunk with one branch is one network: {size}, and nothing is saved."
        against = f"{amount(self.separate, Unit.BYTES)} for {self.k} dedicated networks"
        saved = "the trunk is stored once" if self.has_trunk else "with an empty trunk nothing is saved"
        return f"TreeDNN takes {size} instead of {against}: {saved} ({share(self.relative)} less)."

    def _graft(self) -> str:
        kept = "the branch" if self.k == 1 else f"the {self.k} branches"
        where = "on the frozen trunk" if self.has_trunk else "separately"
        task = f"The task {self.grafts[0]}" if self.grafts else "A task"
        others = self.grafts[1:]
        more = f" {listed(others)} {'follows' if len(others) == 1 else 'follow'} in the same way." if others else ""
        return (
            f"{task} is added later: a new branch ({self.branch_words}) is trained {where} on its own data. "
            f"Nothing else changes: all outputs of {kept} stay the same, bit for bit.{more}"
        )


def _blocks(first: int, last: int) -> str:
    return f"block {first}" if first == last else f"blocks {first} to {last}"


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n} rows"
