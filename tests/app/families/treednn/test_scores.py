import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.families.treednn.scores import (
    Network,
    all_shares,
    branch_bars,
    difference,
    difference_words,
    digits_of,
    mean,
    missing_words,
    results_frame,
    summary,
    values_of,
    written,
)
from core.families.treednn.results import BranchScores, TreeResults
from core.tasks import Kind, Metric, Task

ACCURACY, ANGLE = Metric("accuracy", True), Metric("mean angle", False, "°")


def branch(name, metric, dedicated, generalised, specialised, **more):
    return BranchScores(
        Task(name, Kind.CLASSIFICATION, (metric,), 10), f"{name}-set", 100,
        *({"test": np.array(values, float), "validation": np.zeros(len(values))} for values in
          (generalised, specialised, dedicated)), **more,
    )  # fmt: skip


NAN = float("nan")
RIGHT = branch("*right*", ACCURACY, [0.8, 0.82], [0.7, 0.72], [0.85, 0.83])
TILT = branch("tilt", ANGLE, [10, 12], [14, 15], [11, 12.5])
GRAFT = branch("late", ACCURACY, [0.5, NAN], [NAN, NAN], [0.6, 0.7], is_graft=True)
RESULTS = TreeResults((3, 4), 2, 5, (RIGHT, TILT, GRAFT))


def test_better_respects_the_direction_of_the_metric():
    np.testing.assert_allclose(difference(RIGHT), [0.05, 0.01])
    np.testing.assert_allclose(difference(TILT), [-1, -0.5])


def test_the_difference_is_said_with_the_interval_that_decides_the_verdict():
    assert difference_words(RIGHT) == "3.0 points better (90 % interval −9.6 to +15.6, 2 seeds)"
    assert difference_words(RIGHT, brief=True) == "3.0 points better (−9.6 to +15.6)"
    assert difference_words(TILT) == "0.8 ° worse (90 % interval −2.3 to +0.8, 2 seeds)"
    assert difference_words(GRAFT) == "10.0 points better (one seed)"


def test_values_are_those_of_the_test_split_and_a_graft_has_no_first_phase():
    assert list(values_of(RIGHT)) == list(Network)
    np.testing.assert_allclose(values_of(RIGHT)[Network.GENERALISED], [0.7, 0.72])
    assert Network.GENERALISED not in values_of(GRAFT)


def test_missing_runs_are_named_and_a_graft_lacks_no_first_phase():
    assert missing_words(RESULTS) == "Without a result: late, dedicated, seed 4."
    assert missing_words(TreeResults((3, 4), 2, 5, (RIGHT,))) == ""
    holes = branch("none", ACCURACY, [NAN, NAN], [NAN, NAN], [NAN, NAN])
    assert "2 more" in missing_words(TreeResults((3, 4), 2, 5, (holes,)))
    assert summary(TreeResults((3, 4), 2, 5, (holes,))).startswith("No branch has")
    assert difference_words(holes) == "no seed has both networks yet"


def test_bars_of_one_metric_share_an_axis():
    right, tilt, late = branch_bars(RESULTS)
    assert right.top == late.top == 1.0
    assert tilt.top == 15
    assert right.written[Network.DEDICATED] == "81.0 %"
    assert tilt.metric == "mean angle ↓"
    assert late.metric == "graft · accuracy ↑"


def test_the_table_has_means_differences_and_their_ends():
    frame = results_frame(RESULTS).set_index("branch")
    row = frame.loc["*right*"]
    assert row["after phase 2"] == pytest.approx(0.84)
    assert (row["least"], row["most"], row["seeds"]) == (pytest.approx(0.01), pytest.approx(0.05), 2)
    # Student's quantile of one degree of freedom times the standard error.
    half = 6.313752 * 0.04 / 2
    assert row["90 % interval, low"] == pytest.approx(0.03 - half)
    assert row["90 % interval, high"] == pytest.approx(0.03 + half)
    assert frame.loc["late (graft)", "seeds"] == 1
    assert np.isnan(frame.loc["late (graft)", "90 % interval, low"])
    assert np.isnan(frame.loc["late (graft)", "after phase 1"])


def test_a_table_of_one_seed_has_numbers_in_every_column():
    one = branch("age", Metric("MAE", False), [9.0], [8.0], [7.5])
    frame = results_frame(TreeResults((0,), 2, 5, (one,)))
    assert {str(frame[name].dtype) for name in ("difference", "90 % interval, low", "least")} == {"float64"}
    assert frame["90 % interval, low"].isna().all()


def test_the_summary_names_where_the_tree_loses():
    clear = branch("clear", ACCURACY, [0.5, 0.5], [0.5, 0.5], [0.8, 0.81])
    lost = branch("lost", ANGLE, [10, 12], [14, 15], [14, 16.1])
    said = summary(TreeResults((3, 4), 2, 5, (RIGHT, TILT, GRAFT, clear, lost)))
    assert "on 5 branches: better on clear; worse on lost;" in said
    # Their differences over the two seeds are too wide apart for an answer.
    assert "beyond noise (90 % interval over seeds) on *right* and tilt" in said
    assert "noise is unknown, on late" in said


def test_numbers_that_are_not_there_are_a_dash():
    assert written(ACCURACY, NAN) == "–"
    assert np.isnan(mean(np.array([NAN])))


def test_only_shares_of_right_answers_are_read_in_percent():
    assert not all_shares(RESULTS)
    assert all_shares(TreeResults((3, 4), 2, 5, (RIGHT, GRAFT)))


def subtracts(found, digits):
    one, other = (mean(values_of(found)[network]) for network in (Network.SPECIALISED, Network.DEDICATED))
    apart = float(written(ACCURACY, one, digits).removesuffix(" %")) - float(
        written(ACCURACY, other, digits).removesuffix(" %")
    )
    return f"{apart:.{digits}f} points" == written(ACCURACY, one - other, digits, signed=True).lstrip("+").replace(
        "−", "-"
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 9999)), min_size=1, max_size=4))
def test_differences_are_those_of_the_numbers_beside_them(pairs):
    dedicated, specialised = np.array(pairs, dtype=float).T / 9999
    found = branch("a", ACCURACY, dedicated, dedicated, specialised)
    digits = digits_of(found)
    one, other = (float(written(ACCURACY, mean(each), digits).removesuffix(" %")) for each in (specialised, dedicated))
    words = difference_words(found)
    said = 0.0 if words.startswith("equal") else float(words.split(" ")[0])
    # The fewest digits are used where no number of them is right.
    assume(digits != 1 or subtracts(found, 1) or subtracts(found, 2))
    assert said == pytest.approx(abs(one - other), abs=1e-9)
