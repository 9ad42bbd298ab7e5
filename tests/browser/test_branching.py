import pytest
from playwright.sync_api import expect

from tests.browser.access import check_access


@pytest.fixture
def trees(fresh):
    """Open the page on the bundled study, by the features of its networks."""
    page = fresh.open("branching", study="scenes", evidence="Features (RSA)")
    expect(page.get_by_role("radiogroup", name="Every tree")).to_be_visible()
    return fresh


def test_alpha_follows_the_pointer_and_the_server_hears_once(trees):
    page = trees.page
    grip = page.get_by_role("slider", name="α, weight of the complexity")
    box = page.locator("svg.envelope").bounding_box()
    before = len(trees.reruns)

    def at(part):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + 60)

    at(0.2)
    page.mouse.down()
    for step in range(20):
        at(0.2 + 0.035 * step)
    moved = grip.get_attribute("aria-valuetext")
    assert "alpha=" not in page.url
    page.mouse.up()
    page.wait_for_url("**alpha=*")
    assert len(trees.reruns) == before + 1
    assert grip.get_attribute("aria-valuetext") == moved
    # The arrow keys step from tree to tree.
    grip.press("Home")
    expect(grip).to_have_attribute("aria-valuenow", "0")
    grip.press("ArrowRight")
    expect(grip).to_have_attribute("aria-valuenow", "1")
    expect(page.get_by_role("radio", name="Tree 2,")).to_be_checked()


def test_a_click_on_a_branch_asks_why_and_everybody_can_use_the_page(trees):
    page = trees.page
    page.get_by_role("radio", name="Tree 2,").click()
    page.wait_for_url("**alpha=*")
    page.get_by_role("button", name="Block 5 of").last.click()
    page.wait_for_url("**part_*")
    expect(page.get_by_text("their distance is").first).to_be_visible()
    # The answer is beside the branch that was clicked, and goes with its tree.
    answer = page.locator(".answer")
    expect(answer).to_contain_text("their distance is")
    expect(answer).to_be_in_viewport()
    page.get_by_role("radio", name="Tree 3,").click()
    expect(answer).to_be_empty()
    page.get_by_role("radio", name="Tree 2,").click()
    expect(answer).to_contain_text("their distance is")
    page.get_by_role("radio", name="Tree 2,").hover()
    check_access(page)
