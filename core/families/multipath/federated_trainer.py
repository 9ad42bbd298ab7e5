"""Training of a multi-path network on several data sets: every batch holds rows of each of them."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.federated import FederatedSampler
from core.families.multipath.trainer import PathTrainer
from core.training.average import STATISTICS_ROWS, fresh_statistics


@dataclass(slots=True)
class FederatedPathTrainer(PathTrainer):
    """One training of a multi-path network on federated batches.

    The splits hold the rows of all data sets, one set after the other, and targets of a head are missing in the sets
    of other tasks: its loss is the mean over its own rows of the batch.

    Args:
        sizes: Training rows of each data set.

    Reference:
        TreeDNN, Algorithm 1, FEDERATED_BATCH_PREPARATION, for the batches.
    """

    sizes: tuple[int, ...] = ()

    @property
    def steps_per_epoch(self) -> int:
        """Batches until every row of the longest set was seen."""
        return self._sampler.steps

    @property
    def _sampler(self) -> FederatedSampler:
        return FederatedSampler(self.sizes, self.settings.batch_size, self.seed)

    @property
    def _batch(self) -> int:
        return self.settings.batch_size

    def _order(self, epoch: int) -> Tensor:
        """Return the rows of an epoch, batch after batch."""
        starts = [sum(self.sizes[:place]) for place in range(len(self.sizes))]
        rows = [
            torch.from_numpy(own) + start
            for batch in self._sampler.epoch(epoch)
            for own, start in zip(batch.rows, starts, strict=True)
        ]
        return torch.cat(rows).to(self.train.pictures.device)

    def refresh(self, network: nn.Module) -> None:
        """Recompute the running statistics of a network on federated batches."""
        with fresh_statistics(network) as needed:
            rows = self._order(0)[: STATISTICS_ROWS if needed else 0]
            for batch in torch.split(rows, self._batch) if needed else ():
                network(self.train.batch(batch)[0])
