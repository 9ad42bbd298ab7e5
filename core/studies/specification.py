"""What is asked: the specification of a run and of a study, validated before anything is written."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from core.errors import BranchwiseError, StudyError
from core.layouts import Group, Layout
from core.layouts.counting import count_layouts
from core.layouts.enumeration import enumerate_layouts
from core.runs.frozen import Frozen
from core.studies.dataset_specification import DatasetSpecification as DatasetSpecification
from core.studies.dataset_specification import ScenesSpecification as ScenesSpecification
from core.studies.dataset_specification import SeveralSpecification
from core.studies.requests import FRESH, MOST_ALIKE, Names, TreeRequest
from core.studies.requests import AffinityRequest as AffinityRequest
from core.studies.requests import OracleRequest as OracleRequest
from core.studies.requests import TableRequest as TableRequest
from core.studies.settings import BackboneSpecification as BackboneSpecification
from core.studies.settings import TrainingSettings as TrainingSettings
from core.tasks import check_task_names

# Part of every key: raise it when the same specification would train to another result.
RECIPE = 1
NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,40}$"
MAX_STUDY_FILE = 1_000_000
# Beyond this a study would train for months; it also bounds what a hostile study file can ask of a reader.
MAX_RUNS = 20_000

Networks = tuple[tuple[Group, Layout], ...]


class RunSpecification(Frozen):
    """One training: one tree network on some tasks from one seed.

    ``layout`` is in indices of ``tasks``. Its first partition has one group: tasks that
    share nothing are runs of their own.
    """

    dataset: DatasetSpecification
    tasks: Names
    backbone: BackboneSpecification
    layout: tuple[tuple[tuple[int, ...], ...], ...]
    training: TrainingSettings
    seed: int = Field(ge=0, lt=2**31)

    @model_validator(mode="after")
    def _check(self) -> Self:
        layout = self.tree
        if layout.n_tasks != len(self.tasks) or layout.n_blocks != self.backbone.blocks:
            raise ValueError("the layout does not match the tasks and blocks of the run")
        return self

    @property
    def tree(self) -> Layout:
        """The layout as a value."""
        return Layout(self.layout)

    @cached_property
    def key(self) -> str:
        """Hash of the whole specification: the same question has the same key on every machine."""
        # Where a training ran, and where its data lie, does not change the question.
        outside = {"training": {"device", "threads"}, "dataset": {*self.dataset.no_part_of_the_question}}
        document = {"recipe": RECIPE, **self.model_dump(mode="json", exclude=outside)}
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"{self.tree.to_text(self.tasks) if len(self.tasks) > 1 else self.tasks[0]} · seed {self.seed}"


class StudySpecification(Frozen):
    """A study: data set, tasks, backbone, training, and what to measure."""

    name: str = Field(pattern=NAME_PATTERN)
    title: str = Field(default="", max_length=120)
    description: str = Field(default="", max_length=2000)
    dataset: DatasetSpecification = ScenesSpecification()
    tasks: Names
    backbone: BackboneSpecification = BackboneSpecification()
    training: TrainingSettings = TrainingSettings()
    table: TableRequest | None = TableRequest()
    oracle: OracleRequest | None = None
    affinity: AffinityRequest | None = None
    treednn: TreeRequest | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, document: Any) -> Any:  # noqa: ANN401  # any decoded document
        """Several data sets name the tasks, and have no two-task table: no picture belongs to two of them."""
        dataset = document.get("dataset") if isinstance(document, dict) else None
        if isinstance(dataset, SeveralSpecification):
            names = [each.name for each in dataset.sets]
        elif isinstance(dataset, dict) and dataset.get("name") == "several":
            sets = dataset.get("sets")
            names = [str(each.get("name")) for each in sets if isinstance(each, dict)] if isinstance(sets, list) else []
        else:
            return document
        return {"tasks": names, "table": None, **document}

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            check_task_names(self.tasks)
            if self.oracle and self.oracle.layouts != "all":
                for text in self.oracle.layouts:
                    layout = Layout.parse(text, self.tasks)
                    if layout.n_blocks != self.backbone.blocks:
                        raise StudyError(
                            f'Oracle layout "{text}" has {layout.n_blocks} blocks, the backbone {self.backbone.blocks}.'
                        )
        except BranchwiseError as fault:
            raise ValueError(str(fault)) from None
        if self.affinity and self.affinity.epochs and len(self.affinity.epochs) != self.backbone.blocks:
            raise ValueError(
                f"affinity gives epochs for {len(self.affinity.epochs)} depths, the backbone has "
                f"{self.backbone.blocks} blocks. Give one number for each"
            )
        if self.affinity and self.affinity.first_depth >= self.backbone.blocks:
            raise ValueError(
                f"affinity starts at depth {self.affinity.first_depth}, the backbone has the depths 0 to "
                f"{self.backbone.blocks - 1}. Start at one of these"
            )
        if wrong := tree_fault(self):
            raise ValueError(wrong)
        if (n_runs := self._n_trainings()) > MAX_RUNS:
            raise ValueError(
                f"the study asks for {n_runs:,} trainings, more than the {MAX_RUNS:,} allowed. "
                "Use fewer seeds, tasks or blocks, or list the oracle's layouts"
            )
        if self.table and self.oracle and (both := sorted({*self.table.seeds} & {*self.oracle.seeds})):
            raise ValueError(
                f"seed {both[0]} is in the table and in the oracle that judges it. Use different seeds for the two"
            )
        return self

    def _n_trainings(self) -> int:
        """Give how many networks are asked for, those of an oracle's layouts counted once per layout."""
        n, blocks, total = len(self.tasks), self.backbone.blocks, 0
        if self.table:
            total += len(self.table.seeds) * (n + blocks * n * (n - 1) // 2)
        if self.oracle:
            asked = self.oracle.layouts
            total += len(self.oracle.seeds) * (count_layouts(n, blocks) if asked == "all" else len(asked))
        if self.affinity:
            total += len(self.affinity.seeds) * n * (blocks + 1)
        if self.treednn:
            total += len(self.treednn.seeds) * (2 * n + 1)
        return total

    def run_of(self, tasks: Sequence[int], layout: Layout, seed: int) -> RunSpecification:
        """Give the run of one connected tree over some of the tasks (``layout`` in their local indices).

        Raises:
            StudyError: The layout has other numbers of tasks or blocks.
        """
        asked = (tuple(tasks), layout, seed)
        if asked in self._made:
            return self._made[asked]
        if (layout.n_tasks, layout.n_blocks) != (len(tasks), self.backbone.blocks):
            raise StudyError(
                f"A layout of {layout.n_tasks} tasks and {layout.n_blocks} blocks was asked of {len(tasks)} tasks "
                f"and {self.backbone.blocks} blocks. They should match."
            )
        # Every part was validated at its own birth; a study with an oracle makes thousands of these.
        return self._made.setdefault(
            asked,
            RunSpecification.model_construct(
                dataset=self.dataset,
                tasks=tuple(self.tasks[t] for t in tasks),
                backbone=self.backbone,
                layout=layout.partitions,
                training=self.training,
                seed=seed,
            ),
        )

    @cached_property
    def _made(self) -> dict[tuple[tuple[int, ...], Layout, int], RunSpecification]:
        # Assembling a study asks for the same runs again and again, and a key takes a hash of the whole document.
        return {}

    def single_run(self, task: int, seed: int) -> RunSpecification:
        """Give the single-task run of ``task``."""
        return self.run_of([task], Layout.all_shared(1, self.backbone.blocks), seed)

    def pair_run(self, i: int, j: int, branch_point: int, seed: int) -> RunSpecification:
        """Give the two-task run of i < j sharing ``branch_point`` ≥ 1 blocks."""
        return self.run_of([i, j], _pair_layout(branch_point, self.backbone.blocks), seed)

    def layout_runs(self, layout: Layout, seed: int) -> list[RunSpecification]:
        """Give the runs that make up one layout: one for each separate network in it."""
        return [self.run_of(group, part, seed) for group, part in layout.components()]

    def oracle_layouts(self) -> list[Layout]:
        """Give the layouts the oracle trains, in canonical order when all are asked for."""
        return [layout for layout, _ in self.oracle_networks]

    @cached_property
    def oracle_networks(self) -> tuple[tuple[Layout, Networks], ...]:
        """Every layout of the oracle with its separate networks: their tasks and their own layouts."""
        if self.oracle is None:
            return ()
        if self.oracle.layouts == "all":
            layouts = list(enumerate_layouts(len(self.tasks), self.backbone.blocks))
        else:
            layouts = [Layout.parse(text, self.tasks) for text in self.oracle.layouts]
        return tuple((layout, tuple(layout.components())) for layout in dict.fromkeys(layouts))

    def run_keys(self) -> list[str]:
        """Give the key of every run of the study once, in the order of ``runs``."""
        return [run.key for run in self.runs()]

    def runs(self) -> list[RunSpecification]:
        """Give every run of the study once: seed by seed, first the table's singles and pairs, then the oracle's."""
        found: dict[str, RunSpecification] = {}
        for run in self._runs():
            found.setdefault(run.key, run)
        return list(found.values())

    def _runs(self) -> Iterator[RunSpecification]:
        n_tasks, n_blocks = len(self.tasks), self.backbone.blocks
        table_seeds = self.table.seeds if self.table else ()
        oracle_seeds = self.oracle.seeds if self.oracle else ()
        for seed in table_seeds:
            yield from (self.single_run(task, seed) for task in range(n_tasks))
            for i, j in combinations(range(n_tasks), 2):
                yield from (self.pair_run(i, j, b, seed) for b in range(1, n_blocks + 1))
        for seed in oracle_seeds:
            yield from (self.single_run(task, seed) for task in range(n_tasks))
            for _, networks in self.oracle_networks:
                yield from (self.run_of(group, part, seed) for group, part in networks)


@cache
def _pair_layout(branch_point: int, n_blocks: int) -> Layout:
    # Forty tasks have 7,800 pairs and branch points, all of one few layouts.
    shared, split = ((0, 1),), ((0,), (1,))
    return Layout((shared,) * branch_point + (split,) * (n_blocks - branch_point))


def tree_fault(study: StudySpecification) -> str | None:
    """Say what is wrong with the tree that a study asks for, if anything."""
    request, dataset = study.treednn, study.dataset
    if not isinstance(dataset, SeveralSpecification):
        return 'treednn needs several data sets. Name the data set "several" and list its sets' if request else None
    if request is None:
        return "several data sets are asked for, but no [treednn] to grow on them. Add it"
    if study.table or study.oracle or study.affinity:
        return "tasks with pictures of their own have no table, oracle or affinity. Remove these requests"
    names = tuple(each.name for each in dataset.sets)
    if study.tasks != names:
        return f'the tasks are not those of the data sets. Leave "tasks" out, or write {", ".join(names)}'
    if request.cut > study.backbone.blocks:
        return f"the cut {request.cut} lies outside the backbone. Choose 0 to {study.backbone.blocks}"
    named = (*request.weights, *request.widths, *request.depths, *request.grafts)
    if taken := [name for name in names if name in (FRESH, MOST_ALIKE)]:
        return f'a branch is called "{taken[0]}", which says what a graft starts from. Give it another name'
    if strange := [name for name in named if name not in names]:
        return f'treednn speaks of a branch "{strange[0][:64]}" that no data set has. Choose from: {", ".join(names)}'
    grown = [name for name in names if name not in request.grafts]
    if not grown:
        return "every branch is a graft, so that no tree grows to graft them onto. Leave at least one to grow"
    if not any(request.weights.get(name, 1.0) for name in grown):
        return "the weights of all branches are 0, so that nothing is learned. Give one above 0"
    if len(grown) > study.training.batch_size:
        return f"a batch of {study.training.batch_size} rows can't hold one of each of {len(grown)} data sets"
    if bad := [like for like in request.grafts.values() if like not in (FRESH, MOST_ALIKE, *grown)]:
        return f'a graft starts from "{bad[0][:64]}". Choose {FRESH}, {MOST_ALIKE}, or one of: {", ".join(grown)}'
    for name, like in request.grafts.items():
        if like in grown and _built(request, like) != _built(request, name):
            return (
                f'the graft "{name}" can\'t start from "{like}": they differ in width or depth. '
                f"Build them alike, or start {FRESH}"
            )
    return None


def _built(request: TreeRequest, name: str) -> tuple[float, int]:
    return request.widths.get(name, 1.0), request.depths.get(name, 0)


def read_study(path: Path) -> StudySpecification:
    """Give the study a TOML file asks for.

    Raises:
        StudyError: The file is missing, too large, no TOML, or has an unknown key or a bad value.
    """
    try:
        if path.stat().st_size > MAX_STUDY_FILE:
            raise StudyError(f"{path.name} is larger than 1 MB, so it is no study file.")
        text = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise StudyError(f"{path} can't be read: {fault.strerror}. Check the path.") from None
    except UnicodeDecodeError:
        raise StudyError(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from None
    return parse_study(text, path.name)


def parse_study(text: str, filename: str = "study.toml") -> StudySpecification:
    """Give the study described by TOML text.

    Raises:
        StudyError: No TOML, an unknown key, or a bad value; the message names the key.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise StudyError(f"{filename} is not valid TOML: {fault}.") from None
    except ValueError:
        # Python reads no whole number of more than 4,300 digits.
        raise StudyError(f"{filename} holds a number with thousands of digits. Write a smaller one.") from None
    return study_from_document(document, filename)


def study_from_document(document: Any, filename: str) -> StudySpecification:  # noqa: ANN401  # any decoded document
    """Give the study of a decoded TOML or JSON document.

    Raises:
        StudyError: An unknown key or a bad value; the message names the key.
    """
    try:
        return StudySpecification.model_validate(document)
    except ValidationError as fault:
        raise StudyError(" ".join(f"{filename}: {_first_sentence(fault)}".split())) from None


def _first_sentence(fault: ValidationError) -> str:
    error = fault.errors()[0]
    where = "".join(c if c.isprintable() else "?" for c in ".".join(_place(error["loc"])))[:120]
    if error["type"] == "union_tag_invalid":
        return f'"{where}.name" is {str(error["ctx"]["tag"])[:60]!r}: choose from {error["ctx"]["expected_tags"]}.'
    if error["type"] == "extra_forbidden":
        return f'"{where}" is not a key of a study. Remove it or check its spelling.'
    if error["type"] == "missing":
        return f'"{where}" is missing. Add it.'
    message = error["msg"].removeprefix("Value error, ")
    if not where:
        return f"{message.rstrip('.')}."
    return f'"{where}" is {_shown(error.get("input"))!r}: {message[0].lower()}{message[1:].rstrip(".")}.'


def _shown(value: object) -> str:
    try:
        return str(value)[:60]
    except ValueError:
        # A whole number written in hexadecimal digits can be too long to be said in decimal ones.
        return "a number with thousands of digits"


def _place(loc: Sequence[int | str]) -> list[str]:
    """Give where a fault is; which kind of data set was read is no key of the file."""
    keys = [str(key) for key in loc]
    return [key for place, key in enumerate(keys) if not (place and keys[place - 1] == "dataset" and keys[place + 1 :])]
