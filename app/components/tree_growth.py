"""Two pictures to step through: how a TreeDNN is trained, and what a device holds of it while tasks change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from app.components.served import Component
from app.storage.deployment_steps import DeploymentStep, Ledger
from app.storage.growth_steps import TrainingStep, Weights
from app.ui.formatting import amount
from core.costs import Unit
from core.families.treednn.costs import CutBackbone

_GROWTH = Component("tree_growth")

WORDS = {
    "keys": "Space plays and pauses, arrow keys step, Home starts again",
    "reset": "Reset",
    "back": "Back",
    "next": "Next",
    "play": "Play",
    "pause": "Pause",
    "again": "Play again",
    "step": "Step",
    "of": "of",
    "more": "{} more branches",
    "fewer": "{} more",
    "ownTrunk": "the same blocks in each",
    "graft": "new branch",
    "input": "input",
    "batch": "federated batch",
    "ownBatch": "batch of its own data",
    "branches": "branches",
    "each": "each",
    "empty": "empty",
    "states": {str(each): str(each) for each in Weights},
    "tree": "TreeDNN",
    "dedicated": "Dedicated networks",
    "storage": "Storage",
    "memory": "Memory",
    "read": "Read for this request:",
    "total": "Read so far:",
    "reading": "◂ read",
    "dropped": "dropped:",
    "nothing": "empty",
    "picture": "picture",
    "answer": "answer",
}


def tree_growth(*, key: str, data: Mapping[str, object], on_step: Callable[[], None]) -> None:
    """Show a picture.

    Args:
        key: Key of the component; its state has ``step``.
        data: What ``growth_data`` gives.
        on_step: Called when the reader rests at a step.
    """
    _GROWTH(key=key, data=data, on_step_change=on_step)


def growth_data(
    cut_backbone: CutBackbone,
    names: Sequence[str],
    steps: Sequence[TrainingStep] | Sequence[DeploymentStep],
    *,
    step: int,
    title: str,
    note: str,
    filename: str,
) -> dict[str, object]:
    """Give what the browser gets: sizes and sentences of all steps, once.

    Args:
        cut_backbone: Trunk and branches; their blocks are drawn as long as their parameters.
        names: Of the branches, ``[n_branches]``.
        steps: Of one of the pictures.
        step: Which one to begin with, from 0.
        title: What the picture is called.
        note: Stands below it.
        filename: Name of downloaded pictures, without ending.
    """
    stored, cut = cut_backbone.bytes, cut_backbone.cut
    params = [block.params for block in cut_backbone.backbone.blocks]
    labels = {
        "trunk": "trunk",
        "trunkSize": amount(stored.trunk, Unit.BYTES),
        "branchSize": amount(stored.branches[0], Unit.BYTES),
        "treeSize": amount(stored.tree, Unit.BYTES),
        "separateSize": amount(stored.separate, Unit.BYTES),
    }
    training = isinstance(steps[0], TrainingStep)
    return {
        "picture": "training" if training else "deployment",
        "title": title,
        "names": list(names),
        "trunk": params[:cut],
        "branch": params[cut:],
        "labels": labels,
        "steps": [_document(each) for each in steps],
        "step": step,
        "note": note,
        "filename": filename,
        "stamp": f"{cut_backbone.backbone.name}/{cut}/{training}/{'/'.join(names)}",
        "words": WORDS,
    }


def _document(step: TrainingStep | DeploymentStep) -> dict[str, object]:
    if isinstance(step, TrainingStep):
        return asdict(step)
    return {**asdict(step), "tree": _ledger(step.tree), "dedicated": _ledger(step.dedicated)}


def _ledger(ledger: Ledger) -> dict[str, str]:
    return {name: amount(value, Unit.BYTES) for name, value in asdict(ledger).items()}
