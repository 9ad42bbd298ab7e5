"""The networks of a two-task table and of layouts that are trained to check predictions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from core.errors import StudyError
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.single.runs import NetworkRun, network_run, single_run
from core.layouts import Group, Layout
from core.layouts.enumeration import enumerate_layouts
from core.runs.run import Run
from core.studies.fields import union
from core.studies.specification import StudySpecification

Networks = tuple[tuple[Group, Layout], ...]
Cell = tuple[int, int, int]


def pair_run(study: StudySpecification, i: int, j: int, branch_point: int, seed: int) -> NetworkRun:
    """Return the two-task run of tasks i < j that share ``branch_point`` ≥ 1 blocks."""
    return network_run(study, [i, j], _pair_layout(branch_point, study.backbone.blocks), seed)


@cache
def _pair_layout(branch_point: int, n_blocks: int) -> Layout:
    # Forty tasks have 7,800 pairs and branch points, all of one few layouts.
    shared, split = ((0, 1),), ((0,), (1,))
    return Layout((shared,) * branch_point + (split,) * (n_blocks - branch_point))


def layout_runs(study: StudySpecification, layout: Layout, seed: int) -> list[NetworkRun]:
    """Return the runs that make up one layout: one for each separate network in it."""
    return [network_run(study, group, part, seed) for group, part in layout.components()]


def oracle_networks(study: StudySpecification) -> tuple[tuple[Layout, Networks], ...]:
    """Return every layout that a study trains with its separate networks: their tasks and their own layouts."""
    if OracleRequest not in study.derived:
        study.derived[OracleRequest] = tuple((layout, tuple(layout.components())) for layout in _layouts(study))
    found: tuple[tuple[Layout, Networks], ...] = study.derived[OracleRequest]
    return found


def oracle_layouts(study: StudySpecification) -> list[Layout]:
    """Return the layouts that a study trains, in canonical order where it requests all."""
    return [layout for layout, _ in oracle_networks(study)]


def _layouts(study: StudySpecification) -> list[Layout]:
    oracle = study.requested(OracleRequest)
    if oracle is None:
        return []
    if oracle.layouts == "all":
        return list(enumerate_layouts(len(study.tasks), study.backbone.blocks))
    return list(dict.fromkeys(Layout.parse(text, study.tasks) for text in oracle.layouts))


def expand(study: StudySpecification) -> list[Run]:
    """Return every network once: seed by seed, first the table's singles and pairs, then those of layouts."""
    return list({run.key: run for run in _expand(study)}.values())


def _expand(study: StudySpecification) -> Iterator[NetworkRun]:
    n_tasks, n_blocks = len(study.tasks), study.backbone.blocks
    table, oracle = study.requested(TableRequest), study.requested(OracleRequest)
    for seed in table.seeds if table else ():
        yield from (single_run(study, task, seed) for task in range(n_tasks))
        for i, j in combinations(range(n_tasks), 2):
            yield from (pair_run(study, i, j, b, seed) for b in range(1, n_blocks + 1))
    for seed in oracle.seeds if oracle else ():
        yield from (single_run(study, task, seed) for task in range(n_tasks))
        for _, networks in oracle_networks(study):
            yield from (network_run(study, group, part, seed) for group, part in networks)


@dataclass(frozen=True, slots=True)
class TableSubmission:
    """Train the two-task table, or parts of it.

    Args:
        seeds: Of the table.
        pairs: Only these cells (task, task, branch point); the whole table where empty.
        singles_only: Only the single-task networks.
    """

    seeds: tuple[int, ...]
    pairs: tuple[Cell, ...] = ()
    singles_only: bool = False

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these seeds in its table.

        Raises:
            StudyError: The study has several data sets, or a seed is one of the trained layouts.
        """
        _check_shared_inputs(study)
        before = study.requested(TableRequest)
        return study.with_request(TableRequest(seeds=union(before.seeds if before else (), self.seeds)))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return what is trained, without what it is compared with."""
        n_tasks, n_blocks = len(study.tasks), study.backbone.blocks
        found: list[Run] = [single_run(study, task, seed) for seed in self.seeds for task in range(n_tasks)]
        if self.singles_only:
            return found
        cells = self.pairs or tuple(
            (i, j, b) for i, j in combinations(range(n_tasks), 2) for b in range(1, n_blocks + 1)
        )
        return found + [pair_run(study, *cell, seed) for seed in self.seeds for cell in cells]


@dataclass(frozen=True, slots=True)
class CellSubmission:
    """Train one cell of the two-task table from one seed, with the two networks that it is compared with.

    Args:
        cell: The two tasks and the branch point.
        seed: Of the table.
    """

    cell: Cell
    seed: int

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with this seed in its table.

        Raises:
            StudyError: The study has several data sets, or the seed is one of the trained layouts.
        """
        return TableSubmission((self.seed,)).extend(study)

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return what is trained, without what it is compared with."""
        return [pair_run(study, *self.cell, self.seed)]


@dataclass(frozen=True, slots=True)
class LayoutSubmission:
    """Train layouts to check predictions.

    Args:
        layouts: To train.
        seeds: None of them may be a seed of the table.
    """

    layouts: tuple[Layout, ...]
    seeds: tuple[int, ...]

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these layouts and seeds in its oracle.

        Raises:
            StudyError: A layout does not fit, a seed is one of the table, or the study has several data sets.
        """
        _check_shared_inputs(study)
        before = study.requested(OracleRequest)
        texts: object = "all"
        if before is None or before.layouts != "all":
            known = dict.fromkeys([*oracle_layouts(study), *self.layouts])
            texts = [layout.to_text() for layout in known]
        seeds = union(before.seeds if before else (), self.seeds)
        return study.with_request(OracleRequest.model_validate({"seeds": seeds, "layouts": texts}))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return what is trained, without what it is compared with."""
        return [run for seed in self.seeds for layout in self.layouts for run in layout_runs(study, layout, seed)]


def with_requests_of(study: StudySpecification, before: StudySpecification) -> StudySpecification:
    """Return a study with the table's seeds and the layouts that an earlier version of it requests, too.

    Raises:
        StudyError: A seed of the one's table is that of the other's layouts.
    """
    table, oracle = before.requested(TableRequest), before.requested(OracleRequest)
    if table is not None:
        study = TableSubmission(table.seeds).extend(study)
    if oracle is not None:
        study = LayoutSubmission(tuple(oracle_layouts(before)), oracle.seeds).extend(study)
    return study


def _check_shared_inputs(study: StudySpecification) -> None:
    if study.has_several:
        raise StudyError(
            f'Every task of "{study.name}" has its own pictures, so no two can be trained together. '
            "Open a study of one data set."
        )
