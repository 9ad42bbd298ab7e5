"""Milliseconds of paths, measured on this machine when somebody asks on the Paths page."""

import json

import pytest
from streamlit.testing.v1.element_tree import Block, UnknownElement

from core.families.multipath.timing_run import PathTimingPayload, PathTimingRun
from core.runs.result import Environment, RunResult, RunState
from core.studies.family import read_run

HERE = Environment(device="cpu", machine="a test machine", threads=1, versions={})


@pytest.fixture
def opened(visit, copied_home, queue):  # noqa: ARG001
    return lambda **more: visit("paths", home=copied_home, **{"study": "paths"} | more)


def measured(run: PathTimingRun, seconds) -> RunResult:
    payload = PathTimingPayload(
        network=run.network, exits=run.exits, seconds=seconds, repeats=20, measured="2026-11-27"
    )
    return RunResult(state=RunState.DONE, environment=HERE, payload=payload.model_dump(mode="json"))


def said(at) -> str:
    return " ".join(each.value for each in at.caption).replace("\\", "").replace("\u00a0", " ")


def ladder(at):
    def elements(block):
        for child in block.children.values():
            yield child
            if isinstance(child, Block):
                yield from elements(child)

    (found,) = [
        each.proto
        for each in elements(at.main)
        if isinstance(each, UnknownElement) and getattr(each.proto, "component_name", "") == "branchwise.exit_ladder"
    ]
    return json.loads(found.json)


def column(at, name):
    data = ladder(at)
    place = data["columns"].index(name) - 1
    return [row[place] for row in data["rows"]]


def test_the_paper_s_network_is_measured_shown_at_work_and_gets_milliseconds(opened, queue):
    at = opened(network="resnet18-5")
    assert "time" not in ladder(at)["columns"]
    at.button(key="measure-path-timing").click().run()
    assert not at.exception
    assert at.button(key="measure-path-timing").disabled
    (dispatch,) = queue.take("a host", 5)
    run = read_run(dispatch.kind, dispatch.specification)
    assert (run.preset, run.size) == ("resnet18-5", (32, 32))
    assert list(run.exits) == ladder(at)["names"]
    queue.record_progress({run.key: [(4, 20, {})]})
    at.run()
    assert at.button(key="stop-path-timing").label == "Stop"
    # The third path was measured faster than the second: the table says so, the drawing never goes back.
    seconds = [0.001 * (place + 1) for place in range(len(run.exits))]
    seconds[2] = 0.0015
    queue.finish(run.key, measured(run, tuple(seconds)))
    at.run()
    assert not at.error
    assert "medians of 20 runs of each path on one picture, 1 thread, on a test machine, 2026-11-27" in said(at)
    assert column(at, "time")[:4] == ["1.00 ms", "2.00 ms", "1.50 ms", "4.00 ms"]
    (strip,) = [each for each in ladder(at)["strips"] if each["name"] == "Time"]
    assert strip["ends"][:4] == pytest.approx([0.001, 0.002, 0.002, 0.004])
    # The same in the table, and no times of this network at another.
    at.selectbox(key="network").select("mobilenetv2-0.5-3").run()
    assert "time" not in ladder(at)["columns"]
    assert "a test machine" not in said(at)


def test_times_of_a_study_s_own_network_take_the_place_of_those_of_its_profile(opened, queue):
    at = opened()
    before = column(at, "time")
    assert "of the profile" in said(at)
    at.button(key="measure-path-timing").click().run()
    (dispatch,) = queue.take("a host", 5)
    run = read_run(dispatch.kind, dispatch.specification)
    assert (run.exits, run.preset) == (("0", "1", "2", "3"), "")
    queue.finish(run.key, measured(run, (0.011, 0.012, 0.013, 0.014)))
    at.run()
    assert column(at, "time") == ["11.0 ms", "12.0 ms", "13.0 ms", "14.0 ms"] != before
    assert "a test machine" in said(at)


def test_a_damaged_measurement_and_one_of_other_places_are_not_shown(opened, queue):
    at = opened(network="resnet18-3")
    at.button(key="measure-path-timing").click().run()
    (dispatch,) = queue.take("a host", 5)
    run = read_run(dispatch.kind, dispatch.specification)
    queue.finish(run.key, RunResult(state=RunState.DONE, environment=HERE, payload={"seconds": "soon"}))
    at.run()
    assert not at.exception
    assert "time" not in ladder(at)["columns"]


def test_a_backbone_that_comes_as_a_profile_is_not_measured_here(opened):
    at = opened(network="vgg16")
    assert not [button for button in at.button if button.key == "measure-path-timing"]
    assert "can be measured here" in said(at)
