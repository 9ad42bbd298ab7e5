import numpy as np
import pytest

from app.ui.picture_strip import answer_words, picture_strip
from app.ui.study_summary import _table_words, day, seeds_words, sizes_words, tasks_frame
from core.backbones import Backbone, Block
from core.estimators import TwoTaskTable
from core.studies.bundled import load_bundled
from core.studies.measured import LayoutResults
from core.studies.study import Study
from core.tasks import Kind, Metric, Task

BACKBONE = Backbone("net", (Block("a", 1, 1), Block("b", 2, 2)))
TABLE = TwoTaskTable(("x", "y"), np.zeros((2, 2, 3)))


def test_a_strip_holds_the_pictures_enlarged_and_unchanged() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 16, 3), dtype=np.uint8)
    strip = picture_strip(pictures)
    factor = strip.shape[0] // 32
    assert strip.shape[0] == 32 * factor
    assert strip.shape[2] == 4
    gaps = (strip[0, :, 3] == 0).sum()
    assert strip.shape[1] == 3 * 16 * factor + gaps
    first = strip[::factor, : 16 * factor : factor, :3]
    assert np.array_equal(first, pictures[0])
    assert np.array_equal(strip[::factor, -16 * factor :: factor, :3], pictures[-1])


def test_a_strip_of_many_shows_the_first_ones() -> None:
    pictures = np.zeros((40, 8, 8, 3), dtype=np.uint8)
    assert picture_strip(pictures).shape == picture_strip(pictures[:6]).shape


def test_every_metric_has_a_row_with_its_baselines() -> None:
    tasks = (
        Task("x", Kind.DEPTH, (Metric("error", higher_is_better=False, unit="m"),), 1),
        Task("y", Kind.SEGMENTATION, (Metric("mIoU", higher_is_better=True), Metric("acc", higher_is_better=True)), 3),
    )
    measured = LayoutResults(
        TABLE,
        baselines={"validation": {"x": {"error": 0.5}}, "test": {"x": {"error": 0.6}, "y": {"mIoU": 0.7}}},
        head_params=(5, 7),
    )
    study = Study("s", "S", "", ("x", "y"), BACKBONE, tasks=tasks, results={"table": measured})
    frame = tasks_frame(study)
    assert frame["metric"].tolist() == ["error", "mIoU", "acc"]
    assert frame["better"].tolist() == ["lower", "higher", "higher"]
    assert frame["baseline, test"].tolist()[:2] == [0.6, 0.7]
    assert frame["baseline, test"].isna().tolist() == [False, False, True]
    assert frame["head parameters"].tolist() == [5, 7, 7]


def test_a_moment_that_is_none_is_shown_as_it_is() -> None:
    assert day("yesterday") == "yesterday"
    assert day("") == ""
    assert day("2026-01-02T03:04:05+00:00") == "2 January 2026"


def test_the_answers_of_the_examples_stand_in_the_order_of_the_pictures() -> None:
    assert answer_words(["8", "a*b"]) == r"8 · a\*b"
    assert answer_words([str(place) for place in range(40)]) == "0 · 1 · 2 · 3 · 4 · 5"
    assert answer_words([]) == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "scenes",
            "0, 1 and 2 for the two-task table and the affinity; 100 and 101 for the measured layouts",
        ),
        ("treednn", "0, 1, 2, 3 and 4 for the TreeDNN"),
    ],
)
def test_seeds_say_what_they_are_for_in_words_of_the_pages(name: str, said: str) -> None:
    assert seeds_words(load_bundled(name)) == said


def test_a_size_and_its_unit_stay_in_one_line() -> None:
    sizes = sizes_words(load_bundled("treednn"))
    assert sizes.count(" ") == sizes.count(", ") == 2
    assert "\u00a0ms" in sizes


def test_one_pair_is_no_pairs() -> None:
    measured = TwoTaskTable(("x", "y"), np.zeros((2, 2, 3)))
    two = Study("two", "Two", "", ("x", "y"), BACKBONE, results={"table": LayoutResults(measured)})
    assert _table_words(two) == "1 pair at 2 branch points"
