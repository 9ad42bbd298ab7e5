import json
import math

import numpy as np
import pytest
from pydantic import ValidationError

from core.errors import StudyError
from core.runs.result import CurvePoint, Environment, RunResult, SampleScores

ENVIRONMENT = Environment(device="cpu", machine="m", threads=1, versions={})


def test_a_diverged_run_survives_json():
    losses = {"a": math.inf, "b": math.nan, "c": -math.inf, "d": 0.1}
    result = RunResult(state="failed", curve=(CurvePoint(step=1, losses=losses),), environment=ENVIRONMENT)
    again = RunResult.model_validate_json(result.model_dump_json()).curve[0].losses
    assert math.isnan(again.pop("b"))
    assert again == {"a": math.inf, "c": -math.inf, "d": 0.1}


@pytest.mark.parametrize(
    "earlier",
    [
        {"similarity": {"values": [1]}},
        {"losses": {"targets": ["a"], "data": ""}},
        {"rows": {"a": 3}, "digests": {"": "0" * 64}, "alike": {"b": [0.5]}},
        {"switching": {"cut": 2}},
    ],
)
def test_what_earlier_versions_kept_beside_metrics_is_the_payload(earlier):
    text = RunResult(state="done", environment=ENVIRONMENT).model_dump_json(include={"state", "environment"})
    empty = {"similarity": None, "losses": None, "rows": {}, "digests": {}, "alike": {}, "switching": None}
    found = RunResult.model_validate_json(json.dumps({**json.loads(text), **empty, **earlier}))
    assert found.payload == earlier
    assert RunResult.model_validate_json(found.model_dump_json()) == found
    assert RunResult.model_validate_json(json.dumps({**json.loads(text), **empty})).payload is None


def test_scores_of_samples_survive_their_text_to_half_precision():
    values = np.array([0.25, np.nan, 1e9, -1.0])
    again = SampleScores.model_validate_json(SampleScores.of("loss", values).model_dump_json())
    np.testing.assert_array_equal(again.values(), [0.25, np.nan, 65504, -1])
    with pytest.raises(StudyError, match="damaged"):
        SampleScores(score="loss", data="???").values()


@pytest.mark.parametrize(
    "forged",
    [
        {"machine": "M" * 301},
        {"device": "d" * 301},
        {"threads": 10**4000},
        {"threads": -1},
        {"versions": {f"lib{i}": "1" for i in range(41)}},
        {"versions": {"torch": "1" * 301}},
        {"instructions": "A" * 301},
    ],
)
def test_an_environment_is_short(forged):
    sound = {"device": "cpu", "machine": "Linux", "threads": 1, "versions": {"torch": "2.9"}}
    Environment.model_validate(sound)
    with pytest.raises(ValidationError):
        Environment.model_validate(sound | forged)
