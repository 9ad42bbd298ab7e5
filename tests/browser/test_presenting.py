"""Presenter mode on a projector's screen: text for the last row, and steps by the keys of a clicker."""

import re

from playwright.sync_api import expect

LEAST = 23.5
# Pixels, within which a section begins that is shown.
HIGH = 500
# Pixels of texts of a drawing on the screen.
SIZE = """
(nodes) => nodes.map((node) => {
  const { a, b } = node.getScreenCTM();
  return parseFloat(getComputedStyle(node).fontSize) * Math.hypot(a, b);
})
"""


def test_text_is_large_enough_for_a_room_and_a_clicker_leads_on(visit):
    visit.resize(1920, 1080)
    page = visit.open("budget", study="trained")
    grip = page.get_by_role("slider", name="Compute budget, share of single-task networks")
    expect(grip).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_text("Presenter mode").click()
    expect(page).to_have_url(re.compile("present=1"))
    expect(page.get_by_text("How is this computed?")).to_have_count(0)
    expect(grip).to_have_css("font-size", re.compile(r"^2[4-9]"))
    texts = page.locator("svg.plane text")
    expect(texts.first).to_be_visible()
    assert visit.soon(lambda: min(texts.evaluate_all(SIZE)) >= LEAST), min(texts.evaluate_all(SIZE))
    # The open section is below the plane: it comes first. Nothing is pinned, so the section of pins is left out.
    best = page.get_by_role("radio", name="Best layouts")
    assert best.bounding_box()["y"] > HIGH
    page.keyboard.press("PageDown")
    assert visit.soon(lambda: best.bounding_box()["y"] < HIGH), best.bounding_box()
    expect(page).not_to_have_url(re.compile("section="))
    page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile("section=evaluation"))
    page.keyboard.press("p")
    expect(page).not_to_have_url(re.compile("present=1"))
