"""What a study file may request of a TreeDNN."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from core.runs.frozen import Extended
from core.studies.fields import Seeds
from core.studies.specification import StudySpecification
from core.studies.split_size import picture_size

# What a graft may start from besides a branch.
FRESH: Final = "fresh"
MOST_ALIKE: Final = "most alike"
Rate = Annotated[float, Field(gt=0.0, le=10.0)]


class TreeRequest(Extended):
    """A TreeDNN: one trunk, and a branch for each of the study's data sets. Branches go by their names.

    Args:
        seeds: A TreeDNN is trained from each.
        cut: Number of leading blocks in the trunk.
        epochs: Of the second phase, each branch alone on the frozen trunk; the first phase takes those of the study.
        length: How long a federated epoch over sets of different size is.
        weights: W_j of branches in the first phase; 1 where not named.
        widths: Channels of branches in times of the backbone's own; 1 where not named.
        depths: Blocks added to branches, or taken away below zero; 0 where not named.
        grafts: Branches that are grafted onto the trained tree, and what they start from: ``fresh``, ``most alike``, or
            the name of a branch.
        dedicated: Whether a dedicated network is trained for every data set, to compare with.
        learning_rate: Highest value of the second phase; that of the first where left out. Branches that have learned
            their rows already are better off with a tenth or less.
        parts: Of a study of one data set: whether every task learns from its own part of the training pictures, which
            no other task sees, as if each had its own data set. Its dedicated networks learn from the same parts.

    Reference:
        TreeDNN, §1.2 and Algorithm 1, which leaves the rate of the second phase open.
    """

    added: ClassVar[frozenset[str]] = frozenset({"learning_rate", "parts"})

    words: ClassVar[str] = "the TreeDNN"

    seeds: Seeds = (0,)
    cut: int = Field(ge=0, le=40)
    epochs: int = Field(default=5, ge=1, le=1000)
    length: Literal["longest", "shortest", "paper"] = "longest"
    weights: dict[str, Annotated[float, Field(ge=0.0, le=1e6)]] = Field(default_factory=dict, max_length=40)
    widths: dict[str, Annotated[float, Field(gt=0.0, le=4.0)]] = Field(default_factory=dict, max_length=40)
    depths: dict[str, Annotated[int, Field(ge=-40, le=40)]] = Field(default_factory=dict, max_length=40)
    grafts: dict[str, str] = Field(default_factory=dict, max_length=40)
    dedicated: bool = True
    learning_rate: Rate | None = None
    parts: bool = Field(default=False, strict=True)


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the TreeDNN that a study requests, as a sentence; None if there is none."""
    request = study.requested(TreeRequest)
    if request is None:
        return None
    if fault := _parts_fault(request, study):
        return fault
    names = study.tasks
    if request.cut > study.backbone.blocks:
        return f"the cut {request.cut} lies outside the backbone. Choose 0 to {study.backbone.blocks}"
    if study.training.loss_weights:
        return "losses of branches are weighted in [treednn.weights]. Write training.loss_weights there"
    pretrained = study.backbone.weights
    if pretrained is not None and pretrained.freeze > request.cut:
        return (
            f"{pretrained.freeze} blocks are frozen and the trunk has {request.cut}: blocks of branches all learn. "
            f"Write a weights.freeze of at most {request.cut}, or a later cut"
        )
    named = (*request.weights, *request.widths, *request.depths, *request.grafts)
    if taken := [name for name in names if name in (FRESH, MOST_ALIKE)]:
        return f'a branch is called "{taken[0]}", which says what a graft starts from. Give it another name'
    if strange := [name for name in named if name not in names]:
        return f'treednn speaks of a branch "{strange[0][:64]}" that no data set has. Choose from: {", ".join(names)}'
    joint = [name for name in names if name not in request.grafts]
    if not joint:
        return "every branch is a graft, so no tree is left to graft them onto. Leave at least one that is not a graft"
    if not any(request.weights.get(name, 1.0) for name in joint):
        return "the weights of all branches are 0, so that nothing is learned. Give one above 0"
    if len(joint) > study.training.batch_size:
        return f"a batch of {study.training.batch_size} rows can't hold one of each of {len(joint)} data sets"
    if bad := [like for like in request.grafts.values() if like not in (FRESH, MOST_ALIKE, *joint)]:
        return f'a graft starts from "{bad[0][:64]}". Choose {FRESH}, {MOST_ALIKE}, or one of: {", ".join(joint)}'
    for name, like in request.grafts.items():
        if like in joint and _built(request, like) != _built(request, name):
            return (
                f'the graft "{name}" can\'t start from "{like}": they differ in width or depth. '
                f"Build them the same, or start {FRESH}"
            )
    return None


def _parts_fault(request: TreeRequest, study: StudySpecification) -> str | None:
    if study.has_several:
        return (
            "treednn.parts divides the pictures of one data set, and this study has several. Leave it out"
            if request.parts
            else None
        )
    if not request.parts:
        return (
            "[treednn] needs several data sets, or a part of the pictures for each task. "
            'Name the data set "several" and list its sets, or write parts = true below [treednn]'
        )
    if picture_size(study.dataset) is None:
        return "[treednn] brings pictures to one size, and the data set names none. Write a size below [dataset]"
    return None


def _built(request: TreeRequest, name: str) -> tuple[float, int]:
    return request.widths.get(name, 1.0), request.depths.get(name, 0)


def count_trainings(study: StudySpecification) -> int:
    """Return how many runs are requested: one first phase, branches and dedicated networks of every seed."""
    request = study.requested(TreeRequest)
    return 0 if request is None else len(request.seeds) * (2 * len(study.tasks) + 1)
