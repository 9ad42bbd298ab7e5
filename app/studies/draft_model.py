"""The specification of a new study, built from plain values and checked."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.ui.uploads import free_name, safe_name
from core.errors import StudyError
from core.layouts.counting import count_layouts
from core.studies.several_specification import DatasetSpecification
from core.studies.specification import StudySpecification, study_from_document

# Far from the seeds of two-task tables, which count from 0.
FIRST_ORACLE_SEED = 100
# Beyond this number, training every layout to evaluate predictions takes too long.
MOST_LAYOUTS = 200
_WHAT = "The new study"


def dataset_of(document: Mapping[str, Any]) -> DatasetSpecification:
    """Return the data set of some fields.

    Raises:
        StudyError: A value is missing or wrong; the message names the field.
    """
    # As part of a study, so that the error message is the one of a study file.
    return study_from_document({"name": "new", "tasks": ["a", "b"], "dataset": dict(document)}, _WHAT).dataset


def study_of(
    title: str,
    taken: Collection[str],
    *,
    dataset: Mapping[str, Any],
    tasks: Sequence[str],
    backbone: Mapping[str, Any],
    training: Mapping[str, Any],
    n_seeds: int,
    n_oracle_seeds: int = 0,
) -> StudySpecification:
    """Return the specification of a new study, under a free name.

    Args:
        title: Shown on the screen.
        taken: Names that are in use.
        dataset: Fields of the data set.
        tasks: Names of the tasks.
        backbone: Fields of the backbone.
        training: Fields of the training settings.
        n_seeds: How often the two-task table is trained.
        n_oracle_seeds: How often every layout is trained, to evaluate the predictions; 0 for none.

    Raises:
        StudyError: Something is missing or wrong, with the sentence that says what to change.
    """
    shown = " ".join(title.split())
    if len(tasks) < 2:
        raise StudyError(f"{len(tasks) or 'No'} task{'s are' if not tasks else ' is'} chosen. Choose two or more.")
    document: dict[str, Any] = {
        "name": free_name(safe_name(shown), taken),
        "title": shown,
        "dataset": dict(dataset),
        "tasks": list(tasks),
        "backbone": dict(backbone),
        "training": {name: value for name, value in training.items() if value is not None},
        "table": {"seeds": list(range(n_seeds))},
    }
    if n_oracle_seeds:
        seeds = range(FIRST_ORACLE_SEED, FIRST_ORACLE_SEED + n_oracle_seeds)
        document["oracle"] = {"seeds": list(seeds), "layouts": "all"}
    return study_from_document(document, _WHAT)


def can_train_all(n_tasks: int, n_blocks: int) -> bool:
    """Return whether training every layout is feasible."""
    return n_tasks >= 2 and count_layouts(n_tasks, n_blocks) <= MOST_LAYOUTS


def split_sizes(n_train: int) -> dict[str, int]:
    """Return how many pictures each split has; validation and test get a quarter each, at least 200.

    >>> split_sizes(4000)
    {'n_train': 4000, 'n_validation': 1000, 'n_test': 1000}
    """
    rest = max(n_train // 4, 200)
    return {"n_train": n_train, "n_validation": rest, "n_test": rest}
