import json

import pytest

from core.families.switching import results as switchings
from core.families.switching.results import bundled_switchings


@pytest.fixture
def opened(visit):
    """Open the section."""

    def page(**address):
        return visit("storage", storage="Response time", study="five", **address)

    return page


def figure(at):
    """Give the traces of the figure by name."""
    (found,) = [each for each in at.get("plotly_chart") if "loading" in each.proto.spec]
    spec = json.loads(found.proto.spec)
    return {trace["name"]: trace for trace in spec["data"] if trace.get("name")}, spec["layout"]


def words(at):
    return " ".join(each.value for each in (*at.main.markdown, *at.main.caption)).replace("\\", "")


def test_the_sentence_is_about_the_pages_own_backbone_and_says_what_computing_takes(opened):
    at = opened(backbone="mobilenet_v2", trunk="25")
    assert not at.error
    own = next(each for each in bundled_switchings() if (each.backbone, each.cut) == ("mobilenet_v2", 28))
    times = own.report.median("whole", cold=False)
    assert "**mobilenet_v2, trunk of 28 of 32 blocks.**" in words(at)
    assert f"instead of {1000 * times.first_output:.1f} ms" in words(at)
    branch = own.report.median("branch", cold=False)
    assert branch is not None
    for found in (times, branch):
        computing = round(1000 * found.first_output, 1) - round(1000 * found.load, 1)
        assert f"{computing:.1f} ms" in words(at).split("computing takes")[1]
    assert own.report.machine in words(at)
    assert "benchmarks/switching.py" in words(at)
    traces, layout = figure(at)
    assert layout["annotations"][0]["text"].endswith("nearest to the selected cut")
    assert layout["annotations"][-1]["text"] == "<b>Published in TreeDNN, a phone</b>"
    assert len(traces["first output by bytes alone"]["x"]) == len(bundled_switchings()) + 1


def test_a_cold_cache_has_figures_of_its_own_and_says_what_cold_means(opened):
    warm = opened(backbone="resnet18")
    cold = opened(backbone="resnet18", page_cache="Cold", time_axis="Logarithmic")
    assert not cold.error
    assert figure(warm)[1]["xaxis"].get("type") != "log"
    assert figure(cold)[1]["xaxis"]["type"] == "log"
    (table,) = [each.value for each in cold.dataframe if "first output by bytes" in each.value]
    report = next(each for each in bundled_switchings() if each.backbone == "resnet18").report
    assert report.cold.value in words(cold)
    assert report.cold.value not in words(warm)
    assert table["load"].iloc[0] == pytest.approx(
        1000 * next(e for e in bundled_switchings() if e.backbone == "resnet18").report.median("whole", cold=True).load
    )


def test_a_backbone_that_nobody_measured_is_said(opened):
    at = opened(backbone="vgg16")
    assert "No switch of vgg16 has been measured" in words(at)
    assert not at.error


def test_nonsense_in_the_address_is_passed_over(opened):
    at = opened(page_cache="Lukewarm", time_axis="Spiral")
    assert not at.error
    assert "Warm: the files are in the page cache" in words(at)


def test_without_measurements_the_papers_figures_stand_alone(opened, monkeypatch, tmp_path):
    monkeypatch.setattr(switchings, "FILE", tmp_path / "none.json")
    bundled_switchings.cache_clear()
    try:
        at = opened()
        assert not at.error
        assert "the published values are below" in words(at)
    finally:
        bundled_switchings.cache_clear()


def test_a_damaged_file_is_a_sentence(opened, monkeypatch, tmp_path):
    (tmp_path / "bad.json").write_text("[{}]")
    monkeypatch.setattr(switchings, "FILE", tmp_path / "bad.json")
    bundled_switchings.cache_clear()
    try:
        assert "damaged at 0 › backbone" in opened().error[0].value.replace("\\", "")
    finally:
        bundled_switchings.cache_clear()
