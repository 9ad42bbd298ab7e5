"""TreeDNN: one trunk, and for every task a separate branch with its own data."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Self

import torch
from torch import Tensor, nn

from core.errors import FamilyError
from core.families.treednn.branch import Branch, BranchPlan, Shape, make_branch, shapes
from core.families.treednn.costs import check_branches, check_cut
from core.networks.plan import BackbonePlan

Random = Callable[[str], AbstractContextManager[None]]


def _as_it_is(_: str) -> AbstractContextManager[None]:
    return nullcontext()


class TreeDNN(nn.Module):
    """A trunk and its branches.

    Args:
        trunk: The leading blocks, used as they are.
        branches: One per task, used as they are.
        names: What each branch is called.

    Raises:
        FamilyError: There is no branch, the numbers differ, or a name is used twice.

    Reference:
        TreeDNN, §1.2.
    """

    def __init__(self, trunk: Sequence[nn.Module], branches: Sequence[Branch], names: Sequence[str]) -> None:
        super().__init__()
        check_branches(len(branches))
        if len(branches) != len(names):
            raise FamilyError(f"{len(branches)} branches have {len(names)} names. Give each branch one.")
        self.trunk = nn.Sequential(*trunk)
        self.branches = nn.ModuleList()
        self.names: tuple[str, ...] = ()
        self.trunk_is_frozen = False
        for branch, name in zip(branches, names, strict=True):
            self.graft(branch, name)

    @classmethod
    def build(cls, plan: BackbonePlan, cut: int, wanted: Sequence[BranchPlan], *, random: Random = _as_it_is) -> Self:
        """Return a tree whose branches all start as copies of the rest of one backbone.

        Args:
            plan: The backbone.
            cut: Number of leading blocks in the trunk, 0 to B.
            wanted: One branch per task.
            random: Entered before weights are drawn, with what they are for; seeds them.

        Raises:
            FamilyError: The cut lies outside the backbone, or a branch can't be as requested.
            BackboneError: The backbone can't be made.
        """
        with random("blocks"):
            blocks = plan.blocks()
        check_cut(cut, len(blocks), plan.builder)
        through = shapes(blocks, plan.size)
        made = [_drawn(plan, cut, branch, blocks, through, random) for branch in wanted]
        return cls(blocks[:cut], made, [branch.name for branch in wanted])

    def forward(self, x: Tensor, branch: int | str) -> Tensor:
        """Return the answer of one branch; the others do not run.

        Args:
            x: A batch of inputs.
            branch: Its index or name.
        """
        out: Tensor = self.branches[self.index(branch)](self.trunk(x))
        return out

    def federated(self, parts: Sequence[Tensor]) -> list[Tensor | None]:
        """Return each branch's answers to its own part of a federated batch; the trunk runs once over all of it.

        Args:
            parts: One batch of inputs per branch, all of the same shape but for their numbers.

        Returns:
            One tensor per branch, None where its part has no row.

        Raises:
            FamilyError: There are other numbers of parts than of branches.
        """
        if len(parts) != len(self.names):
            raise FamilyError(
                f"A federated batch of {len(parts)} parts meets {len(self.names)} branches. Give one each."
            )
        sizes = [len(part) for part in parts]
        features = torch.split(self.trunk(torch.cat(list(parts))), sizes)
        return [
            branch(feature) if size else None
            for branch, feature, size in zip(self.branches, features, sizes, strict=True)
        ]

    def index(self, branch: int | str) -> int:
        """Return the index of a branch.

        Raises:
            FamilyError: There is no such branch.
        """
        if isinstance(branch, str) and branch in self.names:
            return self.names.index(branch)
        if isinstance(branch, int) and 0 <= branch < len(self.names):
            return branch
        raise FamilyError(f'The tree has no branch "{str(branch)[:80]}". Choose from: {", ".join(self.names)}.')

    def branch(self, branch: int | str) -> Branch:
        """Return a branch."""
        found = self.branches[self.index(branch)]
        assert isinstance(found, Branch)
        return found

    def path(self, branch: int | str) -> nn.Sequential:
        """Return the whole network of one task, shared with this tree."""
        return nn.Sequential(*self.trunk, self.branch(branch))

    def graft(self, branch: Branch, name: str) -> None:
        """Add one more branch; nothing else of the tree changes.

        Raises:
            FamilyError: There is a branch of that name.
        """
        if name in self.names:
            raise FamilyError(f'The tree has a branch "{name}" already. Choose another name.')
        self.branches.append(branch)
        self.names = (*self.names, name)

    def prune(self, branch: int | str) -> None:
        """Remove a branch; nothing else of the tree changes.

        Raises:
            FamilyError: There is no such branch, or it is the last one.
        """
        place = self.index(branch)
        check_branches(len(self.names) - 1)
        del self.branches[place]
        self.names = self.names[:place] + self.names[place + 1 :]

    def freeze_trunk(self, *, frozen: bool = True) -> None:
        """Freeze the trunk: no gradients, and its BatchNorm layers stay in evaluation mode.

        Args:
            frozen: False lets it learn again.
        """
        self.trunk_is_frozen = frozen
        self.trunk.requires_grad_(not frozen)
        self.trunk.train(self.training and not frozen)

    def train(self, mode: bool = True) -> Self:
        """Set the mode of everything but a frozen trunk, which stays in evaluation mode."""
        super().train(mode)
        if self.trunk_is_frozen:
            self.trunk.eval()
        return self


def new_branch(
    tree: TreeDNN, plan: BackbonePlan, wanted: BranchPlan, *, like: int | str | None = None, random: Random = _as_it_is
) -> Branch:
    """Return a branch to graft onto a trained TreeDNN.

    Args:
        tree: The trained TreeDNN.
        plan: Of its backbone.
        wanted: The new branch.
        like: Start from copies of this branch's blocks, as where its task is the most alike; from
            fresh ones by default.
        random: As for ``build``.

    Raises:
        FamilyError: A branch to start from was built otherwise, or the new one can't be as requested.
    """
    with random("blocks"):
        blocks = plan.blocks()
    cut = len(tree.trunk)
    check_cut(cut, len(blocks), plan.builder)
    made = _drawn(plan, cut, wanted, blocks, shapes(blocks, plan.size), random)
    if like is not None:
        try:
            made.blocks.load_state_dict(tree.branch(like).blocks.state_dict())
        except RuntimeError:
            raise FamilyError(
                f'Branch "{wanted.name}" can\'t start from "{like}": widths or depths differ. Build them the same.'
            ) from None
    return made


def _drawn(
    plan: BackbonePlan,
    cut: int,
    wanted: BranchPlan,
    blocks: Sequence[nn.Module],
    through: Sequence[Shape],
    random: Random,
) -> Branch:
    # The name decides the numbers, so that one task's head starts the same whatever other branches there are.
    with random(f"branch {wanted.name}"):
        return make_branch(plan, cut, wanted, blocks, through)


def digests(tree: TreeDNN) -> dict[str, str]:
    """Return SHA-256 of the weights and statistics of the trunk (under ``""``) and of every branch by name.

    Equal digests before and after prove that a part is bitwise unchanged.
    """
    parts = {"": tree.trunk, **{name: tree.branch(name) for name in tree.names}}
    return {name: _digest(part) for name, part in parts.items()}


def _digest(module: nn.Module) -> str:
    found = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()
