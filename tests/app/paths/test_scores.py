from dataclasses import replace

import numpy as np
import pytest

from app.charts.means_map import METRIC, means_figure
from app.families.rivals.steps import steps_sentence
from app.paths.networks import networks_figure
from app.paths.scores import COST_WORDS, cost_column, matrix_frame, networks_frame, value_column, value_writers
from app.ui.seed_means import Mean, seeds_sentence
from core.costs import CostQuestion, Unit
from core.families.multipath.results import MultiPathResults
from core.families.rivals.method import PackNetMethod
from core.families.rivals.payload import RivalPayload
from core.families.rivals.results import RivalResults, RivalScores


@pytest.fixture
def found(study_of):
    study = study_of("paths")
    return study, study.result(MultiPathResults)


def rivals_of(results):
    """Return results of one rival that holds twice what one task uses."""
    payload = RivalPayload(
        shared_params=0, own_params=(10, 20, 30), used_params=(10, 20, 30), head_params=(1, 1, 1), mask_bits=0,
        macs=(4, 5, 6), macs_for_all=15, nonzero_macs=(4, 5, 6), runs=((True,) * 4,) * 3, runs_for_all=(3,) * 4,
        has_extra=False,
    )  # fmt: skip
    gains = dict.fromkeys(("validation", "test"), np.full((3, 3), -1.5))
    scores = RivalScores("PackNet", PackNetMethod(), gains, gains, (payload,) * 3)
    return RivalResults(results.seeds, results.tasks, (scores,), results.singles)


def test_costs_of_every_network_answer_the_questions_of_the_unit(found):
    study, results = found
    frame = networks_frame(results, rivals_of(results), study.backbone, Unit.MACS, "test").set_index("network")
    one, every = COST_WORDS[CostQuestion.ONE_TASK], COST_WORDS[CostQuestion.ALL_TASKS]
    assert frame.loc["Single-task networks (teachers)", [one, every]].tolist() == [5.5e6, 3 * 5.5e6]
    assert frame.loc["hard sharing", [one, every]].tolist() == [5.5e6, 5.5e6]
    # Exits 1, 3 and 4, used 3 : 0 : 1.
    assert frame.loc["spread", one] == pytest.approx((3 * 1e6 + 5.5e6) / 4)
    assert frame.loc["PackNet", [one, every]].tolist() == [5, 15]
    assert frame.loc["PackNet", "mean Δ"] == pytest.approx(-1.5)
    stored = networks_frame(results, rivals_of(results), study.backbone, Unit.PARAMETERS, "test").set_index("network")
    assert stored.loc["PackNet", ["stored", "resident"]].tolist() == [60, 30]


def test_a_task_may_be_called_like_a_column(found):
    study, results = found
    named = tuple(
        replace(task, name=name) for task, name in zip(results.tasks, ("loss", "mean Δ", "seeds"), strict=True)
    )
    renamed = replace(results, tasks=named)
    frame = networks_frame(renamed, None, study.backbone, Unit.MACS, "test")
    assert frame["loss"].tolist()[1] == "additive, α 1, T 2"
    assert frame["seeds"].tolist() == [3, 3, 3, 3]
    assert frame["loss: accuracy"].between(0, 1).all()


def test_what_is_missing_is_not_counted():
    found = Mean.of([1.0, float("nan"), 3.0])
    assert (found.value, found.n_seeds) == (2.0, 2)
    assert found.interval == pytest.approx((2 - found.half, 2 + found.half))
    assert np.isnan(Mean.of([float("nan")]).value)
    assert Mean.of([4.0]).interval is None
    assert "no interval: one seed" in seeds_sentence(np.array([[1.0], [np.nan]]), "test")


def test_the_matrix_has_a_row_for_every_task_at_every_exit(found):
    _, results = found
    frame = matrix_frame(results, "test")
    assert len(frame) == 12
    assert ((frame["Δ low"] < frame["Δ"]) & (frame["Δ"] < frame["Δ high"])).all()


def test_values_of_one_metric_are_written_with_the_same_digits(found):
    study, results = found
    frame = networks_frame(results, None, study.backbone, Unit.MACS, "test")
    writers = value_writers(frame, results.tasks)
    texts = [writers[name](value) for name in map(value_column, results.tasks) for value in [0.818, *frame[name]]]
    assert {len(text.partition(".")[2]) for text in texts} in ({3}, {4})


@pytest.mark.parametrize("unit", [Unit.MACS, Unit.PARAMETERS])
def test_the_chart_of_networks_has_the_cost_of_each_beside_its_gain(found, unit):
    study, results = found
    frame = networks_frame(results, rivals_of(results), study.backbone, unit, "test")
    figure = networks_figure(frame, unit)
    (bars,) = [trace for trace in figure.data if trace.type == "bar"]
    assert list(bars.x) == frame[frame["mean Δ"].notna()][cost_column(frame)].tolist()
    assert figure.layout.xaxis2.title.text == cost_column(frame)
    assert list(frame.columns[:3]) == ["network", "mean Δ", cost_column(frame)]


def test_packnet_is_said_to_make_its_steps_once_for_each_task(found):
    _, results = found
    assert "PackNet" not in steps_sentence(None)
    assert "once for each task" in steps_sentence(rivals_of(results))


def test_cells_of_the_heat_map_have_the_same_digits_as_their_intervals():
    figure = means_figure([[Mean(0.82, (0.81, 0.83), 3), Mean(0.8817, (0.8794, 0.884), 3)]], ["a"], ["1", "2"], METRIC)
    assert list(figure.data[0].text[0]) == ["0.820 ± 0.010", "0.882 ± 0.002"]
