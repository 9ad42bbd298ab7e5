import pytest
from playwright.sync_api import expect

from app.ui.paths import PAGES
from tests.browser.access import check_access

TITLES = sorted(path.stem.capitalize() for path in PAGES.glob("*.py"))
# These are about no study: a link to the root that names one leads to the Overview.
OWN: dict[str, dict[str, str]] = {"Start": {}, "Learn": {}}
SEEN = "svg[role], [data-testid=stDataFrame], [data-testid=stMetric], .st-key-lesson-card-1"
PHONE = (390, 844)
SIDEWAYS = "Math.max(document.documentElement.scrollWidth - document.documentElement.clientWidth, 0)"
SCREENS = [(1024, 768), (1440, 900), (1920, 1080)]
# Labels of controls beside each other that stand at different heights.
LABELS = """
    () => [...document.querySelectorAll("[data-testid=stHorizontalBlock], [data-testid=stLayoutWrapper] > div")]
        .filter(row => getComputedStyle(row).flexDirection === "row")
        .flatMap(row => {
            const tops = [...row.querySelectorAll("[data-testid=stWidgetLabel]")]
                .map(label => [label.innerText.trim(), label.getBoundingClientRect()])
                .filter(([, box]) => box.width > 4 && box.height > 4);
            return tops.slice(1).map(([words, box], place) => [tops[place], [words, box]])
                .filter(([[, before], [, after]]) => after.left > before.right)
                .map(([[first, before], [second, after]]) => [first, second, Math.abs(after.top - before.top)]);
        })
        .filter(([,, apart]) => apart > 1 && apart < 30)
"""


@pytest.mark.parametrize("title", TITLES)
def test_everybody_can_use_a_page_in_both_schemes_and_on_every_screen(visit, title):
    page = visit.open(title.lower(), **OWN.get(title, {"study": "trained"}))
    expect(page.locator(SEEN).first).to_be_visible()
    # A chosen button is palest while the pointer rests on it.
    if (chosen := page.get_by_role("radio", checked=True)).count():
        chosen.first.hover()
    check_access(page)
    for screen in SCREENS:
        visit.resize(*screen)
        assert visit.soon(lambda: page.evaluate(LABELS) == []), (screen, page.evaluate(LABELS))
    visit.resize(*PHONE)
    assert visit.soon(lambda: not page.evaluate(SIDEWAYS)), page.evaluate(SIDEWAYS)


def test_the_root_is_the_start_page_and_old_links_to_it_are_the_overview(visit):
    page = visit.page
    page.goto(f"{visit.server}/start")
    visit.settled("Which layers should your tasks share?")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    page.goto(f"{visit.server}/?study=five&section=own")
    visit.settled("Overview")
    expect(page.get_by_role("radio", name="Your own case", checked=True)).to_be_visible()
    assert page.url.removeprefix(visit.server) == "/overview?study=five&section=own"


def test_a_page_opened_on_a_phone_does_not_scroll_sideways(visit):
    visit.resize(*PHONE)
    page = visit.open("budget", study="scenes")
    assert page.evaluate(SIDEWAYS) == 0


def test_a_bad_link_shows_no_traceback(visit):
    page = visit.open("budget", study="none", layout="garbage", pins="~x~", budget="9999", unit="x", details="x")
    expect(page.get_by_role("slider", name="Compute budget, share of single-task networks")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("The layout in this link is damaged")).to_be_visible()
