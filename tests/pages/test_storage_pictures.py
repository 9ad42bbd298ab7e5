import json
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1.element_tree import Block, UnknownElement


def elements(block):
    for child in block.children.values():
        yield child
        if isinstance(child, Block):
            yield from elements(child)


def spoken(at):
    """Return the description of the picture of an open page."""
    (found,) = [
        json.loads(element.proto.json)
        for element in elements(at.main)
        if isinstance(element, UnknownElement) and getattr(element.proto, "component_name", "") == "branchwise.picture"
    ]
    assert found["filename"]
    return ElementTree.fromstring(found["svgs"][0]).get("aria-label")


def step(at):
    return at.segmented_control(key="picture_step").value


def title(at):
    return spoken(at).split(". ")[0]


@pytest.fixture
def opened(visit):
    """Open the section on MobileNetV2."""

    def page(**address):
        given = {"study": "five", "backbone": "mobilenet_v2", "trunk": "28", **address}
        at = visit("storage", section="pictures", **given)
        assert not at.error
        return at

    return page


def test_the_training_is_told_with_the_pages_backbone_and_the_studys_tasks(opened, study_of):
    words = spoken(opened(k="7"))
    assert title(opened(k="7")) == "One trunk, 7 branches"
    assert all(name in words for name in (*study_of("five").task_names, "task 6", "task 7"))
    assert "trunk 5.35 MB untrained" in words


def test_the_address_leads_to_a_step_and_buttons_go_from_one_to_the_next(opened):
    at = opened(picture="deployment", picture_step="5")
    assert (step(at), title(at)) == ("5", "Load normals")
    at.button(key="step-next").click().run()
    assert step(at) == "6"
    assert at.query_params["picture_step"] == "6"
    for _ in range(2):
        at.button(key="step-back").click().run()
    assert step(at) == "4"
    at.segmented_control(key="picture_step").set_value("1").run()
    assert at.button(key="step-back").disabled
    assert "picture_step" not in at.query_params
    at.segmented_control(key="picture_step").set_value("8").run()
    assert at.button(key="step-next").disabled


@pytest.mark.parametrize("asked", ["0", "-3", "x", "²", "999"])
def test_nonsense_in_the_address_is_passed_over(opened, asked):
    at = opened(picture="Flying", picture_step=asked)
    assert (step(at), title(at)) == ("1", "One trunk, 5 branches")


def test_the_other_picture_begins_at_its_first_step(opened):
    at = opened(picture_step="5")
    assert step(at) == "5"
    at.segmented_control(key="picture").set_value("deployment").run()
    assert (step(at), title(at)) == ("1", "Installed")


def test_a_step_that_fewer_branches_do_not_have_becomes_the_last(opened):
    at = opened(picture_step="10")
    at.number_input(key="k").set_value(1).run()
    assert not at.exception
    assert (step(at), title(at)) == ("8", "A graft: one more branch")


def test_every_step_stands_in_a_table_too(opened):
    at = opened(picture="Deployment")
    (frame,) = [each.value for each in at.dataframe if "description" in each.value]
    assert len(frame) == len(at.segmented_control(key="picture_step").options)
    assert frame["tree: bytes read so far"].iloc[-1] < frame["dedicated: bytes read so far"].iloc[-1]


@pytest.mark.parametrize("trunk", ["0", "32"])
@pytest.mark.parametrize("k", ["1", "40"])
def test_the_ends_of_every_control_can_be_drawn(opened, trunk, k):
    for picture in ("training", "deployment"):
        assert spoken(opened(trunk=trunk, k=k, picture=picture))
