import math

import numpy as np
import pytest

from app.branching.model import (
    branching_view,
    downsampling_words,
    fits,
    layout_label,
    read_downsamplings,
    usual_downsamplings,
)
from core.affinity.distance import Distance
from core.affinity.evidence import Evidence, Origin
from core.errors import AffinityError
from core.layouts import Layout
from core.selection.alpha_path import kept_alpha, round_within

NAMES = ("segmentation", "normals", "depth", "edges", "keypoints")


def evidence_of(n_tasks, n_depths=4, seed=0):
    rng = np.random.default_rng(seed)
    far = rng.random((n_depths, n_tasks, n_tasks)) * np.linspace(0.2, 1, n_depths)[:, None, None]
    alike = 1 - (far + far.transpose(0, 2, 1)) / 2
    alike[:, range(n_tasks), range(n_tasks)] = 1.0
    return Evidence(Origin.FILE, tuple(f"task {i}" for i in range(n_tasks)), alike)


def view_of(n_tasks, n_depths=4, **more):
    downs = tuple(float(p) for p in range(n_depths - 1, -1, -1))
    return branching_view(evidence_of(n_tasks, n_depths), Distance.COSINE, downs, width=3, **more)


@pytest.fixture(scope="module")
def view():
    return view_of(5)


def test_the_path_runs_from_all_split_to_all_shared_without_a_gap(view):
    assert view.steps[0].start == 0
    assert view.steps[-1].end == math.inf
    assert [step.end for step in view.steps[:-1]] == [step.start for step in view.steps[1:]]
    assert view.steps[0].tree.layout == Layout.all_split(5, 4)
    assert view.steps[-1].tree.layout == Layout.all_shared(5, 4)


def test_the_tree_at_an_alpha_is_the_cheapest_of_all(view):
    for alpha in (0.0, 0.013, 0.1, 0.5, 3.0, *(step.start for step in view.steps)):
        assert view.step(alpha).cost(alpha) == pytest.approx(min(step.cost(alpha) for step in view.steps))
        assert view.case.tree(view.exact.best(alpha), alpha).cost == pytest.approx(view.step(alpha).cost(alpha))


def test_every_tree_has_a_round_alpha_of_its_own(view):
    assert [view.place(view.at(place)) for place in range(len(view.steps))] == list(range(len(view.steps)))
    assert view.place(view.steps[2].start) == 2


def test_the_usual_alpha_is_about_where_split_and_shared_cost_the_same(view):
    split, shared = view.steps[0].tree, view.steps[-1].tree
    even = shared.clustering / split.complexity
    assert view.place(view.usual) == view.place(even)


def test_the_gap_is_never_below_zero_where_the_search_is_exact(view):
    assert all(view.gap(view.at(place), 1) >= 0 for place in range(len(view.steps)))
    assert view.gap(view.at(1), 50) <= view.gap(view.at(1), 1)


@pytest.mark.slow
def test_beyond_the_exact_search_beams_make_the_path(view):
    exact, beams = view, view_of(5, keep=4)
    assert beams.exact is None
    assert beams.steps[0].tree.layout == Layout.all_split(5, 4)
    for alpha in (0.01, 0.05, 0.2):
        assert beams.step(alpha).cost(alpha) >= exact.step(alpha).cost(alpha) - 1e-9


def test_tasks_that_are_all_alike_have_one_tree():
    evidence = Evidence(Origin.FILE, ("a", "b"), np.ones((2, 2, 2)))
    view = branching_view(evidence, Distance.COSINE, (0.0, 0.0), width=3)
    assert len(view.steps) == 1
    assert view.place(0.0) == view.place(5.0) == 0
    assert view.step(view.usual).tree.layout == Layout.all_shared(2, 2)


def test_an_incomplete_tensor_is_one_sentence_with_a_way_out():
    evidence = evidence_of(3)
    evidence.affinity[1, 0, 2] = evidence.affinity[1, 2, 0] = np.nan
    with pytest.raises(AffinityError, match="upload it again"):
        branching_view(evidence, Distance.COSINE, (0,) * 4, width=3)


def test_trees_fit_a_study_of_the_same_tasks_and_as_many_blocks(study_of):
    study = study_of("five")
    right = Evidence(Origin.FILE, NAMES, np.ones((5, 5, 5)))
    assert fits(right, study) == ""
    assert "3 depths" in fits(Evidence(Origin.FILE, NAMES, np.ones((3, 5, 5))), study)
    assert "other tasks" in fits(evidence_of(5, 5), study)


def test_downsamplings_come_from_the_backbone_where_the_depths_are_its_blocks(study_of):
    backbone = study_of("five").backbone
    assert usual_downsamplings(evidence_of(5, 5), backbone) == (0.0,) * 5
    assert usual_downsamplings(evidence_of(5, 3), backbone) == (0.0,) * 3


def test_typed_downsamplings_are_read_back():
    for downs in ((3.0, 2.0, 1.0, 0.0), (2.5, 0.25, 0.0)):
        assert read_downsamplings(downsampling_words(downs), len(downs)) == downs
    assert read_downsamplings("2; 1;0", 3) == (2.0, 1.0, 0.0)


@pytest.mark.parametrize("text", ["1,2", "1,2,3,4", "a,b,c", "-1,0,0", "nan,0,0", "99,0,0", "1e999,0,0", "1,2,0"])
def test_other_downsamplings_are_refused_with_an_example(text):
    with pytest.raises(AffinityError, match=r"as in 2, ?1, ?0"):
        read_downsamplings(text, 3)


@pytest.mark.parametrize(
    ("start", "end"), [(0.0, 0.3), (0.0712, 0.0934), (0.07120001, 0.07120002), (1e-9, 1e-8), (5, 5.5)]
)
def test_a_round_number_lies_inside(start, end):
    assert start < round_within(start, end) < end


def test_few_digits_keep_the_tree(view):
    edge = view.steps[2].start
    for alpha in (0.123456789, edge, edge * (1 + 1e-9), edge * (1 - 1e-9)):
        assert view.place(kept_alpha(alpha, view.steps)) == view.place(alpha) or alpha == edge
    assert kept_alpha(0.123456789, view.steps) == pytest.approx(0.1235)


def test_branches_are_counted_block_by_block():
    assert layout_label(Layout.parse("0,1,2|0,1;2|0;1;2")) == "1·2·3"
