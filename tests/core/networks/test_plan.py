import pytest
import torch

from core.errors import BackboneError, FamilyError
from core.networks.plan import BackbonePlan
from core.networks.study_blocks import blocks_of
from core.networks.tree import count_parameters
from core.studies.specification import BackboneSpecification

SIZE = (32, 32)


@pytest.mark.parametrize(
    "specification",
    [
        BackboneSpecification(width=4),
        BackboneSpecification(width=4, blocks=3),
        BackboneSpecification(name="torchvision:squeezenet1_1", blocks=4),
    ],
    ids=lambda s: s.name,
)
def test_a_plan_makes_the_blocks_of_a_study(specification):
    torch.manual_seed(3)
    expected = blocks_of(specification, SIZE)
    plan = BackbonePlan.of(specification, SIZE)
    torch.manual_seed(3)
    found = plan.blocks()
    assert len(found) == len(expected) == specification.blocks
    for one, other in zip(found, expected, strict=True):
        assert one.state_dict().keys() == other.state_dict().keys()
        assert all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in one.state_dict().items())


def test_a_wider_plan_has_as_many_blocks():
    plan = BackbonePlan("torchvision.models.mobilenet_v3_small()", SIZE).merged_to(6)
    wide = plan.widened(2)
    assert "width_mult=2" in wide.builder
    blocks = wide.blocks()
    assert len(blocks) == 6
    assert sum(map(count_parameters, blocks)) > 2 * sum(map(count_parameters, plan.blocks()))


@pytest.mark.parametrize(
    ("made", "fault", "part"),
    [
        (lambda: BackbonePlan("torchvision.models.resnet18(num_classes=10**9)", SIZE), BackboneError, "known network"),
        (lambda: BackbonePlan("torchvision.models.resnet18(num_classes=1000000000)", SIZE), BackboneError, "to 25,000"),
        (lambda: BackbonePlan("torchvision.models.get_model(name='x')", SIZE), BackboneError, "known network"),
        (lambda: BackbonePlan("torchvision.models.get_weight()", SIZE), BackboneError, "known network"),
        (lambda: BackbonePlan("torchvision.models.list_models()", SIZE), BackboneError, "known network"),
        (lambda: BackbonePlan("torchvision.models.resnet50(width_per_group=0)", SIZE), BackboneError, "from 1"),
        (lambda: BackbonePlan("small_residual(width=256)", SIZE).widened(4), BackboneError, "256"),
        (lambda: BackbonePlan("__import__('os')", SIZE), BackboneError, "known network"),
        (lambda: BackbonePlan("small_residual()", (0, 32)), FamilyError, "0×32"),
        (lambda: BackbonePlan("small_residual(num_classes=3)", SIZE).blocks(), BackboneError, "can't be made"),
        (lambda: BackbonePlan("torchvision.models.resnet18(width=3)", SIZE).blocks(), BackboneError, "can't be made"),
        (lambda: BackbonePlan("torchvision.models.resnet18()", SIZE, (0, 40)).blocks(), BackboneError, "start at"),
        (lambda: BackbonePlan("small_residual()", SIZE).widened(9), FamilyError, "up to 4"),
        (lambda: BackbonePlan.of(BackboneSpecification(blocks=6), SIZE).blocks(), BackboneError, "blocks"),
    ],
)
def test_what_makes_no_backbone_is_one_sentence(made, fault, part):
    with pytest.raises(fault) as raised:
        made()
    assert part in str(raised.value)


def test_a_plan_of_cuts_has_the_blocks_of_the_study():
    specification = BackboneSpecification(name="torchvision:resnet18", cuts=(2, "layer4.0"), stem="original")
    plan = BackbonePlan.of(specification, (32, 32))
    sizes = [sum(p.numel() for p in block.parameters()) for block in plan.blocks()]
    assert sizes == [sum(p.numel() for p in block.parameters()) for block in blocks_of(specification, (32, 32))]


def test_what_no_builder_makes_is_not_widened():
    plan = BackbonePlan.of(BackboneSpecification(name="thin-vgg16", blocks=4), (32, 32))
    assert len(plan.blocks()) == 4
    with pytest.raises(FamilyError, match="thin-vgg16"):
        plan.widened(2)
