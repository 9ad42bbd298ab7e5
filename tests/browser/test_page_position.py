import re

import pytest
from playwright.sync_api import Page, expect

MAIN = "[data-testid=stMain]"
SOMEWHERE = 300
LATER = (
    "(main) => new Promise((done) => setTimeout(() => done(Math.round(document.querySelector(main).scrollTop)), 700))"
)


def opened(visit, name: str, **address: str) -> Page:
    """Open a page, and wait until its history is looked after: a busy machine may take longer than a person would."""
    page = visit.open(name, **address)
    page.wait_for_function("Object.hasOwn(history, 'pushState')")
    return page


def top_of(page: Page) -> int:
    """Return how many pixels of the open page are above the window."""
    return round(page.evaluate(f"document.querySelector('{MAIN}').scrollTop"))


def at_position(page: Page, pixels: int) -> None:
    """Wait until the page is at a position, and see that it stays there."""
    reached = "([main, pixels]) => Math.abs(document.querySelector(main).scrollTop - pixels) < 3"
    page.wait_for_function(reached, arg=[MAIN, pixels])
    page.evaluate("() => new Promise((done) => setTimeout(done, 1000))")
    assert abs(top_of(page) - pixels) < 3


def scrolled(page: Page) -> int:
    """Read on, as with a wheel, and return where that led."""
    page.locator(MAIN).hover()
    page.mouse.wheel(0, SOMEWHERE)
    page.wait_for_function(f"document.querySelector('{MAIN}').scrollTop > 0")
    # Drawings that arrive late still move what is below them.
    while (before := top_of(page)) != page.evaluate(LATER, MAIN):
        assert before > 0
    return before


@pytest.mark.parametrize(
    ("size", "before", "link", "after"),
    [((1440, 600), "paths", "Storage", "storage"), ((1024, 500), "branching", "Budget", "budget")],
)
def test_a_link_opens_a_page_at_its_top_and_back_where_it_was_left(visit, size, before, link, after):
    width, height = size
    visit.page.set_viewport_size({"width": width, "height": height})
    page = opened(visit, before, study="trained")
    left = scrolled(page)
    page.get_by_test_id("stSidebar").get_by_role("link", name=link).click()
    visit.settled(after.title())
    at_position(page, 0)
    further = scrolled(page)
    page.go_back()
    visit.settled(before.title())
    at_position(page, left)
    page.go_forward()
    visit.settled(after.title())
    at_position(page, further)


def test_a_button_that_opens_another_page_opens_it_at_its_top(visit):
    visit.page.set_viewport_size({"width": 1440, "height": 600})
    page = opened(visit, "overview", study="trained")
    page.get_by_role("button", name="Open in Budget").click()
    visit.settled("Budget")
    at_position(page, 0)


def test_a_control_leaves_the_reader_where_they_are(visit):
    visit.page.set_viewport_size({"width": 1440, "height": 600})
    page = opened(visit, "storage", study="trained")
    left = scrolled(page)
    page.get_by_role("radiogroup", name="Details").get_by_role("radio").last.evaluate("(radio) => radio.click()")
    expect(page.get_by_role("radiogroup", name="Details").get_by_role("radio").last).to_be_checked()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    at_position(page, left)


def test_back_takes_one_step_for_each_page_whatever_its_address_holds(visit):
    page = opened(visit, "paths", study="trained", network="resnet18")
    for title in ("Storage", "Budget", "Affinity", "Backbone"):
        page.get_by_test_id("stSidebar").get_by_role("link", name=title).click()
        visit.settled(title)
        expect(page).to_have_url(re.compile(r"study=trained"))
    for title in ("Affinity", "Budget", "Storage", "Paths"):
        page.go_back()
        visit.settled(title)
        expect(page).to_have_url(re.compile(r"study=trained"))
        expect(page.get_by_role("combobox", name="Study")).to_have_value("All trained")


def test_one_press_of_a_button_is_one_step_back(visit):
    page = opened(visit, "overview", study="trained")
    before = page.url
    page.get_by_role("button", name="Open in Budget").click()
    visit.settled("Budget")
    page.go_back()
    visit.settled("Overview")
    expect(page).to_have_url(re.compile("layout="))
    page.go_back()
    expect(page).to_have_url(before)
