"""What is said of a backbone that can't be measured."""

import time

import pytest

from core.jobs import calibration
from core.runs.settings import BackboneSpecification
from core.studies.calibration import CalibrationRequest


@pytest.mark.parametrize(("code", "said"), [(2, "There is no block layerX. Name another."), (1, "")])
def test_why_a_backbone_can_not_be_measured_is_kept(tmp_path, monkeypatch, code, said):
    (tmp_path / "refusing.py").write_text(
        "import sys\nprint('A warning.\\nThere is no block layerX. Name another.', file=sys.stderr)\n"
        f"sys.exit({code})\n"
    )
    monkeypatch.setenv(calibration.SWITCH, "on")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(calibration, "CALIBRATE", "refusing")
    request = CalibrationRequest(
        backbone=BackboneSpecification(), size=(16, 16), dense=False, batch_size=8, device="cpu", threads=1
    )
    deadline = time.monotonic() + 20
    assert calibration.calibrate_in_background(tmp_path, request)
    while calibration.calibrate_in_background(tmp_path, request):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert calibration.calibration_fault(tmp_path, request) == said
