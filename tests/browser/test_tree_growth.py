import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

STEP = re.compile(r"^Step \d")
SERIOUS = {"serious", "critical"}
GROUNDS = {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 25, 27)"}
# Everything that can move, as it stands at one moment.
PLACES = "svg => [...svg.querySelectorAll('[transform]')].map((node) => node.getAttribute('transform')).join()"


@pytest.fixture
def pictures(visit):
    """Open the section on a backbone whose trunk holds most of it."""
    page = visit.open("storage", study="five", storage="Training and deployment", backbone="mobilenet_v2", trunk="28")
    expect(page.get_by_role("group", name="Training of a TreeDNN")).to_be_visible()
    return visit


def test_the_picture_waits_for_the_reader_and_obeys_the_keys(pictures):
    page = pictures.page
    picture = page.get_by_role("group", name="Training of a TreeDNN")
    drawing = picture.get_by_role("img")
    count = picture.get_by_text(STEP)
    expect(count).to_have_text("Step 1 of 10")
    reruns = len(pictures.reruns)
    picture.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(count).to_have_text("Step 4 of 10")
    expect(picture.get_by_text("Backward: all weights learn")).to_be_visible()
    assert "trunk 5.35 MB learns" in drawing.get_attribute("aria-label")
    # Where the reader rests is in the address, after one rerun.
    page.wait_for_url("**picture_step=4**")
    assert len(pictures.reruns) == reruns + 1
    page.keyboard.press("Home")
    expect(count).to_have_text("Step 1 of 10")
    # Space plays, and pauses at the step that is shown.
    page.keyboard.press("Space")
    expect(picture.get_by_role("button", name="Pause")).to_be_visible()
    expect(count).to_have_text("Step 3 of 10")
    page.keyboard.press("Space")
    expect(picture.get_by_role("button", name="Play")).to_be_visible()
    assert count.text_content() == "Step 3 of 10"
    # A link with a step leads there, and every size of it is drawn.
    page.wait_for_url("**picture_step=3**")
    page.reload()
    expect(page.get_by_role("group", name="Training of a TreeDNN").get_by_text(STEP)).to_have_text("Step 3 of 10")


def test_nothing_moves_where_less_movement_is_asked_for_and_everybody_can_use_it(pictures):
    page = pictures.page
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("radio", name="Deployment", exact=True).click()
    picture = page.get_by_role("group", name="Deployment of a TreeDNN")
    expect(picture).to_be_visible()
    drawing = picture.get_by_role("img")
    expect(picture.get_by_role("button", name="Play")).to_be_hidden()
    picture.get_by_role("button", name="Next", exact=True).click()
    expect(picture.get_by_text(STEP)).to_have_text("Step 2 of 8")
    at_once = drawing.evaluate(PLACES)
    page.wait_for_url("**picture_step=2**")
    assert drawing.evaluate(PLACES) == at_once
    assert "Dedicated networks: Memory 8.9 MB" in drawing.get_attribute("aria-label")
    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        found = [each for each in Axe().run(page).response["violations"] if each["impact"] in SERIOUS]
        assert not found, [(each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]
