"""A class in two browsers: a member's line follows the presenter's drag, and no guess comes after the answer."""

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from app.classroom.store import FILE
from tests.browser.conftest import OWNER_LINKS, Visit


@pytest.fixture
def people(browser, studies_home, serve):
    """Give the presenter's page, a member's page, and the pass-phrase of their class."""
    with serve(studies_home, "class", "--address", "127.0.0.1") as address:
        with closing(sqlite3.connect(studies_home / FILE)) as store:
            phrase = store.execute("SELECT phrase FROM class").fetchone()[0]
        contexts = [browser.browser.new_context(viewport={"width": 1280, "height": 900}) for _ in range(2)]
        visits = [Visit(context.new_page(), address) for context in contexts]
        for visit in visits:
            visit.watch()
        visits[0].page.goto(OWNER_LINKS[address].replace("localhost", "127.0.0.1"))
        yield *visits, phrase
        for visit, context in zip(visits, contexts, strict=True):
            assert visit.faults == []
            context.close()


def test_a_class_follows_guesses_and_sees_the_answer(people):
    presenter, member, phrase = people
    page = member.page
    page.goto(f"{member.server}/budget")
    page.get_by_label("Pass-phrase").fill(phrase.replace("-", " "))
    page.keyboard.press("Enter")
    expect(page.locator(".connection")).to_have_text("Following the presenter")
    presenter.open("budget", study="scenes")
    line, ours = page.locator(".figures .grip"), presenter.page.locator(".grip").first
    expect(ours).to_be_visible()
    expect(line).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Budget")
    before = ours.get_attribute("aria-valuenow")
    ours.focus()
    presenter.page.keyboard.press("PageUp")
    expect(ours).not_to_have_attribute("aria-valuenow", before)
    expect(line).to_have_attribute("aria-valuenow", ours.get_attribute("aria-valuenow"))
    # Following runs no page: no socket of a session was opened.
    assert member.reruns == []

    presenter.page.goto(f"{presenter.server}/learn?lesson=2")
    options = page.locator(".figures .option")
    options.nth(1).click()
    expect(options.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(presenter.page.locator(".option .count").nth(1)).to_have_text("1")
    presenter.page.get_by_role("button", name="Show the answer").click()
    expect(options.nth(0)).to_be_disabled()
    expect(page.locator(".figures .option.answer")).to_have_count(1)

    presenter.page.goto(f"{presenter.server}/classroom")
    presenter.settled("Class")
    expect(presenter.page.get_by_text(phrase)).to_be_visible()
    # The presenter's own page about the class is not shown to it.
    expect(page.get_by_role("heading", level=1)).to_contain_text("Counting trees")

    page.get_by_role("link", name="Go on by yourself").click()
    page.get_by_role("link", name="Follow the presenter").click()
    expect(page.locator(".figures .option.answer")).to_have_count(1)
