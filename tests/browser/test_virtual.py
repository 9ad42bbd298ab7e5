from pathlib import Path

from playwright.sync_api import expect

from tests.browser.access import check_access


def test_a_level_follows_the_pointer_and_the_server_hears_once(visit):
    page = visit.open("virtual", study="virtual", section="units")
    grip, lit = page.get_by_role("slider", name="Level"), page.locator(".grid .piece.on")
    expect(grip).to_have_attribute("aria-valuenow", "1")
    expect(lit).to_have_count(1)
    before = len(visit.reruns)
    box, boxes = grip.bounding_box(), [each.bounding_box() for each in page.locator(".strips .shown .unit").all()]
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for level in (2, 4, 3):
        page.mouse.move(boxes[level - 1]["x"] + boxes[level - 1]["width"], box["y"] + 10)
        expect(grip).to_have_attribute("aria-valuenow", str(level))
        expect(lit).to_have_count(level**2)
    assert "level=" not in page.url
    page.mouse.up()
    page.wait_for_url("**level=2*")
    assert len(visit.reruns) == before + 1
    # By keys, and another task.
    grip.press("ArrowLeft")
    expect(page.locator(".sentence")).to_contain_text("upright, level 2 of 4")
    page.get_by_role("radio", name="upright").press("ArrowDown")
    expect(page.get_by_role("radio", name="turned")).to_be_focused()
    # They are written one after the other.
    page.wait_for_url(lambda url: "unit_task=1" in url and "level=1" in url)
    check_access(page)


def test_units_are_put_in_order_by_pointer_and_keys(visit):
    page = visit.open("virtual", study="virtual", section="game")
    rows = page.locator(".row")
    # The name of the row is the first of its parts.
    expect(rows.nth(0).locator(".tile")).to_have_text(["1", "2", "3", "4"])
    expect(page.locator(".sentence")).to_contain_text("trained these orders as “nearest”")
    before = len(visit.reruns)
    tiles = [each.bounding_box() for each in rows.nth(0).locator(".tile").all()]
    middle = tiles[0]["y"] + tiles[0]["height"] / 2
    page.mouse.move(tiles[0]["x"] + tiles[0]["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(tiles[1]["x"] + 0.8 * tiles[1]["width"], middle)
    expect(rows.nth(0).locator(".tile")).to_have_text(["2", "1", "3", "4"])
    page.mouse.move(tiles[3]["x"] + 0.8 * tiles[3]["width"], middle)
    expect(rows.nth(0).locator(".tile")).to_have_text(["2", "3", "4", "1"])
    expect(page.locator(".sentence")).to_contain_text("No network of this study is trained with these orders")
    assert "orders=" not in page.url
    page.mouse.up()
    page.wait_for_url("**orders=1-2-3-0.2-1-3-0.3-2-1-0*")
    assert len(visit.reruns) == before + 1
    # By keys: the unit keeps the focus.
    first = rows.nth(0).get_by_role("button", name="unit 1, place 4 of 4")
    first.press("Home")
    expect(rows.nth(0).get_by_role("button", name="unit 1, place 1 of 4")).to_be_focused()
    page.wait_for_url(lambda url: "orders=" not in url)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**orders=1-2-3-0.2-1-3-0.3-2-1-0*")
    page.get_by_role("button", name="One common order").click()
    expect(page.locator(".sentence")).to_contain_text("trained these orders as “common”")
    expect(page.locator(".compare tbody tr").first.locator("td").nth(1)).to_have_text("120 %")
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "var(" not in text
    assert "Imbalance" in text
    check_access(page)
