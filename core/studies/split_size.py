"""How many samples a split of a data set has, as far as its specification says."""

from typing import Final

from core.runs.bounds import SplitSize
from core.studies.several_specification import DatasetSpecification

# No data set that is read here has more.
MOST_SAMPLES: Final = 10_000_000


def split_size(dataset: DatasetSpecification, split: str) -> SplitSize:
    """Return how many samples a split has; data that are read may have fewer than are requested.

    Args:
        dataset: Which data.
        split: ``train``, ``validation`` or ``test``.
    """
    most = getattr(dataset, f"n_{split}", None) or MOST_SAMPLES
    if dataset.part is not None and split == "train":
        part, parts = dataset.part
        most = (part + 1) * most // parts - part * most // parts if dataset.made_to_size else -(-most // parts)
    return SplitSize(most if dataset.made_to_size else 1, most)


def picture_size(dataset: DatasetSpecification) -> tuple[int, int] | None:
    """Return height and width of the pictures; None where only the data tell."""
    side: int | None = getattr(dataset, "size", None)
    return None if side is None else (side, side)
