from app.backbone.use import toml_of
from core.runs.backbone_specification import BackboneSpecification
from core.runs.pretrained import PretrainedWeights
from core.studies.specification import parse_study

START = 'name = "mine"\ntasks = ["depth", "edges"]\n'


def test_the_lines_of_a_study_file_are_all_that_makes_the_network():
    backbone = BackboneSpecification(
        name="mynet:make",
        args={"width": 32},
        code="0" * 64,
        cuts=("layer2", "layer4"),
        blocks=3,
        heads="aspp",
        weights=PretrainedWeights(file="/w.pt", freeze=1, fingerprint="1" * 64),
    )
    read = parse_study(START + toml_of(backbone)).backbone
    weights = PretrainedWeights(file="/w.pt", freeze=1)
    assert read == backbone.model_copy(update={"code": "", "weights": weights})


def test_a_plain_network_is_its_name_and_cuts():
    backbone = BackboneSpecification(name="torchvision:resnet18", cuts=("layer2.0",), blocks=2)
    assert toml_of(backbone).splitlines()[:2] == ["[backbone]", 'name = "torchvision:resnet18"']
    assert parse_study(START + toml_of(backbone)).backbone == backbone
