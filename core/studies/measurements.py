"""What else is measured on a study than its trainings: runs of other kinds."""

import hashlib
import json
from functools import cached_property
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from core.errors import StudyError
from core.studies.specification import RunSpecification, StudySpecification

LAYOUT: Final = "layout"
SIMILARITY: Final = "similarity"


class SimilaritySpecification(BaseModel):
    """How alike the features of single-task networks are, after every block.

    Args:
        sources: The single-task trainings, in the order of the study's tasks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["similarity"] = "similarity"
    sources: tuple[RunSpecification, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.sources) < 2 or any(len(run.tasks) != 1 for run in self.sources):
            raise ValueError("similarity is measured on the single-task networks of two tasks or more")
        return self

    @cached_property
    def key(self) -> str:
        """Hash of the whole specification."""
        text = json.dumps({"kind": self.kind, "sources": [run.key for run in self.sources]}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"how alike the tasks are · seed {self.sources[0].seed}"


AnyRun = RunSpecification | SimilaritySpecification


def kind_of(run: AnyRun) -> str:
    """Give the name of a run's kind, as the database and the workers know it."""
    return SIMILARITY if isinstance(run, SimilaritySpecification) else LAYOUT


def read_run(kind: str, text: str) -> AnyRun:
    """Give the run of a kind whose specification was kept as JSON text.

    Raises:
        StudyError: There is no such kind, or the text is no specification of it.
    """
    kinds: dict[str, type[RunSpecification] | type[SimilaritySpecification]] = {
        LAYOUT: RunSpecification,
        SIMILARITY: SimilaritySpecification,
    }
    if kind not in kinds:
        raise StudyError(f'A run of kind "{kind[:40]}" is not known here. A newer Branchwise made it: update.')
    try:
        return kinds[kind].model_validate_json(text)
    except ValidationError:
        raise StudyError(f'The specification of a run of kind "{kind}" is damaged. Ask for the run again.') from None


def similarity_of(specification: StudySpecification) -> SimilaritySpecification | None:
    """Give the measurement of similarity that goes with a study, or None where nothing is trained.

    It is made on the single-task networks of the first seed of the table, or of the oracle
    where there is no table.
    """
    asked = specification.table or specification.oracle
    if asked is None:
        return None
    seed = asked.seeds[0]
    return SimilaritySpecification(
        sources=tuple(specification.single_run(task, seed) for task in range(len(specification.tasks)))
    )
