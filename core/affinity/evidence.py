"""Affinity of tasks from any source: one tensor, and where it comes from."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import Distance, distances, proportions
from core.affinity.gradient import GradientEffects
from core.affinity.recombined import RecombinedLosses
from core.affinity.similarity import Similarity
from core.affinity.tournament import Eigenvector
from core.errors import AffinityError

Array = NDArray[np.float64]


class Origin(StrEnum):
    """Where a tensor comes from."""

    RECOMBINED = "recombined"
    FEATURES = "features"
    GRADIENTS = "gradients"
    FILE = "file"


_WAY_OUT = {
    Origin.RECOMBINED: "train the rest on the Train page",
    Origin.FEATURES: "train every single task on the Train page",
    Origin.FILE: "add them to the file and upload it again",
}


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Similarity of tasks at every depth.

    Args:
        origin: Where it comes from.
        tasks: Names in index order.
        affinity: ``[n_depths, n_tasks, n_tasks]``, symmetric; NaN where something is not measured.
        losses: What the affinities were made of, where that is known.
        eigenvector: How they were made of these.
        effects: Effects of steps that the affinities were made of, where they are gradient affinities.
        given_distance: Distances where a file holds these and no affinities; then ``affinity`` is 1 − distance.
    """

    origin: Origin
    tasks: tuple[str, ...]
    affinity: Array = field(repr=False)
    losses: RecombinedLosses | None = None
    eigenvector: Eigenvector = Eigenvector.AHP
    given_distance: Array | None = field(default=None, repr=False)
    effects: GradientEffects | None = None

    @property
    def n_depths(self) -> int:
        """Number of depths."""
        return len(self.affinity)

    @property
    def is_complete(self) -> bool:
        """Whether no cell is missing."""
        return not bool(np.isnan(self.affinity).any())

    def normalised(self) -> Array:
        """Return affinities in proportion to the tasks' own: 1 on the diagonal, NaN in holes."""
        return proportions(self.affinity)

    def distances(self, kind: Distance = Distance.COSINE) -> Array:
        """Return how far apart tasks are, as the branched search needs it.

        Raises:
            AffinityError: A cell is missing, or the affinities can't be turned into distances of this kind.
        """
        if not self.is_complete:
            depth, i, j = np.argwhere(np.isnan(self.affinity))[0].tolist()
            missing = int(np.isnan(self.affinity).any(axis=(1, 2)).sum())
            if self.origin is Origin.GRADIENTS:
                own = self.tasks[np.isnan(np.diagonal(self.affinity[depth])).argmax()]
                raise AffinityError(
                    f"Steps of {own} on block {depth + 1} did not help {own} itself, so no affinity is known there. "
                    "A tree needs them all; measure more seeds or steps, or take another source."
                )
            raise AffinityError(
                f"{missing} of {self.n_depths} depths are not wholly measured, the first after block {depth + 1}: "
                f"{self.tasks[i]} and {self.tasks[j]}. A tree needs them all; {_WAY_OUT[self.origin]}."
            )
        return distances(self.affinity, kind) if self.given_distance is None else self.given_distance


def evidence_of_losses(losses: RecombinedLosses, eigenvector: Eigenvector = Eigenvector.AHP) -> Evidence:
    """Return the evidence of recombined networks."""
    return Evidence(Origin.RECOMBINED, losses.tasks, losses.affinity(eigenvector), losses, eigenvector)


def with_eigenvector(evidence: Evidence, eigenvector: Eigenvector) -> Evidence:
    """Return the same losses under another eigenvector; a tensor without losses stays as it is."""
    if evidence.losses is None or evidence.eigenvector is eigenvector:
        return evidence
    found = evidence_of_losses(evidence.losses, eigenvector)
    return Evidence(evidence.origin, found.tasks, found.affinity, found.losses, eigenvector)


def evidence_of_features(tasks: tuple[str, ...], similarity: Similarity | None) -> Evidence:
    """Return the evidence of compared features.

    Args:
        tasks: Names in index order.
        similarity: Of the single-task networks' features, or None where they were not compared.

    Raises:
        AffinityError: They were not compared.
    """
    if similarity is None:
        raise AffinityError("The features of this study were not compared yet. Train its single tasks first.")
    # The search clips distances to [0, 1], so features that are less than unlike count as unlike.
    return Evidence(Origin.FEATURES, tasks, np.clip(similarity.values, 0.0, 1.0))


def evidence_of_effects(effects: GradientEffects) -> Evidence:
    """Return the evidence of gradient affinity: mean effects over seeds, in proportion to the tasks' own."""
    return Evidence(Origin.GRADIENTS, effects.tasks, effects.affinity(), effects=effects)


def origins(
    losses: RecombinedLosses | None, similarity: Similarity | None, effects: GradientEffects | None = None
) -> tuple[Origin, ...]:
    """Return where a tensor of a study can come from, the best first; a file can always be brought."""
    measured = losses is not None and bool(losses.measured.any())
    return (
        *([Origin.RECOMBINED] if measured else []),
        *([Origin.FEATURES] if similarity is not None else []),
        *([Origin.GRADIENTS] if effects is not None else []),
        Origin.FILE,
    )
