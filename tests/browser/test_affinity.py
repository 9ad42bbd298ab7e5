import io

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.access import check_access
from tests.browser.keys import press_at_once


@pytest.fixture
def shown(visit):
    """The Affinity page with losses of ten tasks that somebody brought."""
    rng, places = np.random.default_rng(0), np.arange(10)
    apart = np.abs(places[:, None] - places)[None] * np.linspace(0, 0.1, 6)[:, None, None]
    file = io.BytesIO()
    np.savez(file, losses=rng.lognormal(apart[..., None], 0.3, (6, 10, 10, 60)).astype(np.float32))
    page = visit.open("affinity", study="five", evidence="Own file")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "mine.npz", "mimeType": "application/octet-stream", "buffer": file.getvalue()}
    )
    expect(page.get_by_role("grid")).to_be_visible()
    visit.settled("Affinity")
    return page


def test_the_depth_follows_the_keys_in_the_browser_and_zoom_and_scroll_stay(visit, shown):
    page, scroll = shown, shown.locator(".scroll")
    for _ in range(3):
        page.get_by_role("button", name="Zoom in").click()
    scroll.evaluate("box => { box.scrollLeft = 90; box.scrollTop = 70; }")
    place = "box => [box.scrollLeft, box.scrollTop, box.scrollWidth]"
    before, reruns = scroll.evaluate(place), len(visit.reruns)
    slider = page.get_by_role("slider", name="Depth: number of shared blocks")
    first = page.get_by_role("gridcell").nth(1).text_content()
    press_at_once(slider, *["ArrowRight"] * 3)
    expect(page.get_by_role("heading", name="After block 6", exact=True)).to_be_visible()
    assert page.get_by_role("gridcell").nth(1).text_content() != first
    page.wait_for_url("**depth=5**")
    visit.settled("Affinity")
    assert len(visit.reruns) == reruns + 1
    assert scroll.evaluate(place) == before
    expect(page.get_by_role("radio", name="After block 6")).to_be_checked()


def test_the_grid_is_walked_by_keys_and_opens_a_pair(visit, shown):
    page, reruns = shown, len(visit.reruns)
    page.locator("[role=gridcell][tabindex='0']").focus()
    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    focused = page.locator("[role=gridcell]:focus")
    name = focused.get_attribute("aria-label")
    assert len(visit.reruns) == reruns
    page.keyboard.press("Enter")
    pair = " and ".join(sorted(name.split(",")[0].split(" and ")))
    expect(page.get_by_role("heading", level=2).nth(1)).to_have_text(pair)
    page.wait_for_url("**pair=**")
    visit.settled("Affinity")
    assert len(visit.reruns) == reruns + 1
    expect(focused).to_have_attribute("aria-label", name)


def test_everybody_can_use_the_maps_and_a_phone_shows_them(shown):
    check_access(shown)
    shown.set_viewport_size({"width": 390, "height": 844})
    expect(shown.get_by_role("grid")).to_be_visible()
    assert shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
