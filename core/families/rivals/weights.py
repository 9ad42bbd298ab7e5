"""Trained weights of a rival: to a safetensors file and back."""

from collections.abc import Sequence

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from core.errors import FamilyError
from core.families.rivals.adashare import AdaShare
from core.families.rivals.build import build_rival
from core.families.rivals.grouped_packnet import GroupedPackNet
from core.families.rivals.network import RivalNetwork
from core.families.rivals.runs import RivalRun
from core.tasks import Task


def to_bytes(network: nn.Module) -> bytes:
    """Return weights, masks and statistics of a network as the content of a safetensors file."""
    return save({name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()})


def trained_rival(run: RivalRun, tasks: Sequence[Task], size: tuple[int, int], weights: bytes) -> RivalNetwork:
    """Return the trained network of a run, in evaluation mode.

    Args:
        run: Of the network.
        tasks: What its heads predict.
        size: Height and width of the pictures.
        weights: As ``to_bytes`` returned them.

    Raises:
        FamilyError: They are damaged, or of another network.
        BackboneError: The backbone can't be made.
    """
    network = build_rival(run, tasks, size)
    try:
        state = load(weights)
        if isinstance(network, AdaShare):
            # Blocks that no task runs are not in the file.
            network.fix(state["policy"][:, list(network.skippable)])
        if isinstance(network, GroupedPackNet):
            network.fix(state["owner"])
        network.load_state_dict(state)
    except (SafetensorError, RuntimeError, KeyError, IndexError, ValueError):
        raise FamilyError(f'The weights of "{run.label}" are damaged, or of another network. Train it again.') from None
    return network.eval()
