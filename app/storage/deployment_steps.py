"""Steps of a device that switches tasks with a TreeDNN, with the real sizes of a backbone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.storage.tree_sizes import TreeSizes
from app.ui.formatting import amount, share
from core.costs import CostQuestion, Unit
from core.families.treednn.costs import CutBackbone


@dataclass(frozen=True, slots=True)
class Ledger:
    """Bytes in memory and bytes read of one kind of deployment, after a step.

    Args:
        memory: In memory.
        read: Read from storage for the current request.
        total: Read from storage so far.
    """

    memory: int = 0
    read: int = 0
    total: int = 0

    def asked(self) -> "Ledger":
        """Return the counts at the start of a new request."""
        return Ledger(self.memory, 0, self.total)

    def dropping(self, size: int) -> "Ledger":
        """Return the counts after memory was freed."""
        return Ledger(self.memory - size, self.read, self.total)

    def reading(self, size: int) -> "Ledger":
        """Return the counts after bytes were read."""
        return Ledger(self.memory + size, self.read + size, self.total + size)


@dataclass(frozen=True, slots=True)
class DeploymentStep:
    """One step of the deployment picture.

    Args:
        title: What happens, in a few words.
        caption: The same in one or two sentences, with sizes.
        asked: The requested task, or None.
        resident: The task whose branch, or network, is in memory, or None.
        dropped: The one that is unloaded in this step, or None.
        read: The one that is read in this step, or None.
        trunk: Whether the trunk is in memory.
        tree: Bytes of the TreeDNN.
        dedicated: Bytes of dedicated networks.
        computes: Whether an output is computed.
    """

    title: str
    caption: str
    asked: int | None
    resident: int | None
    dropped: int | None
    read: int | None
    trunk: bool
    tree: Ledger
    dedicated: Ledger
    computes: bool = False


def deployment_steps(cut_backbone: CutBackbone, names: Sequence[str]) -> tuple[DeploymentStep, ...]:
    """Return the steps of a device whose user switches between tasks.

    Args:
        cut_backbone: Trunk and branches.
        names: Of the branches, ``[n_branches]``.
    """
    return tuple(_Deployment(cut_backbone, names).steps())


class _Deployment(TreeSizes):
    """The steps of the deployment."""

    def steps(self) -> Iterator[DeploymentStep]:
        tree, dedicated = Ledger(), Ledger()
        yield DeploymentStep("Installed", self._installed(), None, None, None, None, False, tree, dedicated)
        tree, dedicated = tree.reading(self.trunk).reading(self.branch), dedicated.reading(self.whole)
        yield DeploymentStep(
            f"The user opens {self.names[0]}", self._opened(), 0, 0, None, 0, True, tree, dedicated
        )  # fmt: skip
        yield DeploymentStep(
            "Output", self._answer(), 0, 0, None, None, True, tree, dedicated, computes=True
        )  # fmt: skip
        present = 0
        for place, task in enumerate(self._asked()):
            tree, dedicated = tree.asked().dropping(self.branch), dedicated.asked().dropping(self.whole)
            if place == 0:
                yield DeploymentStep(
                    f"The user requests {self.names[task]}", self._dropped(present), task, None, present, None, True,
                    tree, dedicated,
                )  # fmt: skip
            tree, dedicated = tree.reading(self.branch), dedicated.reading(self.whole)
            yield DeploymentStep(
                self._read_title(place, task), self._read(place, task), task, task, present if place else None, task,
                True, tree, dedicated,
            )  # fmt: skip
            present = task
        yield DeploymentStep("Total", self._balance(tree, dedicated), None, present, None, None, True, tree, dedicated)

    def _asked(self) -> tuple[int, ...]:
        return {1: (), 2: (1, 0)}.get(self.k, (1, 2, 0))

    def _installed(self) -> str:
        if self.k == 1:
            return f"A trunk with one branch is one network: {amount(self.tree, Unit.BYTES)} in storage either way."
        return (
            f"Storage holds one trunk and {self.k} branches, {amount(self.tree, Unit.BYTES)}; dedicated networks for "
            f"the same tasks take {amount(self.separate, Unit.BYTES)}. Nothing is in memory yet."
        )

    def _opened(self) -> str:
        return (
            f"The first request costs the same {amount(self.whole, Unit.BYTES)}: TreeDNN reads trunk and branch, "
            "the alternative one dedicated network. From now on the trunk stays in memory."
        )

    def _answer(self) -> str:
        macs = self.cut_backbone.macs(CostQuestion.ONE_TASK).tree
        work = f", {amount(macs, Unit.MACS)} multiply-accumulates" if macs else ""
        return f"Both run the same computation on the input{work}. TreeDNN saves reading, not computation."

    def _dropped(self, present: int) -> str:
        return (
            f"{self.names[present]} is unloaded. TreeDNN frees its branch and keeps the trunk "
            f"({amount(self.trunk, Unit.BYTES)}); the dedicated network is freed completely."
        )

    def _read_title(self, place: int, task: int) -> str:
        name = self.names[task]
        return f"Load {name}" if place == 0 else f"Back to {name}" if task == 0 else f"Switch to {name}"

    def _read(self, place: int, task: int) -> str:
        branch, whole = amount(self.branch, Unit.BYTES), amount(self.whole, Unit.BYTES)
        if place == 0:
            if not self.branch:
                return f"TreeDNN reads only a head; the dedicated network is read completely, {whole}."
            words = f"TreeDNN reads only a branch, {branch}; the dedicated network is read completely, {whole}."
            part = share(self.branch / self.whole)
            return (
                f"{words} If load time scaled with bytes, the switch would take {part} of the time (TreeDNN's formula)."
            )
        if task:
            return f"Every further switch costs the same: {branch} with TreeDNN, {whole} with dedicated networks."
        return (
            f"{self.names[task]} was unloaded, so it is read again: {branch} instead of {whole}. "
            "Memory never holds more than the trunk and one branch."
        )

    def _balance(self, tree: Ledger, dedicated: Ledger) -> str:
        if self.k == 1:
            return "With one task there is nothing to switch, and TreeDNN saves nothing."
        n = len(self._asked())
        return (
            f"{n} switches have read {amount(tree.total - self.whole, Unit.BYTES)} instead of "
            f"{amount(dedicated.total - self.whole, Unit.BYTES)}. In memory both hold "
            f"{amount(tree.memory, Unit.BYTES)}: TreeDNN saves storage and reading."
        )
