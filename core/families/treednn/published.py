"""What the TreeDNN paper prints, kept apart from everything measured here: show it as published figures."""

from dataclasses import dataclass
from typing import Final

from core.families.treednn.costs import LayerCount, implied_trunk_share


@dataclass(frozen=True, slots=True)
class CaseStudy:
    """Dedicated models of a camera against one tree.

    Args:
        n_models: Number of models.
        separate_megabytes: Memory of all of them.
        tree_megabytes: Memory of the tree that replaces them.
        separate_milliseconds: Response time with dedicated models.
        tree_milliseconds: Response time with the tree.
    """

    n_models: int
    separate_megabytes: float
    tree_megabytes: float
    separate_milliseconds: float
    tree_milliseconds: float

    @property
    def trunk_share(self) -> float:
        """The trunk's share of one model that explains the two memories, if the models are equal."""
        return implied_trunk_share(self.separate_megabytes, self.tree_megabytes, self.n_models)

    @property
    def saved_memory(self) -> float:
        """Share of the memory that is saved."""
        return 1 - self.tree_megabytes / self.separate_megabytes

    @property
    def loaded_share(self) -> float:
        """Share of the response time that is left: the branch's share, were loading all of it."""
        return self.tree_milliseconds / self.separate_milliseconds


@dataclass(frozen=True, slots=True)
class PublishedBranch:
    """One branch of TreeDNN's tree on MobileNetV2.

    Args:
        dataset: Its data set.
        samples: Number of samples as printed; SVHN's counts its extra pictures.
        tree: Accuracy of the branch, in percent.
        dedicated: Accuracy of a dedicated MobileNetV2, in percent.
    """

    dataset: str
    samples: int
    tree: float
    dedicated: float


CASE: Final = LayerCount(layers=100, epsilon=10, n_branches=5)
CASE_PRINTED_PERCENT: Final = 50  # "≈ 50 %", where 240 of 500 are 48 %
TABLE_1: Final = CaseStudy(8, 120, 68, 228, 120)
TABLE_2: Final = (
    PublishedBranch("CIFAR-10", 50_000, 89.0, 91.0),
    PublishedBranch("CIFAR-100", 50_000, 66.9, 68.0),
    PublishedBranch("Caltech-101", 9_146, 83.5, 65.0),
    PublishedBranch("Caltech-256", 30_607, 49.2, 40.0),
    PublishedBranch("SVHN", 600_000, 92.6, 93.3),
)
