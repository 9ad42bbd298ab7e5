"""Branching points of a backbone are dragged, added and removed, and each step can be taken back."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def strip(visit):
    page = visit.open("backbone", study="five", backbone="resnet18", cut="manual", starts="3,6")
    expect(point(page, 4)).to_be_visible()
    return page


def point(page, block):
    return page.get_by_role("switch", name=f"Branch before block {block},")


def chosen(page):
    return [int(each.get_attribute("data-at")) for each in page.locator(".point[aria-checked=true]").all()]


def test_points_are_dragged_added_removed_and_brought_back(strip):
    page = strip
    before = chosen(page)
    assert before
    first, free = before[0], next(at for at in range(1, 9) if at not in before)
    point(page, free + 1).click()
    expect(point(page, free + 1)).to_have_attribute("aria-checked", "true")
    page.wait_for_url("**starts=*")
    page.get_by_role("button", name="Undo").click()
    expect(point(page, free + 1)).to_have_attribute("aria-checked", "false")
    assert chosen(page) == before
    start, end = point(page, first + 1).bounding_box(), point(page, free + 1).bounding_box()
    page.mouse.move(start["x"] + 12, start["y"] + 25)
    page.mouse.down()
    page.mouse.move(end["x"] + 12, end["y"] + 25, steps=4)
    page.mouse.up()
    assert chosen(page) == sorted({*before, free} - {first})
    point(page, free + 1).press("Delete")
    expect(point(page, free + 1)).to_have_attribute("aria-checked", "false")
    point(page, free + 1).press("Control+z")
    expect(point(page, free + 1)).to_have_attribute("aria-checked", "true")
