"""A learning rate for a study, found in a process with torch."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.bounded_number import Loss, Positive
from core.errors import StudyError
from core.jobs.torch_process import answer_of
from core.studies.code_permission import check_uses_none
from core.studies.home import VARIABLE
from core.studies.specification import StudySpecification

# By name: only the process started here imports torch.
FINDER = "core.training.rate_finder"
PATIENCE = 600


class FoundRate(BaseModel):
    """What a rising learning rate did to the training loss.

    Args:
        rates: Of each step, rising.
        losses: Smoothed training loss of each step.
        lowest: The rate at which it is lowest.
        suggested: The highest rate for a training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rates: Annotated[tuple[Positive, ...], Field(max_length=10_000)]
    losses: Annotated[tuple[Loss, ...], Field(max_length=10_000)]
    lowest: Positive
    suggested: Positive


def found_rate(study: StudySpecification, home: Path) -> FoundRate:
    """Return a learning rate for a study from one short training; nothing is stored but the data set's cache.

    Args:
        study: Of one data set.
        home: The folder of Branchwise.

    Raises:
        CodeError: It uses code of its author.
        StudyError: Data or backbone can't be had, or no rate made the loss lower.
    """
    check_uses_none(study)
    answer = answer_of(
        FINDER,
        study.model_dump(mode="json"),
        patience=PATIENCE,
        variables={VARIABLE: str(home)},
        error=StudyError,
        late=f"No rate was found after {PATIENCE} s. Use a smaller backbone, or branchwise rate on the command line.",
        failed="The training that looks for a rate failed.",
    )
    try:
        return FoundRate.model_validate(answer)
    except ValidationError:
        raise StudyError("The training that looks for a rate gave no curve. Try again.") from None
