import io

import pytest

from core.errors import BackboneError
from core.jobs.calibration import calibrate_in_background
from core.runs.settings import BackboneSpecification
from core.studies.calibration import CalibrationRequest, stored_calibration
from core.training.calibrate import main, measure
from core.training.prepare_study import profile


def request_of(name="small-residual", **more):
    fields = {"size": (16, 16), "dense": False, "batch_size": 8, "device": "cpu", "threads": 1}
    return CalibrationRequest(backbone=BackboneSpecification(name=name, blocks=5), **{**fields, **more})


@pytest.mark.parametrize("dense", [False, True])
def test_a_measurement_has_the_costs_of_a_stored_study(dense):
    found = measure(request_of(dense=dense), seconds=0.05)
    assert found.seconds > 0
    assert [block.macs for block in found.backbone.blocks] == [
        block.macs for block in profile(BackboneSpecification(blocks=5), (16, 16)).blocks
    ]


def test_it_is_kept_and_not_measured_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    request = request_of()
    assert stored_calibration(tmp_path, request) is None
    kept = []
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(request.model_dump_json().encode())))
        assert main() == 0
        kept.append(stored_calibration(tmp_path, request))
    assert kept[0] is not None
    assert kept[0] == kept[1]
    # Another batch size may be as fast, but nobody knows.
    assert stored_calibration(tmp_path, request_of(batch_size=16)) is None
    request.file(tmp_path).write_text("{}")
    assert stored_calibration(tmp_path, request) is None


def test_a_backbone_that_is_none_is_refused():
    with pytest.raises(BackboneError):
        measure(request_of("torchvision:no_such_network"))


def test_a_network_of_ones_own_is_measured_where_its_owner_allows_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    monkeypatch.setattr("core.training.calibrate.SECONDS", 0.05)
    (tmp_path / "own_to_measure.py").write_text(
        "from torch import nn\n\n\ndef make():\n    parts = [nn.Conv2d(a, 4, 3, 2, 1) for a in (3, 4)]\n"
        "    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))\n"
    )
    backbone = BackboneSpecification(name="own_to_measure:make", blocks=2)
    request = request_of().model_copy(update={"backbone": backbone})

    def tried(*arguments):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(request.model_dump_json().encode())))
        return main(list(arguments))

    assert not calibrate_in_background(tmp_path, request)
    assert tried() == 2
    assert stored_calibration(tmp_path, request) is None
    assert tried("--own-code", str(tmp_path)) == 0
    assert stored_calibration(tmp_path, request).backbone.n_blocks == 2
