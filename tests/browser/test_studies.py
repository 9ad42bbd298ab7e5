"""The Studies page in a real browser, from a machine without studies to one of one's own."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.jobs.lease import Lease
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from tests.browser.access import check_access

IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
SECTIONS = ("On disk", "Create a study", "Engine", "Clean up")


def choose(page: Page, control: str, option: str) -> None:
    page.get_by_role("combobox", name=control).click()
    page.get_by_role("option", name=option, exact=True).click()


# From an empty machine to a page that measures how fast it trains; what the form does is tested without a browser.
@pytest.mark.slow
def test_a_study_is_made_from_nothing_in_the_browser(fresh, empty_home):
    page = fresh.open("studies", section="Create a study")
    choose(page, "Data set", "Handwritten digits")
    expect(page.get_by_text("and seven tasks")).to_be_visible()
    name = page.get_by_label("Name of the study")
    name.fill("My first digits")
    name.press("Enter")
    expect(page.get_by_text("my-first-digits", exact=True).first).to_be_visible()
    # By keyboard, twice at once and again while it is made: one study all the same.
    page.get_by_role("button", name="Create study").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Creating the study")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("is stored")).to_be_visible()
    database = Database(empty_home / DATABASE_FILE)
    assert [line.name for line in database.studies()] == ["my-first-digits"]
    assert database.record("my-first-digits").specification.dataset.name == "digits"
    page.locator(".st-key-made-train").get_by_role("button").click()
    fresh.settled("Train")
    expect(page.get_by_role("combobox", name="Study", exact=True)).to_have_value("My first digits")


def test_a_study_is_chosen_in_the_list_and_opened(visit):
    page = visit.open("studies", study="scenes")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    choose(page, "Selected study", "Five tasks")
    page.locator(".st-key-study-open").get_by_role("button").click()
    visit.settled("Overview")
    expect(page).to_have_url(re.compile("study=five"))


def test_the_engine_notices_by_itself_that_a_host_came_and_went(fresh, empty_home):
    database = Database(empty_home / DATABASE_FILE)
    lease = Lease(database, owner="lab/4711/ab")
    page = fresh.open("studies", section="Engine")
    expect(page.get_by_text("not running")).to_be_visible()
    lease.acquire()
    expect(page.get_by_text("Process 4711 on lab")).to_be_visible()
    lease.release()
    expect(page.get_by_text("not running")).to_be_visible()


@pytest.mark.parametrize("section", SECTIONS)
def test_everybody_can_use_every_section_in_both_schemes(visit, section):
    page = visit.open("studies", section=section, study="trained")
    expect(page.get_by_role("radio", name=section)).to_be_checked()
    check_access(page)
