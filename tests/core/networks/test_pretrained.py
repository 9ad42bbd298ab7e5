"""Blocks that start from pretrained weights: every tensor in its place; other files are refused in a sentence."""

import copy
import pickle
import zipfile

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from core.data.pretrained import with_weights_fingerprint
from core.errors import BackboneError, DataError
from core.networks.plan import BackbonePlan
from core.networks.rates import hold_frozen, parameters_by_rate
from core.networks.small import small_residual
from core.networks.study_blocks import blocks_of
from core.networks.zoo import with_zoo_fingerprint
from core.own_code.permission import permitted
from core.studies.specification import BackboneSpecification

RESNET = {"name": "torchvision:resnet18", "stem": "original"}


def backbone(file, **more):
    weights = {"file": str(file), **more.pop("weights", {})}
    return BackboneSpecification.model_validate({"width": 2, **more, "weights": weights})


@pytest.fixture(scope="module")
def resnet():
    torch.manual_seed(5)
    network = torchvision.models.resnet18()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
    return network.eval()


@pytest.fixture
def small():
    torch.manual_seed(7)
    return nn.Sequential(*small_residual(2)).eval()


def test_a_network_of_torchvision_gives_the_features_of_its_own_weights(resnet, tmp_path):
    torch.save(
        {"state_dict": {f"module.{k}": v for k, v in resnet.state_dict().items()}, "epoch": 3}, tmp_path / "w.pt"
    )
    blocks = nn.Sequential(*blocks_of(backbone(tmp_path / "w.pt", **RESNET), (32, 32))).eval()
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(blocks(x), nn.Sequential(*list(resnet.children())[:-2])(x))
    plan = BackbonePlan.of(backbone(tmp_path / "w.pt", **RESNET), (32, 32))
    with torch.no_grad():
        assert torch.equal(nn.Sequential(*plan.blocks()).eval()(x), blocks(x))


@pytest.mark.parametrize("kind", ["safetensors", "torch", "legacy", "half", "without counters"])
def test_every_form_of_file_is_read(small, tmp_path, kind):
    state, path = small.state_dict(), tmp_path / ("w.safetensors" if kind == "safetensors" else "w.pth")
    if kind == "half":
        small.half().float()
        state = {k: v.half() if v.is_floating_point() else v for k, v in small.state_dict().items()}
    if kind == "without counters":
        state = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
    if kind == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind != "legacy")
    found = nn.Sequential(*blocks_of(backbone(path), (16, 16))).state_dict()
    assert all(torch.equal(found[k], small.state_dict()[k]) for k in found)


def test_frozen_blocks_stay_and_others_learn_slower_in_copies_too(small, tmp_path):
    save_file(small.state_dict(), tmp_path / "w.safetensors")
    blocks = blocks_of(backbone(tmp_path / "w.safetensors", weights={"freeze": 2, "rate": 0.1}), (16, 16))
    network = copy.deepcopy(nn.Sequential(nn.Sequential(*blocks), nn.Linear(2, 2)))
    network.train()
    hold_frozen(network)
    assert [block.training for block in network[0]] == [False, False, True, True, True]
    groups = {rate: len(found) for rate, found in parameters_by_rate(network).items()}
    assert groups == {0.1: sum(len([*block.parameters()]) for block in blocks[2:]), 1.0: 2}
    assert not any(parameter.requires_grad for block in network[0][:2] for parameter in block.parameters())


def _changed(state, key, value):
    return {**state, key: value}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: {k: v for k, v in s.items() if k != "1.conv2.weight"}, '"1.conv2.weight"'),
        (lambda s: _changed(s, "1.conv2.weight", torch.zeros(2, 2)), "2×2"),
        (lambda s: _changed(s, "1.conv9.weight", torch.zeros(2, 2)), "another network"),
        (lambda s: _changed(s, "1.conv2.weight", torch.full_like(s["1.conv2.weight"], torch.nan)), "no numbers"),
        (
            lambda s: _changed(s, "1.conv2.weight", torch.full_like(s["1.conv2.weight"], 1e300, dtype=torch.float64)),
            "1e\\+300",
        ),
        (lambda s: _changed(s, "1.conv2.weight", s["1.conv2.weight"].to_sparse()), "plain"),
        (lambda _: {"w": [1, 2]}, "no tensors"),
        (lambda _: torch.zeros(3), "no tensors"),
        (lambda _: {"head.weight": torch.zeros(3)}, "missing"),
    ],
)
def test_other_weights_are_refused(small, tmp_path, change, words):
    torch.save(change({k: v.clone() for k, v in small.state_dict().items()}), tmp_path / "w.pt")
    with pytest.raises(BackboneError, match=words):
        blocks_of(backbone(tmp_path / "w.pt"), (16, 16))


def test_weights_of_a_deeper_network_are_refused(tmp_path):
    torch.save(torchvision.models.resnet34().state_dict(), tmp_path / "w.pt")
    with pytest.raises(BackboneError, match="another network"):
        blocks_of(backbone(tmp_path / "w.pt", **RESNET), (32, 32))


class Evil:
    def __reduce__(self):
        return (open, ("/tmp/branchwise-was-here", "w"))


def test_files_that_hold_more_than_weights_or_nothing_are_refused(small, tmp_path):
    torch.save(small, tmp_path / "whole.pt")
    (tmp_path / "evil.pt").write_bytes(pickle.dumps({"w": Evil()}))
    (tmp_path / "text.pt").write_text("hello")
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "text.safetensors").write_text("hello")
    with zipfile.ZipFile(tmp_path / "zip.pt", "w") as archive:
        archive.writestr("a", "b")
    torch.save(small.state_dict(), tmp_path / "whole_zip.pt")
    content = (tmp_path / "whole_zip.pt").read_bytes()
    # The end says that it is a zip archive; what it points to is gone, or its directory is damaged.
    (tmp_path / "start_lost.pt").write_bytes(content[len(content) // 2 :])
    (tmp_path / "directory.pt").write_bytes(content.replace(b"PK\x01\x02", b"PK\x09\x09"))
    (tmp_path / "whole_zip.pt").unlink()
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(BackboneError, match=path.name):
            blocks_of(backbone(path), (16, 16))
    for missing in (tmp_path / "none.pt", tmp_path):
        with pytest.raises(BackboneError, match="can't be read"):
            blocks_of(backbone(missing), (16, 16))
        with pytest.raises(DataError):
            with_weights_fingerprint(backbone(missing))


def test_weights_outside_the_allowed_folders_are_refused(small, tmp_path, monkeypatch):
    torch.save(small.state_dict(), tmp_path / "w.pt")
    monkeypatch.setenv("BRANCHWISE_DATA_ROOTS", str(tmp_path / "data"))
    with pytest.raises(DataError, match="outside"):
        blocks_of(backbone(tmp_path / "w.pt"), (16, 16))


def test_a_file_that_changed_is_detected(small, tmp_path, monkeypatch):
    torch.save(small.state_dict(), tmp_path / "w.pt")
    monkeypatch.chdir(tmp_path)
    marked = with_weights_fingerprint(backbone("w.pt"))
    assert marked.weights.file == str(tmp_path / "w.pt")
    blocks_of(marked, (16, 16))
    torch.save(nn.Sequential(*small_residual(2)).state_dict(), tmp_path / "w.pt")
    with pytest.raises(BackboneError, match="have changed"):
        blocks_of(marked, (16, 16))


def test_published_weights_come_from_the_cache_alone(resnet, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    asked = BackboneSpecification.model_validate({**RESNET, "weights": {"zoo": "IMAGENET1K_V1"}})
    with pytest.raises(BackboneError, match=r"get_model\('resnet18', weights='IMAGENET1K_V1'\)"):
        with_zoo_fingerprint(asked)
    (tmp_path / "hub/checkpoints").mkdir(parents=True)
    torch.save(resnet.state_dict(), tmp_path / "hub/checkpoints/resnet18-f37072fd.pth")
    marked = with_zoo_fingerprint(asked)
    assert len(marked.weights.fingerprint) == 64
    assert torch.equal(blocks_of(marked, (32, 32))[0].conv1.weight, resnet.conv1.weight)
    with pytest.raises(BackboneError, match="IMAGENET1K_V1"):
        with_zoo_fingerprint(asked.model_copy(update={"weights": asked.weights.model_copy(update={"zoo": "V9"})}))


@pytest.mark.slow
def test_published_weights_of_timm_come_from_its_cache(tmp_path, monkeypatch):
    timm = pytest.importorskip("timm")
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    asked = BackboneSpecification.model_validate(
        {"name": "timm:resnet10t", "stem": "original", "weights": {"zoo": "c3_in1k"}}
    )
    with pytest.raises(BackboneError, match=r"timm.create_model\('resnet10t.c3_in1k', pretrained=True\)"):
        with_zoo_fingerprint(asked)
    folder = tmp_path / "models--timm--resnet10t.c3_in1k"
    (folder / "snapshots/1").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs/main").write_text("1")
    network = timm.create_model("resnet10t").eval()
    save_file(network.state_dict(), folder / "snapshots/1/model.safetensors")
    with permitted([]):
        found = nn.Sequential(*blocks_of(with_zoo_fingerprint(asked), (64, 64))).eval()
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(found(x), network.forward_features(x))
    with pytest.raises(BackboneError, match="c3_in1k"):
        with_zoo_fingerprint(asked.model_copy(update={"weights": asked.weights.model_copy(update={"zoo": "V9"})}))


def test_a_dilated_network_takes_the_weights_of_the_plain_one(resnet, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub/checkpoints").mkdir(parents=True)
    torch.save(resnet.state_dict(), tmp_path / "hub/checkpoints/resnet18-f37072fd.pth")
    asked = {"name": "dilated-resnet18", "stem": "original", "weights": {"zoo": "IMAGENET1K_V1"}}
    blocks = blocks_of(BackboneSpecification.model_validate(asked), (32, 32))
    assert torch.equal(blocks[0].conv1.weight, resnet.conv1.weight)
