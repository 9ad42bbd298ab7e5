"""Traced blocks written as source: they take trained weights and answer bit for bit as the blocks do."""

import importlib.util

import pytest
import torch
from torch import nn

from core.backbones.source import standalone_source
from core.errors import BackboneError
from core.layouts import Layout
from core.networks.block_source import block_source, study_block_source
from core.networks.export import save_weights
from core.networks.tracing import detect
from core.studies.specification import BackboneSpecification
from core.tasks import Kind, Task
from core.training.build import build
from core.training.prepare_study import profile

TASKS = (Task.usual("kind", Kind.CLASSIFICATION, 3), Task.usual("marks", Kind.MULTI_LABEL, 4))
LAYOUT = Layout.parse("0,1 | 0,1 | 0;1")
SIZE = (64, 64)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("shufflenet_v2_x0_5", "small"),
        *(
            pytest.param(name, stem, marks=pytest.mark.slow)
            for name, stem in [
                *(("resnet18", "small"), ("resnet18", "original"), ("swin_t", "small"), ("densenet121", "small")),
                *(("mobilenet_v3_small", "small"), ("efficientnet_b0", "small"), ("convnext_tiny", "small")),
                *(("regnet_y_400mf", "small"), ("squeezenet1_1", "small"), ("mnasnet0_5", "original")),
            ]
        ),
    ],
)
def test_the_file_answers_as_the_trained_network(name, stem, tmp_path):
    backbone = BackboneSpecification(name=f"torchvision:{name}", blocks=3, stem=stem)
    source = standalone_source(
        profile(backbone, SIZE),
        LAYOUT.to_json(),
        [task.name for task in TASKS],
        outputs=[task.n_outputs for task in TASKS],
        kinds=[task.kind for task in TASKS],
        blocks=study_block_source(backbone, SIZE),
    )
    (tmp_path / "network.py").write_text(source)
    network = build(backbone, LAYOUT, TASKS, SIZE, 3).train()
    x = torch.randn(4, 3, *SIZE, generator=torch.Generator().manual_seed(0))
    network(x)  # BatchNorm has counted, as after training
    network = network.to(memory_format=torch.channels_last).eval()
    save_weights(network, tmp_path / "weights.safetensors")
    spec = importlib.util.spec_from_file_location("network", tmp_path / "network.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    taken = module.build(tmp_path / "weights.safetensors")
    x = x.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        expected, found = network(x), taken(x)
    assert all(torch.equal(found[task.name], expected[place]) for place, task in enumerate(TASKS))


def test_own_networks_are_written_from_their_text():
    assert study_block_source(BackboneSpecification(), SIZE) is None


def test_blocks_that_are_no_graph_are_refused():
    with pytest.raises(BackboneError, match="has no source"):
        block_source([nn.Conv2d(3, 4, 1)], "torchvision.models.resnet18()", nn.Identity())


def test_functions_of_others_are_refused():
    def strange(x):
        return x

    graph = torch.fx.Graph()
    graph.output(graph.call_function(strange, (graph.placeholder("x"),)))
    module = torch.fx.GraphModule(nn.Module(), graph)
    with pytest.raises(BackboneError, match="no function of torch"):
        block_source([module], "torchvision.models.resnet18()", nn.Identity())


def test_writes_and_modes_that_were_recorded_are_in_the_source() -> None:
    class Writing(nn.Sequential):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self[0](x)
            y = x.clone()
            y[y < 0] = 0.0
            y[:, :1].mul_(2)
            return self[1](y * 2 if self.training else y * 3)

    model, x = Writing(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 1)), torch.randn(2, 3, 8, 8)
    blocks = detect(model, x).blocks
    source = block_source(blocks, "made()", model)
    space = {"made": lambda: model}
    exec("\n".join([*source.imports, source.text]), space)
    again = space["make_blocks"]()
    for mode in (True, False):
        expected = actual = x
        for block, other in zip(blocks, again, strict=True):
            expected, actual = block.train(mode)(expected), other.train(mode)(actual)
        assert torch.equal(expected, actual)
