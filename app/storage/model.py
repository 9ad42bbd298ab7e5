"""Gain of a cut of a backbone with k branches in every unit, as numbers and text."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import pandas as pd

from app.ui.formatting import amount, count, listed, minus, share
from core.backbones import Backbone
from core.costs import CostQuestion, Unit
from core.families.treednn.costs import CutBackbone, LayerCount, Stored, response
from core.families.treednn.published import TABLE_1

MOST_BRANCHES = 40
# If the share of saved parameters is below this fraction of the share of saved blocks, the text says "only".
_FEW = 0.6


class Gain(StrEnum):
    """How the gain is drawn."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"


class Count(StrEnum):
    """What is counted; each has its own curve over the number of branches."""

    FORMULA = "formula"
    BLOCKS = "blocks"
    PARAMETERS = "parameters"
    ALL_TASKS = "all tasks"
    ONE_TASK = "one task"


_THINGS = {Count.FORMULA: "layers", Count.BLOCKS: "blocks"}


@dataclass(frozen=True, eq=False)
class StorageView:
    """A backbone with a cut and k branches, and TreeDNN's formula.

    Args:
        case: The backbone, its cut, the number of branches.
        formula: TreeDNN's count of layers; None if ε is invalid for L.
        gain: How the gain is drawn.
    """

    case: CutBackbone
    formula: LayerCount | None
    gain: Gain = Gain.RELATIVE

    @property
    def backbone(self) -> Backbone:
        """The backbone."""
        return self.case.backbone

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        """What can be counted: a backbone of an imported table may have no parameters or no MACs."""
        known = {
            Count.FORMULA: self.formula is not None,
            Count.BLOCKS: True,
            Count.PARAMETERS: self.backbone.params > 0,
            Count.ALL_TASKS: self.backbone.macs > 0,
            Count.ONE_TASK: self.backbone.macs > 0,
        }
        return tuple(each for each in Count if known[each])

    def with_cut(self, cut: int) -> "StorageView":
        """Return the same with another cut."""
        return StorageView(CutBackbone(self.backbone, cut, self.case.n_branches), self.formula, self.gain)

    def with_branches(self, n_branches: int) -> "StorageView":
        """Return the same with another number of branches."""
        formula = self.formula and LayerCount(self.formula.layers, self.formula.epsilon, n_branches)
        return StorageView(CutBackbone(self.backbone, self.case.cut, n_branches), formula, self.gain)

    def stored(self, what: Count) -> Stored:
        """Return the sizes of the TreeDNN and of k dedicated networks in one count."""
        return self._stored[what]

    @cached_property
    def _stored(self) -> dict[Count, Stored]:
        case = self.case
        found = {
            Count.BLOCKS: case.blocks,
            Count.PARAMETERS: case.params,
            Count.ALL_TASKS: case.macs(CostQuestion.ALL_TASKS),
            Count.ONE_TASK: case.macs(CostQuestion.ONE_TASK),
        }
        return found if self.formula is None else {Count.FORMULA: self.formula.stored, **found}

    @cached_property
    def bytes(self) -> Stored:
        """Sizes of the TreeDNN and of k dedicated networks in float32 bytes."""
        return self.case.bytes

    def asymptote(self, what: Count) -> float:
        """Return the limit of the relative gain for many branches: the trunk's share, or 0."""
        if what is Count.ONE_TASK:
            return 0.0
        stored = self.stored(what)
        whole = stored.dedicated[0]
        return stored.trunk / whole if whole else 0.0

    def written(self, what: Count, value: float) -> str:
        """Return a size as text, in layers, blocks, parameters or multiply-accumulates."""
        if what in (Count.FORMULA, Count.BLOCKS):
            return count(int(value)) if value == int(value) else f"{value:g}"
        return amount(value, Unit.PARAMETERS if what is Count.PARAMETERS else Unit.MACS)

    def saved(self, what: Count) -> str:
        """Return the gain as text, as a share or an amount."""
        stored = self.stored(what)
        if self.gain is Gain.RELATIVE:
            return share(stored.relative)
        words = f"{self.written(what, stored.gain)} of {self.written(what, stored.separate)}"
        if what is Count.PARAMETERS:
            return f"{words} ({amount(self.bytes.gain, Unit.BYTES)})"
        return f"{words} {_THINGS[what]}" if what in _THINGS else words


def middle(backbone: Backbone) -> int:
    """Return the cut in the middle of the blocks; at least one block is shared.

    >>> from core.backbones import load_backbone
    >>> middle(load_backbone("mobilenet_v2"))
    16
    """
    return max(1, backbone.n_blocks // 2)


def nearest_cut(backbone: Backbone, trunk_share: float) -> int:
    """Return the cut whose trunk is nearest to a share of the parameters; the earlier one of two.

    Args:
        backbone: A backbone with parameters.
        trunk_share: Share wanted, 0 to 1.
    """
    shares = [CutBackbone(backbone, cut, 1).trunk_share for cut in range(backbone.n_blocks + 1)]
    return min(range(len(shares)), key=lambda cut: abs(shares[cut] - trunk_share))


def contrast(view: StorageView) -> str:
    """Say in words what this cut saves in blocks, in parameters and in multiply-accumulates."""
    case, blocks = view.case, view.stored(Count.BLOCKS)
    b, k = view.backbone.n_blocks, case.n_branches
    if k == 1:
        return "One branch is one dedicated network: nothing is shared, so nothing is saved."
    if case.cut == 0:
        return f"Nothing is shared: these are {k} dedicated networks."
    first = "the first" if case.cut == 1 else f"the first {case.cut}"
    words = f"With {k} branches, sharing {first} of {b} blocks saves {share(blocks.relative)} of the blocks"
    if Count.PARAMETERS in view.counts:
        params = view.stored(Count.PARAMETERS).relative
        if params < _FEW * blocks.relative:
            words += f", but only {share(params)} of the parameters and bytes: these first blocks have few of them."
        elif params * _FEW > blocks.relative:
            words += f", and as much as {share(params)} of the parameters and bytes: these first blocks have many."
        else:
            words += f" and {share(params)} of the parameters and bytes."
    else:
        words += "."
    if Count.ALL_TASKS in view.counts:
        words += (
            f" If all {k} tasks use the same input, {share(view.stored(Count.ALL_TASKS).relative)} of the "
            "multiply-accumulates are saved too; one task at a time saves none."
        )
    return words


def where(view: StorageView) -> str:
    """Return the end of the trunk in words."""
    cut, blocks = view.case.cut, view.backbone.blocks
    if cut == 0:
        return "No trunk: every branch is a complete network"
    if cut == len(blocks):
        return f"The trunk is all {cut} blocks; the branches are heads"
    name = blocks[cut - 1].name.split(" … ")[-1]
    # A name as of torchvision's layers says nothing to those who don't know the code.
    called = f" (called {name} in its code)" if "." in name else f", {name}"
    return f"The trunk ends after block {cut} of {len(blocks)}{called}"


def switch_milliseconds(view: StorageView) -> float:
    """Return TreeDNN's 228 ms times the branch's share, by its own formula."""
    return response(TABLE_1.separate_milliseconds, view.case.branch_share)


def tiles(view: StorageView) -> list[tuple[str, str, str]]:
    """Return label, value and note of the metrics."""
    case, found = view.case, []
    k = case.n_branches
    networks = f"{k} dedicated network{'s' if k > 1 else ''}"
    if Count.PARAMETERS in view.counts:
        sizes, params = view.bytes, view.stored(Count.PARAMETERS)
        limit = view.asymptote(Count.PARAMETERS)
        found = [
            ("Stored", amount(sizes.tree, Unit.BYTES), f"instead of {amount(sizes.separate, Unit.BYTES)}, {networks}"),
            (
                "Saved storage",
                share(params.relative),
                f"{amount(sizes.gain, Unit.BYTES)}; at most {share(limit)} as k grows",
            ),
            (
                "Trunk",
                amount(sizes.trunk, Unit.BYTES),
                f"{amount(params.trunk, Unit.PARAMETERS)} parameters, stored once",
            ),
            (
                "Each branch",
                amount(sizes.branches[0], Unit.BYTES),
                f"{amount(params.branches[0], Unit.PARAMETERS)} parameters, read at a switch",
            ),
            (
                "Expected switch time",
                share(1 - limit),
                f"of loading a whole network, if load time scaled with bytes: TreeDNN's "
                f"{TABLE_1.separate_milliseconds:g}\u00a0ms would be {switch_milliseconds(view):.0f}\u00a0ms",
            ),
        ]
    if Count.ALL_TASKS in view.counts:
        work = view.stored(Count.ALL_TASKS)
        found.append(("Saved MACs", share(work.relative), f"all {k} tasks on one input; none for one task at a time"))
    return found


def strips(view: StorageView) -> dict[Count, tuple[str, str]]:
    """Give, for each row of the drawing, the trunk's share and its size of the whole."""
    found: dict[Count, tuple[str, str]] = {}
    for what in (Count.BLOCKS, Count.PARAMETERS, Count.ALL_TASKS):
        if what in view.counts:
            stored = view.stored(what)
            whole = stored.dedicated[0]
            found[what] = (
                share(view.asymptote(what)),
                f"{view.written(what, stored.trunk)} of {view.written(what, whole)}",
            )
    return found


def curve_names(view: StorageView) -> dict[Count, str]:
    """Return what the curve of each count is called."""
    names = {
        Count.BLOCKS: f"blocks of {view.backbone.name}",
        Count.PARAMETERS: "parameters, 4 bytes each",
        Count.ALL_TASKS: "all k tasks on one input",
        Count.ONE_TASK: "one task at a time: nothing saved",
    }
    if view.formula is not None:
        names[Count.FORMULA] = minus(f"formula, L = {view.formula.layers}, ε = {view.formula.epsilon:g}")
    return {what: names[what] for what in view.counts}


def curves_frame(view: StorageView, n_branches: Sequence[int] = range(1, MOST_BRANCHES + 1)) -> pd.DataFrame:
    """Return the values of every curve at every number of branches, one row each."""
    names = curve_names(view)
    rows = []
    for k in n_branches:
        at = view.with_branches(k)
        for what in view.counts:
            stored = at.stored(what)
            rows.append(
                {
                    "branches": k,
                    "count": str(what),
                    "curve": names[what],
                    "tree": stored.tree,
                    "dedicated": stored.separate,
                    "saved": stored.gain,
                    "saved_share": stored.relative,
                    "asymptote": view.asymptote(what),
                }
            )
    return pd.DataFrame(rows)


def cuts_frame(view: StorageView) -> pd.DataFrame:
    """Return the gain of every cut with k branches: sizes in bytes, shares in percent."""
    rows = []
    for cut in range(view.backbone.n_blocks + 1):
        at = view.with_cut(cut)
        row: dict[str, object] = {
            "trunk": cut,
            "ends with": view.backbone.blocks[cut - 1].name.split(" … ")[-1] if cut else "–",
            "saved blocks": 100 * at.stored(Count.BLOCKS).relative,
        }
        if Count.PARAMETERS in view.counts:
            row["saved parameters"] = 100 * at.stored(Count.PARAMETERS).relative
            row["trunk bytes"], row["branch bytes"] = at.bytes.trunk, at.bytes.branches[0]
            row["switch"] = 100 * at.case.branch_share
        if Count.ALL_TASKS in view.counts:
            row["saved MACs"] = 100 * at.stored(Count.ALL_TASKS).relative
        rows.append(row)
    return pd.DataFrame(rows)


def spoken(view: StorageView) -> str:
    """Return the curves at the chosen number of branches in words."""
    names = curve_names(view)
    parts = [f"{names[what]} {view.saved(what)}, limit {share(view.asymptote(what))}" for what in view.counts]
    return f"Gain with {count(view.case.n_branches)} branches: {listed(parts)}"
