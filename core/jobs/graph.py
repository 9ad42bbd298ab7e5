"""From what a person asks for to the runs it takes, each after those it is compared with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import StudyError
from core.families.recombined.runs import (
    AnyRun,
    RecombinedSpecification,
    kind_of,
    recombined_of,
    similarity_of,
    trainings_of,
)
from core.families.treednn.runs import (
    GENERALISED,
    GRAFTED,
    SPECIALISED,
    GraftedSpecification,
    SpecialisedSpecification,
    seed_of,
    tree_runs_of,
)
from core.layouts import Layout
from core.studies.specification import (
    AffinityRequest,
    OracleRequest,
    RunSpecification,
    StudySpecification,
    TableRequest,
    study_from_document,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What to train of a study.

    Args:
        singles: Seeds of the single-task networks.
        table: Seeds of the whole two-task table.
        layouts: Layouts to train beside their prediction.
        oracle: Seeds of those layouts; none of them may be a seed of the table.
        pairs: Single cells of the table: (task, task, branch point), trained with the seeds ``table``.
        similarity: Whether to measure how alike the features of the tasks are.
        affinity: Seeds of the recombined networks, of every pair of tasks at every depth.
        first_depth: Leave out those split at a depth before this one.
        trees: Seeds of the TreeDNN that the study asks for, with all its runs.
    """

    singles: tuple[int, ...] = ()
    table: tuple[int, ...] = ()
    layouts: tuple[Layout, ...] = ()
    oracle: tuple[int, ...] = ()
    pairs: tuple[tuple[int, int, int], ...] = ()
    similarity: bool = False
    affinity: tuple[int, ...] = ()
    first_depth: int = 0
    trees: tuple[int, ...] = ()


def extended(specification: StudySpecification, request: Request) -> StudySpecification:
    """Give a study that asks for what it did and for what is requested.

    Raises:
        StudyError: A seed would be in the table and in the oracle, a layout does not fit, or
            there would be too many runs.
    """
    document = specification.model_dump(mode="json")
    if request.affinity:
        before = specification.affinity or AffinityRequest(seeds=request.affinity, first_depth=request.first_depth)
        first = min(before.first_depth, request.first_depth)
        after = before.model_copy(update={"seeds": _union(before.seeds, request.affinity), "first_depth": first})
        document["affinity"] = after.model_dump(mode="json")
    if request.trees:
        if specification.treednn is None:
            raise StudyError(
                f'"{specification.name}" has one data set, and a TreeDNN grows on several. Open a study that has.'
            )
        seeds = _union(specification.treednn.seeds, request.trees)
        document["treednn"] = specification.treednn.model_copy(update={"seeds": seeds}).model_dump(mode="json")
    table_seeds = _union(specification.table.seeds if specification.table else (), (*request.table, *request.singles))
    if table_seeds:
        document["table"] = TableRequest(seeds=table_seeds).model_dump(mode="json")
    if request.layouts:
        oracle = specification.oracle
        seeds = _union(oracle.seeds if oracle else (), request.oracle)
        texts: object = "all"
        if oracle is None or oracle.layouts != "all":
            known = specification.oracle_layouts()
            texts = [layout.to_text() for layout in dict.fromkeys([*known, *request.layouts])]
        document["oracle"] = OracleRequest.model_validate({"seeds": seeds, "layouts": texts}).model_dump(mode="json")
    return study_from_document(document, f'Study "{specification.name}"')


def asked_runs(specification: StudySpecification, request: Request) -> list[AnyRun]:
    """Give the runs that a request names, without those they are compared with.

    Args:
        specification: The study, as ``extended`` gives it.
        request: What to train.
    """
    n_tasks, n_blocks = len(specification.tasks), specification.backbone.blocks
    found: list[AnyRun] = [
        specification.single_run(task, seed) for seed in (*request.singles, *request.table) for task in range(n_tasks)
    ]
    cells: Sequence[tuple[int, int, int]] = request.pairs or [
        (i, j, b) for i in range(n_tasks) for j in range(i + 1, n_tasks) for b in range(1, n_blocks + 1)
    ]
    found += [specification.pair_run(*cell, seed) for seed in request.table for cell in cells]
    found += [
        run for seed in request.oracle for layout in request.layouts for run in specification.layout_runs(layout, seed)
    ]
    found += [
        run
        for run in recombined_of(specification)
        if run.source.seed in request.affinity and run.depth >= request.first_depth
    ]
    found += [run for run in tree_runs_of(specification) if seed_of(run) in request.trees]
    if request.similarity and (similar := similarity_of(specification)) is not None:
        found.append(similar)
    return found


def runs_of(specification: StudySpecification, request: Request) -> list[AnyRun]:
    """Give the runs that a request takes, each once and after those it is compared with.

    Args:
        specification: The study, as ``extended`` gives it.
        request: What to train.
    """
    return with_parents(asked_runs(specification, request))


def all_runs(specification: StudySpecification, *, similarity: bool = True) -> list[AnyRun]:
    """Give every run of a study, and last, where it is wanted, how alike the tasks are."""
    similar = similarity_of(specification) if similarity else None
    return with_parents([*trainings_of(specification), *([] if similar is None else [similar])])


def parents(run: AnyRun) -> tuple[AnyRun, ...]:
    """Give the runs without which this one says nothing: what it starts from or is compared with."""
    if not isinstance(run, RunSpecification):
        return run.sources
    if len(run.tasks) == 1:
        return ()
    alone = Layout.all_shared(1, run.backbone.blocks).partitions
    return tuple(run.model_copy(update={"tasks": (task,), "layout": alone}) for task in run.tasks)


def with_parents(runs: Iterable[AnyRun]) -> list[AnyRun]:
    """Give the runs and all they wait for, each once, none before its parents."""
    found: dict[str, AnyRun] = {}
    for run in runs:
        for parent in parents(run):
            found.setdefault(parent.key, parent)
        found.setdefault(run.key, run)
    return list(found.values())


def with_weights(runs: Iterable[AnyRun]) -> set[str]:
    """Give the keys of the trainings whose weights these runs start from, and of the parts of a tree among them.

    A grown tree is kept: it is what people train it for.
    """
    asked = list(runs)
    starting = (RecombinedSpecification, SpecialisedSpecification, GraftedSpecification)
    sources = {source.key for run in asked if isinstance(run, starting) for source in run.sources}
    return sources | {run.key for run in asked if kind_of(run) in (GENERALISED, SPECIALISED, GRAFTED)}


def _union(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys([*one, *other]))
