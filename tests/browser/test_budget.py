import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Locator, Page, expect

from app.ui.links import layout_code
from core.layouts import Layout
from tests.browser.keys import press_at_once

SPLIT = layout_code(Layout.all_split(3, 5))
SHARED = layout_code(Layout.all_shared(3, 5))
KINDS = {
    "picked": "Current selection",
    "over": "Current selection, over the budget of 60 %",
    "best": re.compile("^Recommended within"),
}


@pytest.fixture
def budget(visit):
    """Open the Budget page and wait for its plane."""

    def opened(**address: str) -> Page:
        page = visit.open("budget", **({"study": "scenes"} | address))
        expect(grip_of(page)).to_be_visible()
        return page

    return opened


def grip_of(page: Page) -> Locator:
    return page.get_by_role("slider", name="Compute budget, share of single-task networks")


def press_grip(page: Page) -> tuple[float, float]:
    box = grip_of(page).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def shown(page: Page) -> str:
    return page.locator(".title[role=status]").inner_text()


def twin(page: Page) -> Locator:
    """The slider of Streamlit that holds the same budget."""
    return page.locator(".st-key-budget")


def test_a_drag_follows_the_pointer_and_asks_the_server_once(visit, budget):
    page = budget()
    before, address = len(visit.reruns), page.url
    x, y = press_grip(page)
    seen = []
    for step in range(1, 13):
        page.mouse.move(x - 12 * step, y)
        seen.append((int(grip_of(page).get_attribute("aria-valuenow")), shown(page)))
    percents = [percent for percent, _ in seen]
    assert percents == sorted(percents, reverse=True)
    assert percents[0] - percents[-1] > 10
    assert len({title for _, title in seen}) >= 3
    assert len(visit.reruns) == before
    assert page.url == address
    page.mouse.up()
    expect(twin(page)).to_contain_text(f"{percents[-1]} %")
    page.wait_for_url(f"**budget={percents[-1]}*")
    visit.settled("Budget")
    assert len(visit.reruns) == before + 1
    assert int(grip_of(page).get_attribute("aria-valuenow")) == percents[-1]


def test_what_the_browser_shows_is_what_the_server_finds(budget):
    page = budget(details="Best layouts")
    while_dragging = {}
    x, y = press_grip(page)
    for step in (40, 90, 0):
        page.mouse.move(x - step, y)
        while_dragging[grip_of(page).get_attribute("aria-valuenow")] = shown(page)
    page.mouse.up()
    for percent, title in while_dragging.items():
        opened = budget(budget=percent)
        expect(opened.locator(".title[role=status]")).to_have_text(title)


def test_the_grip_works_by_keyboard_and_asks_once_when_the_keys_rest(visit, budget):
    page = budget()
    before = len(visit.reruns)
    press_at_once(grip_of(page), "ArrowRight", "ArrowRight", "PageDown", "ArrowLeft")
    expect(grip_of(page)).to_have_attribute("aria-valuenow", "51")
    expect(twin(page)).to_contain_text("51 %")
    page.wait_for_url("**budget=51*")
    visit.settled("Budget")
    assert len(visit.reruns) == before + 1
    page.keyboard.press("End")
    expect(grip_of(page)).to_have_attribute("aria-valuenow", "100")
    page.keyboard.press("Home")
    expect(grip_of(page)).to_have_attribute("aria-valuetext", re.compile("Fully shared"))


def test_the_slider_moves_the_line(budget):
    page = budget()
    slider = twin(page).get_by_role("slider")
    slider.focus()
    # Streamlit's slider forgets a press that comes while its page is drawn again.
    press_at_once(slider, "ArrowLeft", "ArrowLeft", "ArrowLeft")
    expect(grip_of(page)).to_have_attribute("aria-valuenow", "57")


def test_a_click_on_a_point_chooses_it_and_a_drag_lets_it_go(visit, budget):
    page = budget()
    page.locator("circle.cloud").last.click()
    expect(page.locator(".kind")).to_have_text(KINDS["over"])
    page.wait_for_url(lambda url: "layout=5" in url)
    page.get_by_role("button", name="Back to the best").click()
    expect(page.locator(".kind")).to_have_text(KINDS["best"])
    page.locator("circle.front").last.click()
    expect(page.locator(".kind")).to_have_text(KINDS["over"])
    visit.settled("Budget")
    x, y = press_grip(page)
    page.mouse.move(x - 30, y)
    expect(page.locator(".kind")).to_have_text(KINDS["best"])
    page.mouse.up()
    page.wait_for_url(lambda url: "layout=" not in url and "budget=" in url)


def test_a_block_is_split_joined_again_and_undone(visit, budget):
    page = budget(layout=SHARED)
    expect(page.locator(".title")).to_contain_text("Fully shared")
    page.locator(".tree .block[data-block='2']").click()
    menu = page.locator(".menu")
    expect(menu).to_contain_text("Block 3")
    split = menu.get_by_role("button", name="Branch", exact=True)
    expect(split).to_be_disabled()
    menu.get_by_role("button", name="depth").click()
    split.click()
    expect(page.locator(".title")).to_have_text("All tasks share blocks 1–2; depth branches off after block 2")
    visit.settled("Budget")
    page.locator(".tree .block[data-block='3'][data-group='2']").press("Enter")
    page.locator(".menu").get_by_role("button", name="segmentation, normals").click()
    expect(page.locator(".title")).to_have_text("All tasks share blocks 1–4; depth branches off after block 4")
    visit.settled("Budget")
    for title in ("depth branches off after block 2", "Fully shared"):
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".title")).to_contain_text(title)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_the_menu_of_a_block_closes_by_keyboard_and_gives_the_focus_back(budget):
    page = budget(layout=SHARED)
    block = page.locator(".tree .block[data-block='1']")
    block.press("Enter")
    expect(page.locator(".menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".menu")).to_be_hidden()
    expect(block).to_be_focused()


def test_pins_are_compared_side_by_side(visit, budget):
    page = budget(layout=SHARED)
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.locator(".st-key-unpin-A")).to_be_visible()
    visit.settled("Budget")
    # The text before the click is another one: who waits for it waits for the click.
    page.locator("circle.front").last.click()
    expect(page.locator(".kind")).to_have_text(KINDS["over"])
    visit.settled("Budget")
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.locator(".st-key-unpin-B")).to_be_visible()
    page.get_by_role("radio", name="Pinned layouts").click()
    expect(page.get_by_role("button", name="Select", exact=True)).to_have_count(2)
    page.wait_for_url(lambda url: "section=compare" in url and "~" in unquote(url))


def test_a_link_with_everything_reproduces_the_view(visit, budget):
    link = {
        "study": "trained", "budget": "70", "unit": "Parameters", "weights": "uniform", "show": "trained",
        "details": "Whole front", "layout": "3!0:0.1.2!1:0_1.2", "pins": "3!0:0_1_2~3!0:0.1.2",
    }  # fmt: skip
    page = budget(**link)
    expect(page.locator(".kind")).to_have_text(KINDS["picked"])
    expect(grip_of(page)).to_have_attribute("aria-valuenow", "70")
    expect(page.locator("svg.plane")).to_have_attribute(
        "aria-label",
        re.compile(r"Measured gain Δ .*\(equal weights, test split, 2 seeds\).*Parameters, share of 3 single-task"),
    )
    expect(page.locator(".st-key-unpin-B")).to_be_visible()
    expect(page.get_by_role("button", name="Front as CSV")).to_be_visible()
    first = picture(page)
    visit.settled("Budget")
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.locator(".kind")).to_have_text(KINDS["picked"])
    assert picture(again) == first


def picture(page: Page) -> tuple[str, ...]:
    return tuple(page.locator(f".bw {part}").first.inner_html() for part in (".drawing", ".tree", ".title", ".bars"))


def test_another_page_and_back_keeps_budget_unit_weights_and_pins(visit, budget):
    page = budget(pins=f"{SPLIT}~{SHARED}", unit="Bytes", weights="uniform")
    x, y = press_grip(page)
    page.mouse.move(x - 60, y)
    page.mouse.up()
    percent = grip_of(page).get_attribute("aria-valuenow")
    expect(twin(page)).to_contain_text(f"{percent} %")
    visit.settled("Budget")
    for title in ("Backbone", "Overview", "Budget"):
        page.get_by_role("link", name=title, exact=True).click()
        visit.settled(title)
        expect(page.locator(".st-key-unpin-B")).to_be_visible()
    expect(grip_of(page)).to_have_attribute("aria-valuenow", percent)
    expect(page.locator("svg.plane")).to_have_attribute("aria-label", re.compile("equal weights.*Bytes, share"))
    for part in (f"budget={percent}", "unit=bytes", "weights=uniform", "pins="):
        assert part in page.url


def test_pictures_and_files_can_be_taken_away(budget, tmp_path):
    page = budget()
    for name, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("Layout JSON", b"{"), ("Figure", b"<!doctype html>")):
        if name == "Layout JSON":
            page.get_by_role("button", name="Downloads").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        saved = tmp_path / download.value.suggested_filename
        download.value.save_as(saved)
        assert saved.read_bytes().startswith(start)
        assert saved.stem.startswith(("branchwise-scenes", "scenes_layout"))
    drawn = (tmp_path / "branchwise-scenes-macs.svg").read_text(encoding="utf-8")
    # The file has no theme around it.
    assert "var(--" not in drawn
    # The figure is the plane itself, without a server.
    alone = page.context.new_page()
    alone.goto((tmp_path / "branchwise-scenes.html").as_uri())
    expect(grip_of(alone)).to_have_attribute("aria-valuenow", "60")
    assert shown(alone) == shown(page)
    grip_of(alone).focus()
    alone.keyboard.press("End")
    expect(grip_of(alone)).to_have_attribute("aria-valuenow", "100")


def test_names_that_look_like_markup_are_read_as_they_are(budget):
    page = budget(study="marked", pins="3!0:0.1.2!1:0_1_2", details="Compare pinned")
    captions = page.get_by_test_id("stCaptionContainer")
    for name in ("*starred* :red", "$x_1$ & more", "~~gone~~ #1"):
        # An invisible letter keeps what Streamlit would read as an icon or a link.
        as_text = re.compile("\u2060?".join(map(re.escape, name)))
        expect(captions.get_by_text(as_text).first).to_be_visible()
        expect(page.locator(".tree text").get_by_text(name)).to_be_visible()
    expect(captions.locator(".katex")).to_have_count(0)
    expect(captions.locator("del")).to_have_count(0)


def test_what_more_budget_buys_is_the_recommendation_there(budget):
    """Not the next step of the front, which may be before it."""
    page = budget(budget="35")
    card = page.locator(".kpi", has_text="Gain for 10 more points of budget").locator(".note")
    expect(card).to_have_text(re.compile("^recommended within 45 % costs [0-9.]+ %$"))
    there = re.findall("[0-9.]+ %", card.inner_text())
    page = budget(budget="45")
    expect(page.locator(".kpi", has_text="Backbone cost").locator(".value")).to_have_text(there[-1])


def test_below_the_cheapest_layout_the_panel_says_so_and_what_it_costs(budget):
    page = budget(budget="20")
    expect(page.locator(".kind")).to_have_text("No layout within 20 %")
    said = re.compile(r"^The cheapest costs [0-9.]+\s% .*Raise the budget to [0-9.]+\s% or more\.$")
    expect(page.locator(".advice")).to_have_text(said)
    expect(page.locator(".kpi .label")).to_have_count(4)
    expect(page.locator(".line")).to_be_hidden()
    expect(grip_of(page)).to_have_text("20 % ▸")


def test_the_line_crosses_no_mark(budget):
    for percentage in (34, 36, 40):
        page = budget(layout=SHARED, budget=str(percentage))
        mark, line = page.locator(".plane .mark").bounding_box(), page.locator(".line").bounding_box()
        assert not mark["x"] < line["x"] + line["width"] / 2 < mark["x"] + mark["width"], percentage
