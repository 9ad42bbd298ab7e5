import pytest
from playwright.sync_api import expect


@pytest.fixture
def compare(visit):
    page = visit.open("compare", study="paths-hierarchy", budget="40")
    expect(page.get_by_role("slider", name="Compute budget")).to_have_attribute("aria-valuenow", "40")
    return visit


def test_the_budget_follows_the_pointer_and_the_server_hears_once(compare):
    page, before = compare.page, len(compare.reruns)
    grip = page.get_by_role("slider", name="Compute budget")
    name = page.locator(".side .name")
    expect(name).to_have_text("Hard sharing: loop, shape, class at block 5")
    grip.press("ArrowLeft")
    expect(grip).to_have_attribute("aria-valuenow", "39")
    page.wait_for_url("**budget=39*")
    box, plane = grip.bounding_box(), page.locator("svg.plane").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plane["x"] + plane["width"] * 0.27, box["y"], steps=6)
    expect(name).to_contain_text("class at block 4")
    assert "budget=39" in page.url
    page.mouse.up()
    page.wait_for_url(lambda url: "budget=39" not in url)
    assert len(compare.reruns) == before + 2


def test_a_network_shows_its_interval_and_is_selected(compare):
    page = compare.page
    mark = page.locator(".network").filter(has_text="MTAN")
    mark.hover()
    expect(page.locator(".readout")).to_contain_text("MTAN")
    expect(mark.locator(".interval")).to_have_css("opacity", "1")
    mark.click()
    page.wait_for_url("**chosen=rivals*")
    expect(page.locator(".side .name")).to_have_text("MTAN")
    page.get_by_role("button", name="Back to the best").click()
    expect(page.locator(".side .name")).to_contain_text("Hard sharing")


def test_a_menu_of_a_figure_is_entered_and_left_by_keys(compare):
    page = compare.page
    button = page.get_by_test_id("stPopover").get_by_role("button").first
    button.focus()
    page.keyboard.press("Enter")
    menu = page.get_by_test_id("stPopoverBody")
    expect(menu.locator(":focus")).to_be_visible()
    # It comes first, and may have loaded its code last.
    menu.get_by_label("Note below the figure").focus()
    page.keyboard.press("Shift+Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Tab")
    expect(menu.locator(":focus")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
