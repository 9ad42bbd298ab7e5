"""Which rows of the training split each batch holds: of one data set, or federated over several."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.data.federated import FederatedSampler


@dataclass(frozen=True, slots=True)
class RowOrder:
    """The rows of each epoch, from the seed and the number of the epoch alone.

    So it is the same in every layout, and known again after a restart.

    Args:
        n_rows: Rows of the training split.
        batch_size: Rows of one batch, of all sets together.
        seed: Of the orders.
        sizes: Rows of each data set, where the split holds several, one after the other: every batch has rows of each
            of them. Empty otherwise.

    Reference:
        TreeDNN, Algorithm 1, FEDERATED_BATCH_PREPARATION, for the batches of several sets.
    """

    n_rows: int
    batch_size: int
    seed: int
    sizes: tuple[int, ...] = ()

    @property
    def batch(self) -> int:
        """Rows of one batch."""
        return self.batch_size if self.sizes else min(self.batch_size, self.n_rows)

    @property
    def steps(self) -> int:
        """Whole batches in the split, the rest of an epoch is left out; until all sets were seen, of several."""
        return self._sampler.steps if self.sizes else max(self.n_rows // self.batch, 1)

    def epoch(self, number: int) -> Tensor:
        """Return the rows of an epoch, batch after batch."""
        if not self.sizes:
            return torch.from_numpy(np.random.default_rng([self.seed, number]).permutation(self.n_rows))
        starts = np.cumsum([0, *self.sizes]).tolist()
        rows = [
            torch.from_numpy(own) + start
            for batch in self._sampler.epoch(number)
            for own, start in zip(batch.rows, starts, strict=False)
        ]
        return torch.cat(rows)

    @property
    def _sampler(self) -> FederatedSampler:
        return FederatedSampler(self.sizes, self.batch_size, self.seed)
