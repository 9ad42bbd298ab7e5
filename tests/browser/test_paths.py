import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.families.multipath.recorded import recorded_exits
from core.families.multipath.timing_run import PathTimingPayload, PathTimingRun
from core.jobs.dispatcher import Dispatcher
from core.jobs.lease import Lease
from core.jobs.submit import submit_measurement
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from tests.browser.access import check_access

SCREENS = ((1440, 900), (1024, 768), (1920, 1080))


@pytest.fixture
def paths(visit):
    page = visit.open("paths", study="five", network="resnet18-5")
    expect(page.get_by_role("slider", name="Exit 1")).to_have_attribute("aria-valuenow", "12")
    return visit


def cells(page, row):
    return page.locator(".paths tbody tr").nth(row).locator("td").all_inner_texts()


def test_an_exit_follows_the_pointer_and_the_server_hears_once(paths):
    page, before = paths.page, len(paths.reruns)
    grip = page.get_by_role("slider", name="Exit 1")
    pieces = [each.bounding_box() for each in page.locator(".drawing .piece").all()[:17]]
    assert cells(page, 0)[:4] == ["1", "layer3", "2.78 M", "24.8 %"]
    box = grip.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for place in (11, 9, 7, 4):
        page.mouse.move(pieces[place]["x"] + pieces[place]["width"], box["y"] + 10)
        expect(grip).to_have_attribute("aria-valuenow", str(place))
    assert cells(page, 0)[:3] == ["1", "layer1.1", "150 k"]
    assert "exits=" not in page.url
    page.mouse.up()
    page.wait_for_url("**exits=4-13-14-15*")
    assert len(paths.reruns) == before + 1
    # The same in the control beside it, and by keys.
    grip.press("ArrowRight")
    page.wait_for_url("**exits=5-13-14-15*")
    page.get_by_role("button", name="Exits by name").click()
    page.locator(".st-key-exits").get_by_text("layer3", exact=True).click()
    page.wait_for_url("**exits=5-12-13-14-15*")
    expect(page.get_by_role("slider", name="Exit 5")).to_have_attribute("aria-valuenow", "15")
    check_access(page)


def test_an_exit_stays_between_its_neighbours(paths):
    page = paths.page
    grip = page.get_by_role("slider", name="Exit 2")
    assert [grip.get_attribute(f"aria-value{end}") for end in ("min", "max")] == ["13", "13"]
    grip.press("ArrowRight")
    expect(grip).to_have_attribute("aria-valuenow", "13")
    page.get_by_role("slider", name="Exit 1").press("Home")
    expect(page.get_by_role("slider", name="Exit 1")).to_have_attribute("aria-valuenow", "0")
    expect(grip).to_have_attribute("aria-valuemin", "1")


def test_the_picture_has_the_exits_and_no_variables(paths):
    page = paths.page
    with page.expect_download() as download:
        page.locator(".card:has(.paths)").get_by_role("button", name="SVG").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "var(" not in text
    for words in ("layer4.0.conv1", "Parameters", "MACs"):
        assert words in text


@pytest.mark.parametrize("network", ["maxvit_t", "study"])
def test_drawing_and_table_keep_apart(visit, network):
    page = visit.open("paths", study="five", network=network)
    expect(page.get_by_role("slider", name="Exit 1")).to_be_visible()
    _keep_apart(visit)


def _keep_apart(visit):
    def are_apart() -> bool:
        card, drawing, table = (
            visit.page.locator(each).bounding_box() for each in (".card:has(.paths)", ".figure .drawing svg", ".paths")
        )
        beside = drawing["x"] + drawing["width"] <= table["x"]
        below = drawing["y"] + drawing["height"] <= table["y"]
        return (beside or below) and table["x"] + table["width"] <= card["x"] + card["width"]

    for size in SCREENS:
        visit.resize(*size)
        assert visit.soon(are_apart), size


@pytest.fixture
def empty_home(studies_home, tmp_path):
    """Give the folder of ``fresh``: the made-up studies, with a network of the paper measured for one of them."""
    home = Path(shutil.copytree(studies_home, tmp_path / "home"))
    database, names = Database(home / "studies.sqlite"), tuple(each.name for each in recorded_exits("resnet18-5"))
    run = PathTimingRun(preset="resnet18-5", exits=names, size=(32, 32), asked=0)
    submit_measurement(database, database.record("five"), run)
    payload = PathTimingPayload(
        network=run.network, exits=names, seconds=[0.0123 + 0.001 * place for place in range(len(names))], repeats=20,
        measured="2026-11-27",
    )  # fmt: skip
    where = Environment(device="cpu", machine="a test machine", threads=1, versions={})
    dispatcher = Dispatcher(database)
    Lease(database).acquire()
    dispatcher.take("a host", 5)
    dispatcher.finish(
        run.key, RunResult(state=RunState.DONE, environment=where, payload=payload.model_dump(mode="json"))
    )
    return home


def test_measured_times_and_published_counts_stand_beside_the_drawing(fresh):
    page = fresh.open("paths", study="five", network="resnet18-5")
    expect(page.locator(".paths tbody tr").first).to_contain_text("ms")
    _keep_apart(fresh)


def test_a_budget_follows_the_pointer_and_the_server_hears_once(visit):
    page = visit.open("paths", study="paths", question="own-input")
    grip = page.get_by_role("slider", name="Budget")
    expect(grip).to_have_attribute("aria-valuenow", "80")
    grip.scroll_into_view_if_needed()
    before = len(visit.reruns)
    figure, sentence = page.locator(".figure:has(.grip[aria-label^=Budget])"), page.locator(".sentence")
    expect(sentence).to_contain_text("no mean Δ is lost")
    box = figure.bounding_box()
    row = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.8 * box["width"], row)
    page.mouse.down()
    said = []
    for share in (0.6, 0.45, 0.3):
        page.mouse.move(box["x"] + share * box["width"], row)
        said.append(sentence.inner_text())
    assert len(set(said)) == 3
    assert all("points of mean Δ less" in words for words in said)
    # Below the cheapest path.
    page.mouse.move(box["x"] + 0.2 * box["width"], row)
    expect(sentence).to_contain_text("No path fits this budget")
    expect(page.locator(".exits")).to_be_hidden()
    page.mouse.move(box["x"] + 0.6 * box["width"], row)
    assert "path_budget" not in page.url
    assert len(visit.reruns) == before
    page.mouse.up()
    page.wait_for_url("**path_budget=*")
    assert len(visit.reruns) == before + 1
    # The same in the control above it, and by keys.
    held = int(grip.get_attribute("aria-valuenow"))
    expect(page.get_by_role("spinbutton", name="Budget")).to_have_value(str(held))
    grip.press("ArrowRight")
    grip.press("PageUp")
    page.wait_for_url(f"**path_budget={held + 11}*")
    expect(page.get_by_role("spinbutton", name="Budget")).to_have_value(str(held + 11))
    check_access(page)


def test_the_picture_of_a_budget_has_no_variables(visit):
    page = visit.open("paths", study="paths", question="own-input", path_budget="50")
    card = page.locator(".card:has(.grip[aria-label^=Budget])")
    with page.expect_download() as download:
        card.get_by_role("button", name="SVG").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "var(" not in text
    assert "50 %: " in text
