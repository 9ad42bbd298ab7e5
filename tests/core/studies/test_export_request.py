"""What is said to the user with a network that was written."""

from pathlib import Path

import pytest

from core.runs.backbone_specification import BackboneSpecification
from core.studies.database import Database
from core.studies.export_request import ExportRequest


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("small-residual", "Answer a picture: python out/predict.py PICTURE"),
        ("torchvision:resnet18", "Answer a picture: python out/predict.py PICTURE"),
        (
            "mynet:make",
            "made by your own mynet: put it beside network.py. Then answer a picture: python out/predict.py",
        ),
        ("lab.net:make", "made by your own lab: put it beside network.py."),
    ],
)
def test_own_code_that_the_network_needs_is_named(tmp_path, name, words):
    request = ExportRequest(Database(tmp_path / "runs.sqlite"), "x", Path("out"))
    assert words in request.way_to_answers(BackboneSpecification(name=name))
