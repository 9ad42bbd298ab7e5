"""What a study asks to be measured: one request for each kind of measurement."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from core.runs.frozen import Frozen


def as_tuple(value: object) -> object:
    """Give a list of a decoded document as a tuple; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


def _all_different(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(seeds)) != len(seeds):
        raise ValueError("a seed appears twice; a repeated run says nothing new. Use different seeds")
    return seeds


Seeds = Annotated[
    tuple[Annotated[int, Field(ge=0, lt=2**31)], ...],
    BeforeValidator(as_tuple),
    AfterValidator(_all_different),
    Field(min_length=1, max_length=1000),
]
Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]

# What a graft may start from beside a branch.
FRESH: Final = "fresh"
MOST_ALIKE: Final = "most alike"


class TableRequest(Frozen):
    """The two-task table: every pair at every branch point, from each of ``seeds``."""

    seeds: Seeds = (0, 1, 2)


class OracleRequest(Frozen):
    """Layouts trained to judge predictions; ``layouts`` is ``all`` or a list in either text form."""

    seeds: Seeds = (100, 101)
    layouts: Literal["all"] | Names = "all"


class AffinityRequest(Frozen):
    """Recombined networks: every task on the frozen bottom blocks of every task, at every depth, from ``seeds``.

    ``epochs`` has one number per depth where networks that are split deep, and so have little to
    learn, should be trained for less long than the study's others. Depths before ``first_depth``
    are left out: where all trees that are kept have one group at a depth, those before it say nothing more.

    Reference:
        Branched Multi-Task Networks, §3.2, and §4.4 for the depths left out.
    """

    seeds: Seeds = (0,)
    first_depth: Annotated[int, Field(ge=0)] = 0
    epochs: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], BeforeValidator(as_tuple)] | None = None


class TreeRequest(Frozen):
    """A TreeDNN: one trunk, and a branch for each of the study's data sets. Branches go by their names.

    Args:
        seeds: A tree is grown from each.
        cut: Number of leading blocks in the trunk.
        epochs: Of the second phase, each branch alone on the frozen trunk; the first phase takes those of the study.
        length: How long a federated epoch over sets of different size is.
        weights: W_j of branches in the first phase; 1 where not named.
        widths: Channels of branches in times of the backbone's own; 1 where not named.
        depths: Blocks added to branches, or taken away below zero; 0 where not named.
        grafts: Branches that are mounted on the grown tree, and what they start from: ``fresh``, ``most alike``, or
            the name of a branch.
        dedicated: Whether a network of its own is trained for every data set, to compare with.

    Reference:
        TreeDNN, §1.2 and Algorithm 1.
    """

    seeds: Seeds = (0,)
    cut: int = Field(ge=0, le=40)
    epochs: int = Field(default=5, ge=1, le=1000)
    length: Literal["longest", "shortest", "paper"] = "longest"
    weights: dict[str, Annotated[float, Field(ge=0.0, le=1e6)]] = Field(default_factory=dict, max_length=40)
    widths: dict[str, Annotated[float, Field(gt=0.0, le=4.0)]] = Field(default_factory=dict, max_length=40)
    depths: dict[str, Annotated[int, Field(ge=-40, le=40)]] = Field(default_factory=dict, max_length=40)
    grafts: dict[str, str] = Field(default_factory=dict, max_length=40)
    dedicated: bool = True
