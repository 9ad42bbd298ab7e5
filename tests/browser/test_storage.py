from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.storage.model import StorageView, contrast
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone


def said(cut, k):
    return contrast(StorageView(CutBackbone(load_backbone("mobilenet_v2"), cut, k), None)).replace(" %", "\u00a0%")


@pytest.fixture
def storage(visit):
    page = visit.open("storage", study="five", backbone="mobilenet_v2", trunk="17")
    expect(page.get_by_role("slider", name="Trunk")).to_have_attribute("aria-valuenow", "17")
    return visit


def test_the_cut_follows_the_pointer_and_the_server_hears_once(storage):
    page, before = storage.page, len(storage.reruns)
    grip = page.get_by_role("slider", name="Trunk")
    expect(page.get_by_text(said(17, 5))).to_be_visible()
    boxes = [each.bounding_box() for each in page.locator(".drawing .block").all()[:20]]
    page.mouse.move(boxes[0]["x"] + 2, boxes[0]["y"] + 10)
    page.mouse.down()
    for step in range(1, 20):
        page.mouse.move(boxes[step]["x"] + 1, boxes[step]["y"] + 10)
        expect(grip).to_have_attribute("aria-valuenow", str(step))
    expect(page.get_by_text(said(19, 5))).to_be_visible()
    assert "trunk=17" in page.url
    page.mouse.up()
    page.wait_for_url("**trunk=19*")
    assert len(storage.reruns) == before + 1
    # Keys move it as well.
    grip.press("ArrowLeft")
    page.wait_for_url("**trunk=18*")
    expect(page.get_by_text(said(18, 5))).to_be_visible()


def test_the_picture_has_its_words_and_colours(storage):
    page = storage.page
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "var(" not in text
    for words in ("features.9", "Parameters", "MACs"):
        assert words in text
