"""Figures of the pages: names and order as asked, and data that hold what is drawn."""

import csv
import io
import math

import numpy as np
import pytest

from app.affinity.model import affinity_view
from app.affinity.paper_figure import affinity_figure
from app.affinity.subject import Resampling, Subject
from app.affinity.tables import per_seed
from app.budget.paper_figure import plane_figure
from app.charts.plane import Point, SecondFront
from app.figures.agreement import agreement_paper
from app.figures.edits import Edits
from app.figures.paper_figure import PaperFigure
from app.figures.parts import HeatMaps, Plot, Tree
from app.paths.model import Ladder, Rung
from app.paths.paper_figure import ladder_figure
from app.plane.scene import Scene
from app.virtual.paper_figure import units_figure
from app.virtual.units_model import UnitsView
from core.affinity.evidence import evidence_of_losses
from core.affinity.ordering import Arrangement
from core.backbones.division import Division
from core.costs import Unit
from core.estimators.prediction import Estimator
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.families.recombined.losses import bundled_losses
from core.families.virtual.orders import nearest_orders
from core.studies.bundled import load_bundled

EDITS = Edits(names=("Semantics",), order=(2, 0), colours=(0.4, 1.0))


@pytest.fixture(scope="module")
def scene() -> Scene:
    study = load_bundled("scenes")
    view = budget_view(study, "uniform", Unit.PARAMETERS, Estimator.BLOCKWISE)
    return Scene(view, TrainedView(view, study.oracle))


def rows_of(figure: PaperFigure) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(figure.csv())))


def test_a_plane_has_its_front_in_the_data_and_the_shown_tree_beside_it(scene):
    shown = scene.shown(0.6, None)
    figure = plane_figure(scene, 0.6, shown, [scene.front[0].layout], EDITS)
    plot, tree = figure.parts
    assert isinstance(plot, Plot)
    assert isinstance(tree, Tree)
    assert (tree.layout, tree.tasks[0], tree.order) == (shown, "Semantics", (2, 0, 1))
    front = [row for row in rows_of(figure) if row["series"] == "Pareto front"]
    assert [float(row["gain"]) for row in front] == pytest.approx([choice.score for choice in scene.front])
    assert all(float(row["low"]) <= float(row["gain"]) <= float(row["high"]) for row in front if row["low"])
    assert all("equal weights" in row["of"] for row in front)


def test_a_second_front_is_in_the_plot_the_caption_and_the_data(scene):
    second = SecondFront((Point(0.5, 1.0), Point(0.75, 2.0)), "another study", "equal weights, 2 seeds")
    figure = plane_figure(scene, 0.6, None, [], EDITS, second)
    (plot,) = figure.parts
    (drawn,) = (series for series in plot.series if "another study" in series.name)
    assert (drawn.x, drawn.y) == ((0.5, 0.75), (1.0, 2.0))
    assert "another study (equal weights, 2 seeds)" in figure.caption
    rows = [row for row in rows_of(figure) if row["series"] == "second Pareto front"]
    assert [(float(row["share of single-task networks"]), float(row["gain"])) for row in rows] == [(0.5, 1), (0.75, 2)]
    assert len(rows_of(figure)) == len(rows_of(plane_figure(scene, 0.6, None, [], EDITS))) + 2


def test_agreement_has_a_column_for_every_seed(scene):
    assert scene.trained is not None
    rows = rows_of(agreement_paper(scene.trained, Edits()))
    oracle = scene.trained.oracle
    found = np.array([[float(row[f"seed {seed}"]) for seed in oracle.seeds] for row in rows])
    assert found.shape == (len(oracle.layouts), len(oracle.seeds))
    np.testing.assert_allclose(found.mean(axis=1), [float(row["measured gain"]) for row in rows])


def test_affinities_stand_in_the_order_asked_with_names_and_colours():
    losses = bundled_losses("scenes")
    assert losses is not None
    view = affinity_view(evidence_of_losses(losses))
    subject = Subject(load_bundled("scenes"), view, Resampling(lambda _: None), "")
    figure = affinity_figure(subject, [Arrangement((0, 1, 2))], EDITS)
    (maps,) = figure.parts
    assert isinstance(maps, HeatMaps)
    assert maps.rows == maps.columns == ((view.tasks[2], "Semantics", view.tasks[1]),)
    assert (maps.low, maps.high) == (0.4, 1.0)
    np.testing.assert_array_equal(maps.values[:, 0, 1], view.normalised[:, 2, 0])
    assert maps.titles[0] == "after block 1"
    assert rows_of(figure)[0]["depth"] == "0"
    alone = per_seed(losses, view.evidence.eigenvector)
    assert alone.shape == (len(losses.seeds), *view.normalised.shape)
    np.testing.assert_allclose(alone[:, :, 0, 0], 1.0)


def test_a_ladder_and_units_hold_what_their_pages_count():
    study = load_bundled("virtual-joint")
    rungs = tuple(Rung(f"r{at}", str(at), 10**at, 2 * at + 1, None, (1,), 0, 0) for at in range(3))
    rows = rows_of(ladder_figure(Ladder("net", rungs, (1, 2), (2,)), study, Edits()))
    assert [(row["exit"], row["parameters"], row["seconds"]) for row in rows] == [
        ("0", "1", ""), ("1", "10", ""), ("1", "100", ""),
    ]  # fmt: skip
    view = UnitsView(("a", "b", "c"), Division(n_units=3, base=0.0), nearest_orders(3, 3), None)
    figure = units_figure(view, study, Edits(order=(1,)))
    whole, maps = figure.parts
    assert isinstance(whole, HeatMaps)
    assert isinstance(maps, HeatMaps)
    np.testing.assert_array_equal(whole.values[0], view.totals)
    assert maps.titles == ("b", "a", "c")
    # A task's own unit is there from its first level on, and all of its pieces at the last.
    assert maps.values[0, 1, 1] == 1
    assert maps.values.max() == 3
    first = [row for row in rows_of(figure) if row["task"] == "a" and row["first level"] == "0"]
    assert len(first) == 1
    assert not math.isnan(float(first[0]["levels that learn it"]))
