"""What a study file may request of multi-path networks."""

from itertools import pairwise
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field

from core.families.multipath.distillation import Distillation
from core.families.multipath.place import spread
from core.runs.frozen import Frozen
from core.studies.fields import NETWORK_NAME, Seeds, as_tuple
from core.studies.specification import StudySpecification
from core.value_fault import register

MOST_EXITS: Final = 40
MOST_NETWORKS: Final = 100
LONGEST_NAME: Final = 40


EXIT_NAME: Final = register(
    r"^[A-Za-z0-9_.-]{1,120}$", "the number of a block, or the path of a module, in letters, digits, _, - and ."
)


def _names(value: object) -> object:
    """Return exits of a decoded document as names: a whole number is the end of that block."""
    if not isinstance(value, list | tuple):
        return value
    if any(isinstance(each, bool) or not isinstance(each, int | str) for each in value):
        raise ValueError('an exit should be the number of a block, or the path of a module in one, such as "2.conv1"')
    return tuple(map(str, value))


ExitName = Annotated[str, Field(max_length=120, pattern=EXIT_NAME)]
ExitNames = Annotated[tuple[ExitName, ...], BeforeValidator(_names), Field(max_length=MOST_EXITS)]
Exits = Annotated[tuple[Annotated[int, Field(ge=0, lt=MOST_EXITS)], ...], BeforeValidator(as_tuple)]


class PathNetworkRequest(Distillation):
    """One multi-path network: where its tasks leave, and how it learns.

    Args:
        name: What it is called.
        assign: Where tasks leave: "spread" over the exits in the order of the study's tasks, the last one at the last
            exit; "reversed" the other way round; "shared" all at the last exit, which is hard sharing; or the number
            of the exit of each task, from 0.
        weighting: Whether the losses of tasks count "equal", or by their "labels": by the share of labelled training
            pictures, the task with the most having 1.
    """

    name: str = Field(default="paths", pattern=NETWORK_NAME)
    assign: Literal["spread", "reversed", "shared"] | Exits = "spread"
    weighting: Literal["equal", "labels"] = "equal"

    def exits_of(self, n_tasks: int, n_exits: int) -> tuple[int, ...]:
        """Return the number of the exit of each task."""
        match self.assign:
            case "spread":
                return spread(n_tasks, n_exits)
            case "reversed":
                return spread(n_tasks, n_exits)[::-1]
            case "shared":
                return (n_exits - 1,) * n_tasks
            case _:
                return self.assign

    @property
    def distillation(self) -> Distillation:
        """How it learns from teachers; what a mix without them does not use is left at its default."""
        if not self.has_teachers:
            return Distillation(mix="doubled" if self.mix == "doubled" else "none")
        return Distillation(**{name: getattr(self, name) for name in Distillation.model_fields})


class MultiPathRequest(Frozen):
    """Multi-path networks: one backbone with nested exits, at each of which some tasks leave.

    Args:
        seeds: One training of everything for each.
        exits: Where paths may leave, from the input: the end of a block by its number from 0, or a module in a block,
            such as "2.conv1"; the last one is the end of the backbone. Every end of a block where left out.
        order: What the order of the study's tasks is, which is checked with the data: "index" says nothing,
            "hierarchy" is from coarse to fine classes, "labels" from the most labelled pictures to the fewest.
        networks: The networks to train, each from every seed.
        matrix: Whether a network with a head of every task at every exit is trained, from which exits are assigned.
        usage: Share of use of each task, where one is active at a time; equal where left out.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, §III.
    """

    words: ClassVar[str] = "the multi-path networks"

    seeds: Seeds = (0,)
    exits: ExitNames = ()
    order: Literal["index", "hierarchy", "labels"] = "index"
    networks: Annotated[
        tuple[PathNetworkRequest, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=MOST_NETWORKS)
    ] = (PathNetworkRequest(),)
    matrix: bool = True
    usage: dict[str, Annotated[float, Field(ge=0.0, le=1e6)]] = Field(default_factory=dict, max_length=40)

    def exit_names(self, n_blocks: int) -> tuple[str, ...]:
        """Return the names of the exits, from the input on."""
        return self.exits or tuple(map(str, range(n_blocks)))

    def shares(self, tasks: tuple[str, ...]) -> tuple[float, ...]:
        """Return the share of use of each task, which add up to 1."""
        if not self.usage:
            return (1.0 / len(tasks),) * len(tasks)
        whole = sum(self.usage.values())
        return tuple(self.usage.get(task, 0.0) / whole for task in tasks)


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the multi-path networks that a study requests, as a sentence; None if there is none."""
    request = study.requested(MultiPathRequest)
    if request is None:
        return None
    if study.training.augment and any(network.has_teachers for network in request.networks):
        return (
            "teachers of multi-path networks answer every picture once, and augment changes pictures in every step. "
            'Leave augment out, or write mix = "none" for every network'
        )
    return (
        _exits_fault(request.exit_names(study.backbone.blocks), study.backbone.blocks)
        or _networks_fault(request, study)
        or _usage_fault(request, study.tasks)
        or (_several_fault(request, study) if study.has_several else None)
    )


def _several_fault(request: MultiPathRequest, study: StudySpecification) -> str | None:
    """Return what tasks of several data sets can't be, or be trained with."""
    if request.order == "hierarchy":
        return (
            'order = "hierarchy" compares the classes of one picture, and every task has its own data set. '
            'Write order = "index", or name one data set'
        )
    if study.training.batch_size < len(study.tasks):
        return (
            f"a batch of {study.training.batch_size} rows can't hold one of each of {len(study.tasks)} data sets. "
            f"Write a batch_size of at least {len(study.tasks)}"
        )
    return None


def _exits_fault(names: tuple[str, ...], n_blocks: int) -> str | None:
    last = n_blocks - 1
    if len(names) < 2:
        return (
            f"multipath has {len(names)} exit, and with one exit every task uses the whole network. "
            "Name at least two, or share all blocks with an oracle layout"
        )
    if twice := [name for place, name in enumerate(names) if name in names[:place]]:
        return f'multipath names the exit "{twice[0][:60]}" twice. Name each exit once'
    blocks = [(name, _block(name)) for name in names]
    if outside := [name for name, block in blocks if block is not None and not 0 <= block <= last]:
        return f'the exit "{outside[0][:60]}" lies outside the backbone. Choose from the blocks 0 to {last}'
    if padded := [name for name, block in blocks if block is not None and name.partition(".")[0] != str(block)]:
        return f'the exit "{padded[0][:60]}" begins with no number of a block. Write {_plain(padded[0])[:60]}'
    known = [(name, block) for name, block in blocks if block is not None]
    for (first, one), (second, other) in pairwise(known):
        if other < one:
            return f'the exit "{second[:60]}" comes before "{first[:60]}". Name exits from the input on'
    if names[-1].isdigit() and int(names[-1]) != last:
        return f'the last exit is "{names[-1][:60]}", and it should be the end of the backbone. Name {last} last'
    return None


def _block(name: str) -> int | None:
    """Return the block that an exit lies in, where its name says so."""
    number = name.partition(".")[0]
    return int(number) if number.removeprefix("-").isdigit() and len(number) < 10 else None


def _plain(name: str) -> str:
    """Return an exit with the number of its block as people write it."""
    number, dot, inside = name.partition(".")
    return f"{int(number)}{dot}{inside}"


def _networks_fault(request: MultiPathRequest, study: StudySpecification) -> str | None:
    n_exits, n_tasks = len(request.exit_names(study.backbone.blocks)), len(study.tasks)
    names = [network.name for network in request.networks]
    if twice := [name for place, name in enumerate(names) if name in names[:place]]:
        return f'two multi-path networks are called "{twice[0]}". Give each its own name'
    for network in request.networks:
        if isinstance(network.assign, str):
            continue
        if len(network.assign) != n_tasks:
            less = len(network.assign) < n_tasks
            what = f'so "{study.tasks[len(network.assign)]}" has no exit' if less else "more than there are tasks"
            return (
                f'"{network.name}" assigns {len(network.assign)} exits to {n_tasks} tasks, {what}. Write one for each'
            )
        if outside := [exit_ for exit_ in network.assign if exit_ >= n_exits]:
            return (
                f'"{network.name}" assigns the exit {outside[0]}, and exits count from 0 to {n_exits - 1}. Choose one'
            )
    return None


def _usage_fault(request: MultiPathRequest, tasks: tuple[str, ...]) -> str | None:
    if strange := [name for name in request.usage if name not in tasks]:
        return f'usage names "{strange[0][:60]}", no task of the study. Choose from: {", ".join(tasks)}'
    if request.usage and not sum(request.usage.values()):
        return "usage gives no task a share above 0. Give one, or leave usage out"
    return None


def count_trainings(study: StudySpecification) -> int:
    """Return how many runs are requested: teachers, networks and a matrix for each seed."""
    request = study.requested(MultiPathRequest)
    if request is None:
        return 0
    return len(request.seeds) * (len(study.tasks) + len(request.networks) + request.matrix)


def warnings_of(request: MultiPathRequest) -> list[str]:
    """Return what is odd about the requested networks, as sentences."""
    return [f"{network.name}: {warning}" for network in request.networks if (warning := network.warning)]
