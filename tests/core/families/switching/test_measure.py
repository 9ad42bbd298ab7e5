import os
import time

import pytest

from core.errors import BackboneError
from core.families.switching.measure import starts_of
from core.families.switching.results import switching_of
from core.families.switching.runs import SwitchingRun
from core.runs.result import RunState
from core.training.execute import execute
from core.training.workplace import Workplace

SMALL = SwitchingRun(
    backbone="small residual, width 4",
    builder="small_residual(width=4)",
    size=(32, 32),
    params=(1,),
    cut=3,
    n_branches=2,
    repeats=2,
    asked=1,
)


@pytest.fixture(scope="module")
def small():
    from core.networks.plan import BackbonePlan
    from core.networks.tree import count_parameters

    sizes = tuple(count_parameters(block) for block in BackbonePlan("small_residual(width=4)", (32, 32)).blocks())
    return SMALL.model_copy(update={"params": sizes})


def test_a_switch_is_measured_and_leaves_no_file(small, tmp_path):
    told = []
    result, weights = execute(
        "switching", small.model_dump_json(), Workplace(tmp_path, progress=lambda *at: told.append(at[:2]))
    )
    assert (result.state, weights, told) == (RunState.DONE, None, [(1, 2), (2, 2)])
    found = switching_of(result.payload["switching"])
    assert (found.backbone, found.cut, found.n_blocks) == ("small residual, width 4", 3, 5)
    assert found.trunk_share == pytest.approx(sum(small.params[:3]) / sum(small.params))
    assert len(found.report.branches) == 2
    assert found.report.tree_bytes < found.report.separate_bytes
    assert not list((tmp_path / "cache").iterdir())


def test_a_measurement_stops_after_the_repeat_at_hand_and_leaves_no_file(small, tmp_path):
    told = []
    result, _ = execute(
        "switching",
        small.model_copy(update={"repeats": 9}).model_dump_json(),
        Workplace(tmp_path, progress=lambda *at: told.append(at[0]), should_stop=lambda: len(told) == 2),
    )
    assert (result.state, result.payload, told) == (RunState.CANCELLED, None, [1, 2])
    assert not list((tmp_path / "cache").iterdir())


def test_what_a_killed_measurement_left_is_removed_and_one_at_work_is_not(small, tmp_path):
    for name, age in ((".switching-old", 2 * 3600), (".switching-new", 0)):
        (tmp_path / "cache" / name).mkdir(parents=True)
        (tmp_path / "cache" / name / "trunk.safetensors").write_bytes(b"weights")
        os.utime(tmp_path / "cache" / name, (time.time() - age,) * 2)
    execute("switching", small.model_dump_json(), Workplace(tmp_path))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".switching-new"]


def test_measured_again_is_another_run(small):
    assert small.key != small.model_copy(update={"asked": 2}).key


def test_blocks_that_were_joined_are_found_by_their_sizes():
    assert starts_of([3, 4, 0, 5, 6], [7, 5, 6]) == (0, 2, 4)
    assert starts_of([3, 4, 5], [12]) == (0,)
    for wanted in ([3, 10], [3, 4, 5, 0], [12, 1], [4, 8]):
        with pytest.raises(BackboneError, match="can't be joined"):
            starts_of([3, 4, 5], wanted)


def test_other_blocks_than_named_are_a_sentence(small, tmp_path):
    wrong = small.model_copy(update={"params": (1, 2, 3)})
    result, _ = execute("switching", wrong.model_dump_json(), Workplace(tmp_path))
    assert result.state is RunState.FAILED
    assert "can't be joined to the 3 shown" in result.sentence
    beyond = small.model_copy(update={"cut": 6})
    result, _ = execute("switching", beyond.model_dump_json(), Workplace(tmp_path))
    assert "Choose a cut from 0 to 5" in result.sentence
