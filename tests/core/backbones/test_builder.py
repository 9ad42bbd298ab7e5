"""Builders go into code that people run: only one form of expression gets through."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backbones import Builder
from core.errors import BackboneError


@pytest.mark.parametrize(
    "text",
    [
        "torchvision.models.resnet18()",
        "torchvision.models.resnet18(num_classes=10, progress=False, weights=None)",
        "torchvision.models.segmentation.deeplabv3_resnet50(weights_backbone=None).backbone",
        "small_residual(width=8)",
    ],
)
def test_known_forms_are_kept_as_they_are(text: str) -> None:
    assert str(Builder.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "resnet18",
        "resnet18()",
        "torchvision.models.resnet18",
        "torchvision.models()",
        "torchvision.models.resnet18(10)",
        "torchvision.models.resnet18(**{})",
        "torchvision.models.resnet18(num_classes=print())",
        "torchvision.models.resnet18(num_classes=[1])",
        "torchvision.models.resnet18().fc.weight",
        "torchvision.models.resnet18().__class__",
        "torchvision.models.__builtins__()",
        "torchvision.models.os.system()",
        "torchvision.models.resnet18()()",
        "(lambda: torchvision.models.resnet18())()",
        "torchvision.models.resnet18() or exit()",
        "torchvision.models.resnet18()\nexit()",
        "__import__('os').system('x')",
        "(" * 290,
        "torchvision.models.resnet18(a=" + "1" * 400 + ")",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(BackboneError, match="does not make a known network"):
        Builder.parse(text)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    with pytest.raises(BackboneError):
        Builder.parse(text)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("torchvision.models.resnet18(weights='DEFAULT')", "torchvision.models.resnet18(weights=None)"),
        (
            "torchvision.models.resnet18(weights=1, progress=True)",
            "torchvision.models.resnet18(weights=None, progress=False)",
        ),
        ("torchvision.models.resnet18(pretrained=True, num_classes=3)", "torchvision.models.resnet18(num_classes=3)"),
        (
            "torchvision.models.segmentation.fcn_resnet50()",
            "torchvision.models.segmentation.fcn_resnet50(weights_backbone=None)",
        ),
        (
            "torchvision.models.segmentation.fcn_resnet50(weights_backbone=1, pretrained_backbone=True).backbone",
            "torchvision.models.segmentation.fcn_resnet50(weights_backbone=None).backbone",
        ),
        ("torchvision.models.ｒesnet18()", "torchvision.models.resnet18()"),
    ],
)
def test_no_argument_chooses_weights(text: str, made: str) -> None:
    assert str(Builder.parse(text)) == made


@pytest.mark.parametrize(
    "text",
    [
        "torchvision.models.get_model(name='resnet18', weights='DEFAULT')",
        "torchvision.models.get_weight(name='ResNet18_Weights.DEFAULT')",
        "torchvision.models.list_models()",
        "torchvision.models.resnet()",
        "torchvision.models.ResNet18_Weights()",
        "torchvision.models.detection.fasterrcnn_resnet50_fpn()",
        "torchvision.models.video.r3d_18()",
        "torchvision.models.quantization.resnet18(quantize=True)",
        "torchvision.models.segmentation.segmentation.fcn_resnet50()",
        "torchvision.models.resnet.resnet18()",
        "torchvision.models.resnet18.__wrapped__()",
        "torchvision.models.segmentation.resnet18()",
        "torchvision.models.fcn_resnet50()",
        "torch.hub.load()",
        "torch.hub.load(repo_or_dir='pytorch/vision', model='resnet18')",
        "torchvision.models._api.get_model(name='resnet18')",
        "torchvision.io.read_image()",
        "getattr(torchvision.models, 'resnet18')()",
        "torchvision.models['resnet18']()",
        "timm.create_model()",
        "торchvision.models.resnet18()",
        "torchvision.models.resnet18().fс",
        "torchvision.models.resnet18()._modules",
        "small_residual.__globals__()",
    ],
)
def test_only_listed_functions_make_networks(text: str) -> None:
    with pytest.raises(BackboneError, match="does not make a known network"):
        Builder.parse(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("small_residual(width=1000000000)", "width is a whole number from 1 to 256"),
        ("small_residual(width=8.5)", "whole number"),
        ("small_residual(width=0)", "from 1 to 256"),
        ("small_residual(width=-1)", "does not make a known network"),
        ("thin_vgg16(in_channels=100000)", "to 64"),
        ("torchvision.models.resnet50(width_per_group=100000)", "to 256"),
        ("torchvision.models.mobilenet_v2(width_mult=1e999)", "to 4"),
        ("torchvision.models.vit_b_16(image_size=1000000)", "to 1,024"),
        ("torchvision.models.vit_b_16(hidden_dim=1000000)", "has the argument hidden_dim"),
        ("torchvision.models.resnet18(weights_path='http://x')", "has the argument weights_path"),
        ("torchvision.models.resnet18(num_classes='9')", "whole number"),
        ("torchvision.models.resnet18(num_classes=1, num_classes=2)", "twice"),
        ("torchvision.models.resnet18(num_classes=" + "9" * 250 + ")", "to 25,000"),
    ],
)
def test_arguments_are_bounded_before_anything_is_made(text: str, part: str) -> None:
    with pytest.raises(BackboneError, match=part) as fault:
        Builder.parse(text)
    assert len(str(fault.value)) < 400


def test_a_builder_made_without_text_is_checked_too() -> None:
    with pytest.raises(BackboneError):
        Builder("torch.hub.load")
    with pytest.raises(BackboneError):
        Builder("torchvision.models.resnet18", part="__class__")
    assert Builder("torchvision.models.resnet18", (("weights", "DEFAULT"),)).arguments == (("weights", None),)  # type: ignore[arg-type]


def test_the_list_is_that_of_torchvision() -> None:
    from torchvision import models

    from core.backbones.torchvision_functions import CLASSIFIERS, SEGMENTERS

    assert set(models.list_models(module=models)) == CLASSIFIERS
    assert set(models.list_models(module=models.segmentation)) == SEGMENTERS
