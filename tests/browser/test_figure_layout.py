"""Figures on screens of three sizes: text of one size, and tree and line in sight together."""

import pytest
from playwright.sync_api import Page, expect

SCREENS = [(1024, 768), (1440, 900), (1920, 1080)]
FIGURES = {"overview": ".bw svg text", "budget": "svg.plane text", "branching": "svg.envelope text"}
SIZES = """
    nodes => nodes.filter(node => node.closest("svg").getBoundingClientRect().width).map(node =>
        [node.textContent, parseFloat(getComputedStyle(node).fontSize) * Math.abs(node.getScreenCTM().a)])
"""


def text_sizes(page: Page) -> dict[str, float]:
    return dict(page.locator(".bw svg text").evaluate_all(SIZES))


@pytest.fixture
def opened(visit):
    """Open a page on a screen of a size."""

    def page_of(page: str, width: int, height: int, **address: str) -> Page:
        visit.page.set_viewport_size({"width": width, "height": height})
        found = visit.open(page, **({"study": "digits"} | address))
        expect(found.locator(FIGURES[page]).first).to_be_visible()
        return found

    return page_of


def are_readable(sizes: dict[str, float]) -> bool:
    return len(sizes) > 5 and all(11.4 <= size <= 14.5 for size in sizes.values())


@pytest.mark.parametrize("name", FIGURES)
def test_text_of_figures_has_one_size_on_every_screen(opened, visit, name):
    page = opened(name, *SCREENS[-1])
    assert are_readable(text_sizes(page)), text_sizes(page)
    for screen in (*SCREENS, SCREENS[0]):
        visit.resize(*screen)
        assert visit.soon(lambda: are_readable(text_sizes(page))), (screen, text_sizes(page))


@pytest.mark.parametrize(
    ("name", "slider"),
    [("budget", "Compute budget, share of single-task networks"), ("branching", "α, weight of the complexity")],
)
def test_the_tree_and_the_line_are_in_sight_together(opened, visit, name, slider):
    page = opened(name, *SCREENS[0])
    # What is opened on a small screen is as large there.
    assert are_readable(text_sizes(page)), text_sizes(page)
    parts = (page.locator(".tree svg"), page.get_by_role("slider", name=slider))

    def are_in_sight() -> bool:
        boxes = [part.bounding_box() for part in parts]
        return all(box["y"] >= 0 and box["y"] + box["height"] <= screen[1] for box in boxes)

    for screen in SCREENS:
        visit.resize(*screen)
        assert visit.soon(are_in_sight), (screen, [part.bounding_box() for part in parts])


def test_a_row_selected_below_brings_its_tree_into_sight(opened, visit):
    page = opened("budget", 1440, 700)
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    box = table.bounding_box()
    # Rows are as tall as their longest text; the box of a row is in its middle.
    for y in range(60, 360, 15):
        page.mouse.click(box["x"] + 20, box["y"] + y)
        page.wait_for_timeout(150)
        if "layout=" in page.url:
            break
    page.wait_for_url("**layout=*")
    visit.settled("Budget")
    expect(page.locator(".kind")).to_contain_text("Current selection")
    expect(page.locator(".side .title")).to_be_in_viewport()
