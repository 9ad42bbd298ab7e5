"""The presenter of a class, in a real browser (Chromium)."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from class_promises import PATIENCE
from class_sessions import Served
from playwright.async_api import Page, async_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


@asynccontextmanager
async def presenter() -> AsyncIterator[Page]:
    """Open the presenter's window, and close it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, ("chromium", "google-chrome")))), args=FLAGS
        )
        try:
            page = await (await browser.new_context(viewport={"width": 1440, "height": 900})).new_page()
            page.set_default_timeout(1000 * PATIENCE)
            yield page
        finally:
            await browser.close()


async def let_train(served: Served, page: Page) -> None:
    """Let members submit trainings, by hand of the presenter."""
    await page.goto(f"{served.url}/?owner={(served.home / 'owner-token').read_text().strip()}")
    await page.goto(f"{served.url}/classroom")
    await page.get_by_text("Submit trainings").click()
    for _ in range(int(10 * PATIENCE)):
        if (
            await page.get_by_role("switch", name="Submit trainings")
            .or_(page.get_by_role("checkbox", name="Submit trainings"))
            .first.is_checked()
        ):
            break
        await asyncio.sleep(0.1)
    await page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


async def tally_on(page: Page, number: int, expected: tuple[int, ...]) -> tuple[int, ...]:
    """Return the tally of a round that the presenter's page shows, as soon as it is complete."""
    found: tuple[int, ...] = ()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and found != expected:
        counts = await page.locator(".option .count").all_text_contents()
        rounds = [[int(each) for each in text.split(" → ")] for text in counts if text]
        found = tuple(each[number - 1] for each in rounds if len(each) == number)
        await asyncio.sleep(0.2)
    return found
