"""Measuring a switch on this machine, asked for on the Storage page."""

import pytest

from core.backbones.catalogue import load_backbone
from core.families.switching.results import bundled_switchings
from core.runs.result import Environment, RunResult, RunState
from core.studies.family import read_run

ENVIRONMENT = Environment(device="cpu", machine="a test", threads=1, versions={})


@pytest.fixture
def opened(visit, copied_home, queue):  # noqa: ARG001
    return lambda **more: visit(
        "storage",
        home=copied_home,
        study="five",
        storage="Response time",
        **{"backbone": "resnet18", "trunk": "3"} | more,
    )


def measured(run) -> RunResult:
    """A result made up from one that is bundled, of another backbone and slower."""
    report = bundled_switchings()[0].report.document()
    document = {
        "backbone": run.backbone,
        "cut": run.cut,
        "n_blocks": len(run.params),
        "trunk_share": 0.25,
        "measured": "2026-11-22",
        "command": "the page",
        "report": report,
    }
    return RunResult(state=RunState.DONE, environment=ENVIRONMENT, payload={"switching": document})


def said(at) -> str:
    return " ".join(each.value for each in (*at.markdown, *at.caption)).replace("\\", "").replace("\u00a0", " ")


def test_a_measurement_is_queued_shown_at_work_and_takes_the_first_place(opened, queue):
    at = opened()
    assert "Takes seconds" in said(at)
    at.button(key="measure-switching").click().run()
    assert not at.exception
    assert at.button(key="measure-switching").disabled
    (dispatch,) = queue.take("a host", 5)
    run = read_run(dispatch.kind, dispatch.specification)
    assert (run.builder, run.cut, run.n_branches) == (
        "torchvision.models.resnet18()",
        3,
        at.number_input(key="k").value,
    )
    assert run.params == tuple(block.params for block in load_backbone("resnet18").blocks)
    queue.record_progress({run.key: [(4, 20, {})]})
    at.run()
    assert at.button(key="stop-switching").label == "Stop"
    queue.finish(run.key, measured(run))
    at.run()
    assert not at.error
    assert "1 measurement on this machine shown below" in said(at)
    assert "resnet18, trunk of 3 of 9 blocks" in said(at)
    assert not at.button(key="measure-switching").disabled


def test_what_went_wrong_is_said(opened, queue):
    at = opened()
    at.button(key="measure-switching").click().run()
    (dispatch,) = queue.take("a host", 5)
    queue.finish(dispatch.key, RunResult(state=RunState.FAILED, sentence="No room.", environment=ENVIRONMENT))
    at.run()
    assert [each.value for each in at.error] == [r"No room\."]
    assert not at.button(key="measure-switching").disabled


def test_a_backbone_nobody_can_make_is_not_offered(opened, queue):
    at = opened(backbone="study")
    assert at.button(key="measure-switching").disabled
    assert queue.n_active() == 0
