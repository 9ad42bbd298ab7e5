import pytest

from app.storage.presets import storage_presets
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone, LayerCount

PRESETS = {preset.title: preset for preset in storage_presets()}


def formula(preset):
    return LayerCount(preset.layers, preset.epsilon, preset.n_branches)


@pytest.mark.parametrize("title", PRESETS)
def test_an_example_can_be_counted_and_says_what_to_see(title):
    preset = PRESETS[title]
    assert formula(preset).is_whole
    assert preset.sentence.endswith(".")
    assert preset.fits(preset.layers, preset.epsilon, preset.n_branches, preset.backbone, preset.cut)
    assert not preset.fits(preset.layers + 1, preset.epsilon, preset.n_branches, preset.backbone, preset.cut)
    CutBackbone(load_backbone(preset.backbone), preset.cut, preset.n_branches)
    assert not preset.fits(preset.layers, preset.epsilon, preset.n_branches, preset.backbone, preset.cut + 1)


def test_the_paper_s_case():
    preset = PRESETS["TreeDNN, storage"]
    assert formula(preset).gain == 240
    for words in ("260 layers instead of 500", "240, 48 %", "≈ 50 %", "160"):
        assert words in preset.sentence
    assert "sign error" not in preset.sentence
    # What is drawn below belongs to the example too: over another backbone it is not the example.
    assert preset.backbone == "mobilenet_v2"
    assert not preset.fits(100, 10, 5, "small-residual, width 8", 3)


def test_table_1_is_saved_as_a_share_and_implies_its_trunk():
    preset = PRESETS["TreeDNN, Table 1"]
    assert formula(preset).relative == pytest.approx(1 - 68 / 120, abs=1e-3)
    assert formula(preset).asymptote == pytest.approx(0.4952, abs=5e-4)
    assert "49.5 %" in preset.sentence
    params = [block.params for block in load_backbone("mobilenet_v2").blocks]
    shares = [sum(params[:cut]) / sum(params) for cut in range(len(params) + 1)]
    assert abs(shares[preset.cut] - 0.4952) == min(abs(share - 0.4952) for share in shares)


def test_mobilenet_is_cut_after_ten_of_its_nineteen_modules():
    preset, backbone = PRESETS["MobileNetV2, middle"], load_backbone("mobilenet_v2")
    modules = [int(block.name.split(".")[1]) for block in backbone.blocks]
    assert set(modules[: preset.cut]) == set(range(10))
    assert set(modules[preset.cut :]) == set(range(10, 19))
    assert (formula(preset).trunk, formula(preset).branch) == (10, 9)
    assert "42 % of the modules" in preset.sentence
    assert "6.7 % of the parameters" in preset.sentence


def test_resnet_50_is_cut_between_stages():
    preset, backbone = PRESETS["ResNet-50"], load_backbone("resnet50")
    names = [block.name.split(".")[0] for block in backbone.blocks]
    assert set(names[: preset.cut]) == {"conv1", "layer1", "layer2"}
    assert set(names[preset.cut :]) == {"layer3", "layer4"}
    # conv1 and three convolutions in each of 3 + 4 blocks, of 16 blocks.
    assert (formula(preset).trunk, preset.layers) == (22, 49)
