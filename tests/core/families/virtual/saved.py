"""Deep virtual networks as a training leaves them on disk, without the training: statistics and weights are drawn."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core.families.virtual.network import VirtualNetwork, build_virtual
from core.families.virtual.runs import network_runs
from core.networks.study_blocks import blocks_of
from core.studies.record import StudyRecord
from core.training.prepare_study import prepare_study
from tests.core.families.small_study import small_study, text_of

WIDE = text_of("virtual").replace("width = 2", "width = 4")
TRACED = text_of("virtual").replace("width = 2", 'name = "torchvision:resnet18"\nblocks = 3')


def saved_network(file: Path, request: str = "units = 4\n", text: str = WIDE) -> tuple[StudyRecord, VirtualNetwork]:
    """Write the weights of the first network of a small study to a file; return the study and the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRANCHWISE_HOME", str(file.parent))
        record, _ = prepare_study(small_study(text, request))
    assert record.specification is not None
    run = network_runs(record.specification, 0)[0]
    height, width = record.backbone.input_shape[1:]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        blocks = blocks_of(run.backbone, (height, width))
        network = build_virtual(blocks, record.tasks, run.division, run.orders, (height, width), run.seed)
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                assert layer.running_mean is not None
                assert layer.running_var is not None
                layer.running_mean.uniform_(-0.1, 0.1)
                layer.running_var.uniform_(0.5, 2.0)
                layer.weight.data.uniform_(0.5, 1.5)
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, file)
    return record, network.eval().to(memory_format=torch.channels_last)
