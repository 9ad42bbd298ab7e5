"""Trained single-task networks that a measurement starts from: read where they are stored, else trained again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError

from core.data.dataset import Dataset
from core.errors import AffinityError, BackboneError
from core.families.single.runs import NetworkRun
from core.families.single.train import train
from core.networks.export import load_weights, to_bytes
from core.networks.tree import TreeNetwork
from core.studies.home import write_whole
from core.training.build import build
from core.training.loop import End

Progress = Callable[[int, int, Mapping[str, float]], None]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where trained networks are found, or made.

    Args:
        data: Their data set.
        device: Where they should live.
        weights: Returns the file of a run's trained weights, which need not exist.
        draft: Returns the file for weights of a network trained here, so that an interrupted measurement continues.
        should_stop: Called every few steps of a training; true stops it.
    """

    data: Dataset
    device: torch.device
    weights: Callable[[str], Path]
    draft: Callable[[str], Path]
    should_stop: Callable[[], bool] | None = None

    def network(self, source: NetworkRun, progress: Progress) -> TreeNetwork | None:
        """Return the trained network of a run, in evaluation mode; None where its training was stopped.

        Args:
            source: A single-task run.
            progress: Called with steps made, steps in all and mean losses where it is trained.

        Raises:
            AffinityError: Its training diverged.
        """
        found = self._kept(source, self.weights(source.key)) or self._kept(source, self.draft(source.key))
        if found is not None:
            return found
        network = self._trained(source, progress)
        if network is not None:
            write_whole(self.draft(source.key), to_bytes(network))
        return network

    def forget_drafts(self, *sources: NetworkRun) -> None:
        """Remove what was trained here for these runs."""
        for source in sources:
            self.draft(source.key).unlink(missing_ok=True)

    def _kept(self, source: NetworkRun, path: Path) -> TreeNetwork | None:
        if not path.is_file():
            return None
        tasks = tuple(self.data.task(name) for name in source.tasks)
        network = build(source.backbone, source.tree, tasks, self.data.size, source.seed)
        try:
            load_weights(network, path)
        except (BackboneError, SafetensorError, OSError):
            return None  # damaged: trained once more
        return network.to(self.device).eval()

    def _trained(self, source: NetworkRun, progress: Progress) -> TreeNetwork | None:
        _, outcome = train(source, self.data, self.device, progress=progress, should_stop=self.should_stop)
        if outcome.end is End.STOPPED:
            return None
        if outcome.end is End.DIVERGED:
            raise AffinityError(
                f"The loss of {source.label} became not-a-number at step {outcome.step}. Try a lower learning rate."
            )
        assert isinstance(outcome.network, TreeNetwork)
        return outcome.network
