"""Checkpoints from which a killed training continues: safetensors, never pickle."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from core.runs.result import CurvePoint
from core.studies.home import write_whole
from core.training.patience import Patience

_CURVE = TypeAdapter(list[CurvePoint])


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a step changes.

    Args:
        network: The network that is trained.
        average: The network with averaged weights.
        optimizer: Its moments belong to the network's parameters, in their order.
    """

    network: nn.Module
    average: nn.Module
    optimizer: torch.optim.Optimizer

    def tensors(self) -> dict[str, Tensor]:
        """Return every tensor under a unique name."""
        found = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        found |= {f"average.{name}": tensor for name, tensor in self.average.state_dict().items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            found |= {f"optimizer.{index}.{name}": moment for name, moment in moments.items() if moment is not None}
        return found

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Set everything to the tensors given by ``tensors`` of an equal state.

        Raises:
            RuntimeError: Names or shapes belong to another network.
        """
        self.network.load_state_dict(_under("network.", tensors))
        self.average.load_state_dict(_under("average.", tensors))
        document = self.optimizer.state_dict()
        moments: dict[int, dict[str, Tensor]] = {}
        parameters = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
        for name, tensor in _under("optimizer.", tensors).items():
            index, key = name.split(".", 1)
            like = parameters[int(index)]
            # Fused optimisers walk through memory: moments must lie in it as their parameter does.
            moments.setdefault(int(index), {})[key] = (
                torch.empty_like(like).copy_(tensor) if tensor.shape == like.shape else tensor
            )
        self.optimizer.load_state_dict({**document, "state": moments})


def save(path: Path | None, state: State, step: int, curve: list[CurvePoint], patience: Patience | None = None) -> None:
    """Write the state after ``step`` steps, complete or not at all; nothing where ``path`` is None.

    Args:
        path: The file.
        state: Everything that a step changes.
        step: Steps made.
        curve: Losses so far.
        patience: How long validation has been no better.

    Raises:
        StudyError: The folder can't be written to, or the disk is full.
    """
    if path is None:
        return
    tensors = {name: tensor.detach().contiguous() for name, tensor in state.tensors().items()}
    metadata = {"step": str(step), "curve": json.dumps([point.model_dump() for point in curve])}
    if patience is not None and patience.epochs is not None:
        metadata |= {"best": repr(patience.best), "waited": str(patience.waited)}
    write_whole(path, to_bytes(tensors, metadata))


def resume(path: Path | None, state: State, curve: list[CurvePoint], patience: Patience | None = None) -> int:
    """Load the state, curve and patience of a checkpoint and return its step; 0 where none fits.

    A file that is damaged or belongs to another network is ignored: the training
    starts again.
    """
    if path is None or not path.is_file():
        return 0
    with contextlib.suppress(SafetensorError, ValidationError, RuntimeError, ValueError, KeyError, OSError):
        with safe_open(path, framework="pt") as archive:
            metadata = archive.metadata()
            tensors = {name: archive.get_tensor(name) for name in archive.keys()}  # noqa: SIM118
        step, points = int(metadata["step"]), _CURVE.validate_json(metadata["curve"])
        if tensors.keys() >= {name for name in state.tensors() if not name.startswith("optimizer.")}:
            best, waited = float(metadata.get("best", "inf")), int(metadata.get("waited", "0"))
            state.load(tensors)
            curve[:] = points
            if patience is not None:
                patience.best, patience.waited = best, waited
            return step
    return 0


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
