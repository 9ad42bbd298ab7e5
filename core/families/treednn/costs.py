"""What one trunk with k branches stores, computes and loads, against k dedicated networks.

Three counts of the same cut are kept apart, since they answer differently: TreeDNN's *layers*,
a backbone's *parameters* or bytes, and its *multiply-accumulates*. Heads are in none of them:
they are never shared, so they add the same to both sides and leave every gain as it is.
"""

import math
from dataclasses import dataclass

from core.backbones.backbone import BYTES_PER_PARAMETER, Backbone
from core.costs import CostQuestion
from core.errors import FamilyError


@dataclass(frozen=True, slots=True)
class Stored:
    """A trunk and its branches against the dedicated networks they replace, in one unit.

    Args:
        trunk: Size of the shared part.
        branches: Size of each branch.
        dedicated: Size of the dedicated network of each task, as many as branches.

    Raises:
        FamilyError: There is no branch, the numbers differ, or a size is negative or not finite.

    >>> Stored.with_equal_branches(60, 40, 5).gain
    240
    """

    trunk: float
    branches: tuple[float, ...]
    dedicated: tuple[float, ...]

    def __post_init__(self) -> None:
        check_branches(len(self.branches))
        if len(self.branches) != len(self.dedicated):
            raise FamilyError(
                f"{len(self.branches)} branches stand against {len(self.dedicated)} dedicated networks. "
                "Give one network for each branch."
            )
        wrong = [size for size in (self.trunk, *self.branches, *self.dedicated) if not 0 <= size < math.inf]
        if wrong:
            raise FamilyError(f"A size of {wrong[0]} was found. Sizes should be finite and zero or more.")

    @classmethod
    def with_equal_branches(cls, trunk: float, branch: float, n_branches: int) -> "Stored":
        """Return ``n_branches`` equal branches that each make a dedicated network with the trunk.

        Raises:
            FamilyError: There is no branch, or a size is negative or not finite.
        """
        check_branches(n_branches)
        return cls(trunk, (branch,) * n_branches, (trunk + branch,) * n_branches)

    @property
    def n_branches(self) -> int:
        """Number of branches k."""
        return len(self.branches)

    @property
    def tree(self) -> float:
        """The trunk once and every branch."""
        return self.trunk + sum(self.branches)

    @property
    def separate(self) -> float:
        """All dedicated networks."""
        return sum(self.dedicated)

    @property
    def gain(self) -> float:
        """What is saved; negative where branches are heavier than what the trunk spares."""
        return self.separate - self.tree

    @property
    def relative(self) -> float:
        """The gain as a share of the dedicated networks; 0 where these are empty."""
        return self.gain / self.separate if self.separate else 0.0


@dataclass(frozen=True, slots=True)
class LayerCount:
    """TreeDNN's count: a network of L layers, of which L/2 + ε are the trunk.

    An odd L has no middle layer boundary; the formula then speaks of half layers, and a
    half-integer ε puts the cut between two layers (``is_whole`` says so).

    Args:
        layers: Layers L of one dedicated network.
        epsilon: Layers ε by which the cut lies beyond the middle, −L/2 to L/2.
        n_branches: Number of branches k.

    Raises:
        FamilyError: L or k is below one or far too large, or ε lies beyond half the network.

    Reference:
        TreeDNN, appendix, Storage Calculation.

    >>> case = LayerCount(100, 10, 5)
    >>> case.gain, case.relative, round(case.asymptote, 3)
    (240.0, 0.48, 0.6)
    """

    layers: int
    epsilon: float
    n_branches: int

    def __post_init__(self) -> None:
        if self.layers < 1:
            raise FamilyError(f"A network of {self.layers} layers was requested. It should have at least one.")
        check_branches(self.n_branches)
        # Half layers of larger numbers are not exact.
        if self.layers * self.n_branches > 10**12:
            raise FamilyError("Networks of more than 10^12 layers together were requested. Give smaller numbers.")
        if not abs(self.epsilon) <= self.layers / 2:
            raise FamilyError(
                f"ε is {self.epsilon:g}, which moves the cut out of a network of {self.layers} layers. "
                f"Choose −{self.layers / 2:g} to {self.layers / 2:g}."
            )

    @property
    def trunk(self) -> float:
        """Layers of the trunk, L/2 + ε."""
        return self.layers / 2 + self.epsilon

    @property
    def branch(self) -> float:
        """Layers of one branch, L/2 − ε."""
        return self.layers / 2 - self.epsilon

    @property
    def is_whole(self) -> bool:
        """Whether the cut lies between two layers, not inside one."""
        return self.trunk == int(self.trunk)

    @property
    def tree(self) -> float:
        """Layers of the whole tree, L/2·(k + 1) + ε(1 − k)."""
        return self.layers / 2 * (self.n_branches + 1) + self.epsilon * (1 - self.n_branches)

    @property
    def separate(self) -> float:
        """Layers of k dedicated networks, kL."""
        return self.n_branches * self.layers

    @property
    def gain(self) -> float:
        """Layers saved, (k − 1)(L/2 + ε)."""
        return (self.n_branches - 1) * (self.layers / 2 + self.epsilon)

    @property
    def relative(self) -> float:
        """The gain as a share of kL, (k − 1)/k · (1/2 + ε/L)."""
        return self.gain / self.separate

    @property
    def asymptote(self) -> float:
        """What ``relative`` goes to with ever more branches, 1/2 + ε/L: the trunk's share."""
        return 0.5 + self.epsilon / self.layers

    @property
    def gain_as_printed(self) -> float:
        """The line before TreeDNN's result as it is printed: kL − L/2·(k + 1) + ε(1 − k).

        The sign of the last term has slipped: with it TreeDNN's own case would give 160. The
        240 that it goes on to print are those of ``gain``.
        """
        return self.separate - self.layers / 2 * (self.n_branches + 1) + self.epsilon * (1 - self.n_branches)

    @property
    def stored(self) -> Stored:
        """The same as a value that any unit has."""
        return Stored.with_equal_branches(self.trunk, self.branch, self.n_branches)


@dataclass(frozen=True, slots=True)
class CutBackbone:
    """A real backbone whose first blocks are the trunk and whose rest is every branch.

    Args:
        backbone: The blocks.
        cut: Number of leading blocks in the trunk, 0 (nothing shared) to B (all but the heads).
        n_branches: Number of branches k.

    Raises:
        FamilyError: The cut lies outside the backbone, or there is no branch.
    """

    backbone: Backbone
    cut: int
    n_branches: int

    def __post_init__(self) -> None:
        check_cut(self.cut, self.backbone.n_blocks, self.backbone.name)
        check_branches(self.n_branches)

    @property
    def blocks(self) -> Stored:
        """Blocks stored: TreeDNN's layers on this backbone."""
        return Stored.with_equal_branches(self.cut, self.backbone.n_blocks - self.cut, self.n_branches)

    @property
    def params(self) -> Stored:
        """Parameters stored."""
        return self._stored("params")

    @property
    def bytes(self) -> Stored:
        """Float32 bytes stored."""
        params = self.params
        return Stored.with_equal_branches(
            params.trunk * BYTES_PER_PARAMETER, params.branches[0] * BYTES_PER_PARAMETER, self.n_branches
        )

    def macs(self, question: CostQuestion) -> Stored:
        """Return the number of multiply-accumulates.

        Where every task sees the same input, the trunk runs once for all of them. Where one
        task runs at a time, as on TreeDNN's phone, a tree computes what the dedicated
        network of that task computes, and nothing is saved.

        Args:
            question: ``ALL_TASKS`` or ``ONE_TASK``.
        """
        return (
            self._stored("macs")
            if question is CostQuestion.ALL_TASKS
            else Stored.with_equal_branches(*self._parts("macs"), n_branches=1)
        )

    @property
    def trunk_share(self) -> float:
        """Share of the parameters in the trunk: what the relative gain goes to with ever more branches."""
        return self.params.trunk / self.backbone.params if self.backbone.params else 0.0

    @property
    def branch_share(self) -> float:
        """Share of the parameters that a switch has to load."""
        return 1 - self.trunk_share

    def _stored(self, field: str) -> Stored:
        return Stored.with_equal_branches(*self._parts(field), n_branches=self.n_branches)

    def _parts(self, field: str) -> tuple[int, int]:
        sizes = [int(getattr(block, field)) for block in self.backbone.blocks]
        return sum(sizes[: self.cut]), sum(sizes[self.cut :])


def response(seconds: float, branch_share: float) -> float:
    """Return the time to switch to a task when only its branch is loaded: t → t · branch share.

    TreeDNN's arithmetic, with t/2 for a branch of half the network. It takes loading to be all
    of the time and even per byte; ``branchwise switch`` measures how far that is so.

    Args:
        seconds: Time t that the whole network takes, in any unit.
        branch_share: Share of the network in the branch, 0 to 1.

    Raises:
        FamilyError: The time is negative or the share outside 0 to 1.

    Reference:
        TreeDNN, appendix, figure 2.

    >>> response(228, 0.5)
    114.0
    """
    if not 0 <= seconds < math.inf:
        raise FamilyError(f"A response time of {seconds} was given. It should be finite and zero or more.")
    if not 0 <= branch_share <= 1:
        raise FamilyError(f"A branch can't be {branch_share:g} of a network. Give a share of 0 to 1.")
    return seconds * branch_share


def implied_trunk_share(separate: float, tree: float, n_branches: int) -> float:
    """Return the trunk's share of one network that explains a published size of a whole tree.

    k equal networks of size m take S = km, their tree R = m(τ + k(1 − τ)); so τ = (1 − R/S)·k/(k − 1).

    Args:
        separate: Size S of all dedicated networks.
        tree: Size R of the tree.
        n_branches: Number of branches k, at least two.

    Raises:
        FamilyError: One network says nothing about a share, or no share explains the sizes.

    >>> round(implied_trunk_share(120, 68, 8), 4)
    0.4952
    """
    if n_branches < 2:
        raise FamilyError(f"{n_branches} branch(es) say nothing about the trunk's share. Give at least two.")
    # One trunk and no branch is as large as one network, but for rounding.
    if not (0 < separate < math.inf and separate / n_branches * (1 - 1e-9) <= tree <= separate):
        raise FamilyError(
            f"A tree of {tree:g} can't replace {n_branches} networks of {separate:g} together. "
            f"Give a size from {separate / n_branches:g} to {separate:g}."
        )
    return (1 - tree / separate) * n_branches / (n_branches - 1)


def check_branches(n_branches: int) -> None:
    """Check that there is at least one branch, else raise FamilyError."""
    if n_branches < 1:
        raise FamilyError(f"A tree with {n_branches} branches serves nobody. Give it at least one.")


def check_cut(cut: int, n_blocks: int, name: str) -> None:
    """Check that ``cut`` leading blocks can be the trunk of a backbone of ``n_blocks``, else raise FamilyError."""
    if not 0 <= cut <= n_blocks:
        raise FamilyError(
            f"A trunk of {cut} blocks was requested, but {name} has {n_blocks}. Choose a cut from 0 to {n_blocks}."
        )
