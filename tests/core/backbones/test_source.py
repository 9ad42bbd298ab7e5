"""The standalone source of a layout: it runs, and its blocks are those of the traced network."""

import ast
import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

from core.backbones import Backbone, Block, load_backbone
from core.backbones.source import standalone_source
from core.errors import BackboneError
from core.layouts import Layout
from core.networks.export import profile_of
from core.networks.heads import head_of
from core.networks.small import small_residual
from core.tasks import Kind, Task
from tests.torch_process import TorchProcess

LAYOUT = Layout.of([[[0, 1, 2]], [[0, 1], [2]], [[0, 1], [2]], [[0], [1], [2]]])
TASKS = ["depth", 'a "quoted" name', "edges"]


def written(folder: Path, name: str, **options: object) -> tuple[Path, Backbone]:
    backbone = load_backbone(name).merged_to(4)
    path = folder / f"{name}_tree.py"
    path.write_text(standalone_source(backbone, LAYOUT.to_json(), TASKS, **options), encoding="utf-8")
    return path, backbone


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "dense"),
    [
        ("small_residual_8", True),
        ("mobilenet_v2", False),
        *(
            pytest.param(name, dense, marks=pytest.mark.slow)
            for name, dense in [("resnet18", True), ("swin_t", True), ("vit_b_32", False), ("thin_vgg16_32", False)]
        ),
    ],
)
def test_the_file_runs_alone(name: str, dense: bool, tmp_path: Path, torch_process: TorchProcess) -> None:
    kind = Kind.DEPTH if dense else Kind.CLASSIFICATION
    path, backbone = written(tmp_path, name, outputs=[1, 5, 2], kinds=[kind, Kind.CLASSIFICATION, kind])
    run = torch_process.run(path, cwd=tmp_path, warnings=("error",))
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    size = list(backbone.input_shape[1:]) if dense else []
    assert lines[:3] == [f"depth: {[2, 1, *size]}", 'a "quoted" name: [2, 5]', f"edges: {[2, 2, *size]}"]
    expected = sum(n * block.params for n, block in zip(LAYOUT.group_counts, backbone.blocks, strict=True))
    assert lines[3].startswith(f"parameters: {expected} in blocks")


@pytest.mark.parametrize(
    "name", ["resnet18", "shufflenet_v2_x0_5", pytest.param("densenet121", marks=pytest.mark.slow)]
)
def test_its_blocks_rejoin_to_the_network(name: str, tmp_path: Path) -> None:
    import torchvision

    module = loaded(written(tmp_path, name)[0])
    model = getattr(torchvision.models, name)()
    parts = module.split(model, module.ENDS)
    x = torch.randn(2, 3, 64, 64)
    features: list[torch.Tensor] = []
    # What the classifier's pooling reads is what the last block should give.
    last = {"resnet18": "layer4", "shufflenet_v2_x0_5": "conv5", "densenet121": "features"}[name]
    model.get_submodule(last).register_forward_hook(lambda *args: features.append(args[-1]))
    with torch.no_grad():
        model.eval()(x)
        out = x
        for part in parts:
            out = part.eval()(out)
    expected = torch.relu(features[0]) if name == "densenet121" else features[0]
    assert torch.equal(out, expected)


def test_the_small_net_is_the_projects_own(tmp_path: Path) -> None:
    module = loaded(written(tmp_path, "small_residual_8")[0])
    assert "torchvision" not in (tmp_path / "small_residual_8_tree.py").read_text().replace("torch and torchvision", "")
    own, theirs = small_residual(8), module.small_residual(width=8)
    for mine, other in zip(own, theirs, strict=True):
        other.load_state_dict(mine.state_dict())
    x = torch.randn(2, 3, 32, 32)
    a, b = (torch.nn.Sequential(*blocks).eval()(x) for blocks in (own, theirs))
    assert torch.equal(a, b)


def test_a_profile_of_the_small_net_needs_no_cuts() -> None:
    blocks = tuple(Block(b.name, b.params, b.macs, b.output_shape) for b in load_backbone("small_residual_8").blocks)
    bare = Backbone("small-residual", blocks, (3, 32, 32))
    layout = Layout.all_split(2, 5).to_json()
    source = standalone_source(bare, layout, ["a", "b"], builder="small_residual(width=8)")
    assert "ENDS = [0, 1, 2, 3, 4]" in source
    fewer = replace(bare, blocks=blocks[1:])
    source = standalone_source(fewer, Layout.all_split(2, 4).to_json(), ["a", "b"], builder="small_residual(blocks=4)")
    assert "ENDS = [0, 1, 2, 3]" in source
    with pytest.raises(BackboneError, match="There is no way to build"):
        standalone_source(bare, layout, ["a", "b"])
    with pytest.raises(BackboneError, match="where its blocks end"):
        standalone_source(bare, layout, ["a", "b"], builder="torchvision.models.resnet18()")


def test_the_bundled_small_profile_is_up_to_date() -> None:
    bundled = load_backbone("small_residual_8")
    fresh = profile_of(small_residual(8), torch.zeros(1, 3, 32, 32), name=bundled.name, builder=bundled.builder)
    assert fresh.blocks == bundled.blocks


def test_names_cannot_break_out_of_the_text() -> None:
    hostile = '"""\nraise SystemExit("out")\n"""'
    backbone = load_backbone("resnet18").merged_to(1)
    block = Block(hostile, 1, 1, backbone.blocks[0].output_shape, cut=backbone.blocks[0].cut)
    evil = Backbone(hostile, (block,), backbone.input_shape, builder=backbone.builder)
    tree = ast.parse(standalone_source(evil, [[[0, 1]]], [hostile, "b"]))
    assert not any(isinstance(node, ast.Raise) for node in tree.body)


@pytest.mark.parametrize(
    ("layout", "tasks", "options", "words"),
    [
        ([[[0, 1]]], ["a", "b"], {}, "The layout has 1 blocks"),
        (LAYOUT.to_json(), ["a", "b"], {}, "The layout has 3 tasks; 2 names"),
        (LAYOUT.to_json(), TASKS, {"outputs": [1]}, "3 names, 1 outputs"),
        (LAYOUT.to_json(), TASKS, {"outputs": [1, 0, 1]}, "A head has 0 outputs"),
        (LAYOUT.to_json(), TASKS, {"builder": "open('x')"}, "does not make a known network"),
    ],
)
def test_what_does_not_fit_is_refused(layout: list, tasks: list[str], options: dict, words: str) -> None:
    with pytest.raises(BackboneError, match=words):
        standalone_source(load_backbone("resnet18").merged_to(4), layout, tasks, **options)


def test_tokens_have_no_dense_head() -> None:
    with pytest.raises(BackboneError, match="hands on no maps"):
        standalone_source(load_backbone("vit_b_16").merged_to(4), LAYOUT.to_json(), TASKS, kinds=[Kind.DEPTH] * 3)


def test_a_network_that_was_not_trained_says_so_without_a_traceback(
    tmp_path: Path, torch_process: TorchProcess
) -> None:
    path, _ = written(tmp_path, "small_residual_8")
    run = torch_process.run(path, tmp_path, cwd=tmp_path)
    assert run.returncode == 1
    assert "preprocessing is unknown" in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("dense", ["aspp", "pyramid"])
def test_the_file_has_the_larger_heads(dense: str, tmp_path: Path) -> None:
    kinds = [Kind.DEPTH, Kind.CLASSIFICATION, Kind.DEPTH]
    path, backbone = written(tmp_path, "small_residual_8", outputs=[1, 5, 2], kinds=kinds, dense=dense)
    size = (backbone.input_shape[1], backbone.input_shape[2])
    tasks = [Task.usual(f"t{n}", kind, n) for kind, n in zip(kinds, (1, 5, 2), strict=True)]
    expected = [head_of(task, backbone.blocks[-1].output_shape, size, dense) for task in tasks]
    found = loaded(path).build().heads
    x = torch.randn(2, *backbone.blocks[-1].output_shape)
    for mine, other in zip(expected, found, strict=True):
        other.load_state_dict(mine.state_dict())
        with torch.no_grad():
            torch.testing.assert_close(mine.eval()(x), other.eval()(x))
