import math

from core.runs.result import CurvePoint, Environment, RunResult

ENVIRONMENT = Environment(device="cpu", machine="m", threads=1, versions={})


def test_a_diverged_run_survives_json():
    losses = {"a": math.inf, "b": math.nan, "c": -math.inf, "d": 0.1}
    result = RunResult(state="failed", curve=(CurvePoint(step=1, losses=losses),), environment=ENVIRONMENT)
    again = RunResult.model_validate_json(result.model_dump_json()).curve[0].losses
    assert math.isnan(again.pop("b"))
    assert again == {"a": math.inf, "c": -math.inf, "d": 0.1}
