import io

import pytest

from core.errors import BackboneError
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
