"""What is stored of a study except its runs; with their results it becomes a Study."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from core.affinity import Similarity
from core.backbones import Backbone
from core.errors import BranchwiseError, StudyError
from core.estimators import TwoTaskTable
from core.runs.arithmetic import counted
from core.runs.result import RunResult
from core.studies.expand import expand, trainings
from core.studies.measured import LayoutResults
from core.studies.result_check import check_complete
from core.studies.specification import StudySpecification
from core.studies.study import Gallery, Provenance, Study, assemble
from core.tasks import Task

StudyKind = Literal["measured", "table"]


@dataclass(frozen=True, slots=True, eq=False)
class StudyRecord:
    """A study without its results: what was requested, and what its data set and backbone are.

    A *measured* study has a specification and its figures come from runs. A *table* study is
    somebody's own two-task table with a backbone profile; it has no runs.

    Args:
        name: Unique short name, as in files and links.
        task_names: Names in index order.
        backbone: The blocks.
        specification: What was requested, or None for a table study.
        tasks: Kinds and metrics; empty for a table study.
        table: The uploaded table, or None for a measured study.
        gallery: Example pictures, or None.
        title: What the screen calls it; the name where empty.
        description: One or two sentences.
        command: How it was made.
        finished: When its last run ended, ISO 8601 in UTC; empty when none has.
        similarity: Similarity of the features of the tasks after every block, or None where not measured.

    Raises:
        StudyError: It has both or neither of specification and table, or its parts disagree.
        AffinityError: The similarity is of other tasks or blocks.
    """

    name: str
    task_names: tuple[str, ...]
    backbone: Backbone
    specification: StudySpecification | None = None
    tasks: tuple[Task, ...] = ()
    table: TwoTaskTable | None = None
    gallery: Gallery | None = field(default=None, repr=False)
    title: str = ""
    description: str = ""
    command: str = ""
    finished: str = ""
    similarity: Similarity | None = None

    def __post_init__(self) -> None:
        if (self.specification is None) == (self.table is None):
            raise StudyError(f'Study "{self.name}" should have either a specification or a table, and not both.')
        if self.specification is not None:
            requested, described = self.specification.tasks, tuple(task.name for task in self.tasks)
            for names, verb in ((self.task_names, "names"), (described, "describes")):
                if names != requested:
                    raise StudyError(
                        f'Study "{self.name}" requests the tasks {", ".join(requested)}, but {verb} '
                        f"{', '.join(names) or 'none'}. They should be the same, in the same order."
                    )
            if self.specification.backbone.blocks != self.backbone.n_blocks:
                raise StudyError(
                    f'Study "{self.name}" requests {self.specification.backbone.blocks} blocks, '
                    f"but its backbone has {self.backbone.n_blocks}. They should be the same."
                )

        if self.similarity is not None:
            self.similarity.check_fits(len(self.task_names), self.backbone.n_blocks)

    @property
    def kind(self) -> StudyKind:
        """Whether its figures come from runs or from an uploaded table."""
        return "measured" if self.specification is not None else "table"

    def renamed(self, name: str) -> "StudyRecord":
        """Return the study under another name; its runs stay the same, since a name is no part of their keys."""
        if name == self.name:
            return self
        specification = self.specification
        if specification is not None:
            specification = specification.model_copy(update={"name": name})
        return replace(self, name=name, specification=specification)

    def study(self, results: Mapping[str, RunResult]) -> Study:
        """Return the study with its results so far; missing runs become holes.

        Args:
            results: Run key → result; those of other studies are passed over.

        Raises:
            StudyError: Table and backbone do not match.
        """
        if self.specification is None:
            assert self.table is not None
            return Study(
                self.name,
                self.title or self.name,
                self.description,
                self.task_names,
                self.backbone,
                results={"table": LayoutResults(self.table)},
                gallery=self.gallery,
                provenance=Provenance(command=self.command, finished=self.finished),
                similarity=self.similarity,
            )
        whole = self.sound(results)
        return assemble(
            self.specification,
            self.tasks,
            self.backbone,
            whole,
            gallery=self.gallery,
            provenance=self._provenance(whole),
            similarity=self.similarity,
        )

    def sound(self, results: Mapping[str, RunResult]) -> dict[str, RunResult]:
        """Return the results that say what their runs measure; a damaged one counts as missing.

        Args:
            results: Run key → result; those of other studies are passed over.
        """
        found: dict[str, RunResult] = {}
        for run in [] if self.specification is None else expand(self.specification):
            result = results.get(run.key)
            if result is None:
                continue
            try:
                check_complete(run, result, self.tasks)
                # Large payloads are read only where they are shown.
                if result.payload or not run.has_large_payload:
                    run.check(result)
            except (BranchwiseError, LookupError):
                continue
            found[run.key] = result
        return found

    def _provenance(self, results: Mapping[str, RunResult]) -> Provenance:
        assert self.specification is not None
        # Results with large payloads are not read with a study, so its figures do not rest on them.
        wanted = trainings(self.specification)
        requested = [run.key for run in wanted if not run.has_large_payload]
        done = [results[key] for key in requested if key in results and results[key].is_done]
        return Provenance(
            n_runs=len(requested),
            n_done=len(done),
            seconds=math.fsum(result.seconds for result in done),
            finished=self.finished,
            machines=tuple(sorted({result.environment.machine for result in done})),
            versions=_versions(done),
            command=self.command,
            arithmetics=counted(result.environment for result in done),
            n_apart=len(wanted) - len(requested),
        )


def _versions(results: Iterable[RunResult]) -> dict[str, str]:
    """Return library → its version, or all of them where results are of several."""
    items = sorted({item for result in results for item in result.environment.versions.items()})
    names = dict.fromkeys(name for name, _ in items)
    return {name: " and ".join(version for each, version in items if each == name) for name in names}
