"""Whether everybody can use a page: axe's rules, in both schemes."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import IDLE

GROUNDS = {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 25, 27)"}
SERIOUS = {"serious", "critical"}
# What keeps a rule, and where, is a megabyte for each page.
ONLY_FAULTS = {"resultTypes": ["violations"]}


def check_access(page: Page) -> None:
    """Fail where an open page, light or dark, breaks a rule that keeps people from using it."""
    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        # A page that runs again fades what it has not drawn yet.
        page.locator(IDLE).wait_for()
        expect(page.locator("[data-stale=true]")).to_have_count(0)
        faults = Axe().run(page, options=ONLY_FAULTS).response["violations"]
        found = [each for each in faults if each["impact"] in SERIOUS]
        assert not found, [(each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]
