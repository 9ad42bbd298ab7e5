import json

import pytest
from streamlit.testing.v1.element_tree import Block, UnknownElement

from app.storage import pictures
from core.backbones import load_backbone


def elements(block):
    for child in block.children.values():
        yield child
        if isinstance(child, Block):
            yield from elements(child)


def sent(at):
    """Give what the picture of an open page was sent."""
    (found,) = [
        element.proto
        for element in elements(at.main)
        if isinstance(element, UnknownElement)
        and getattr(element.proto, "component_name", "") == "branchwise.tree_growth"
    ]
    return json.loads(found.json)


@pytest.fixture
def opened(visit):
    """Open the section on MobileNetV2."""

    def page(**address):
        given = {"study": "five", "backbone": "mobilenet_v2", "trunk": "28", **address}
        at = visit("storage", storage="Training and deployment", **given)
        assert not at.error
        return at

    return page


def test_the_training_is_told_with_the_pages_backbone_and_the_studys_tasks(opened, study_of):
    data = sent(opened(k="7"))
    params = [block.params for block in load_backbone("mobilenet_v2").blocks]
    assert (data["trunk"], data["branch"]) == (params[:28], params[28:])
    assert data["names"] == [*study_of("five").task_names, "task 6", "task 7"]
    assert (data["picture"], data["step"]) == ("training", 0)


def test_the_address_leads_to_a_step_of_the_deployment(opened):
    data = sent(opened(picture="Deployment", picture_step="5"))
    assert (data["picture"], data["step"]) == ("deployment", 4)
    assert data["steps"][4]["read"] == 1


@pytest.mark.parametrize(("asked", "step"), [("0", 0), ("-3", 0), ("x", 0), ("²", 0), ("999", 9), ("9999999", 0)])
def test_nonsense_in_the_address_is_passed_over(opened, asked, step):
    data = sent(opened(picture="Flying", picture_step=asked))
    assert (data["picture"], data["step"]) == ("training", step)


def test_the_other_picture_begins_at_its_first_step(opened):
    at = opened(picture_step="5")
    assert sent(at)["step"] == 4
    at.segmented_control(key="picture").set_value("deployment").run()
    assert (sent(at)["picture"], sent(at)["step"]) == ("deployment", 0)


def test_every_step_stands_in_a_table_too(opened):
    at = opened(picture="Deployment")
    steps = sent(at)["steps"]
    (frame,) = [each.value for each in at.dataframe if "in words" in each.value]
    assert list(frame["in words"]) == [step["caption"] for step in steps]
    assert frame["tree: bytes read so far"].iloc[-1] < frame["dedicated: bytes read so far"].iloc[-1]


@pytest.mark.parametrize("trunk", ["0", "32"])
@pytest.mark.parametrize("k", ["1", "40"])
@pytest.mark.parametrize("picture", ["Training", "Deployment"])
def test_the_ends_of_every_control_can_be_drawn(opened, trunk, k, picture):
    data = sent(opened(trunk=trunk, k=k, picture=picture))
    assert len(data["names"]) == int(k)
    assert all(step["caption"] for step in data["steps"])


@pytest.mark.parametrize(("rested", "left"), [(3, "4"), (0, None), (10, "2"), (-1, "2"), (True, "2"), ("x", "2")])
def test_where_the_reader_rests_goes_to_the_address_if_it_is_a_step(monkeypatch, rested, left):
    class Address(dict):
        pass

    class Rested:
        step = rested

    monkeypatch.setattr(pictures.st, "query_params", address := Address(picture_step="2"))
    monkeypatch.setattr(pictures.st, "session_state", {"key": Rested()})
    pictures._stepped("key", 10)
    assert address.get("picture_step") == left
