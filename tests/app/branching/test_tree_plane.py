import numpy as np
import pytest

from app.branching.tree_plane import clustering_agreement, placed_trees
from core.estimators.baselines import dissimilarity
from core.layouts import Layout


def test_trees_stand_where_the_plane_has_these_layouts(scene_of):
    scene = scene_of("trained")
    layouts = [Layout.all_split(3, 3), Layout.parse("0,1,2|0,1;2|0;1;2"), Layout.all_shared(3, 3)]
    placed = placed_trees(scene.view, scene.trained, layouts)
    assert [tree.layout for tree in placed] == layouts
    assert placed[0].share == pytest.approx(1.0)
    assert placed[2].share == pytest.approx(1 / 3)
    for tree in placed:
        assert tree.predicted == pytest.approx(scene.view.figures(tree.layout).score)
        assert tree.best >= tree.predicted - 1e-9
        assert tree.trained == pytest.approx(scene.trained.figures(tree.layout).score)


def test_without_training_there_is_no_trained_figure(scene_of):
    scene = scene_of("five")
    (tree,) = placed_trees(scene.view, scene.trained, [Layout.all_shared(5, 5)])
    assert tree.trained is None


def test_clustering_cost_is_judged_like_what_to_share(scene_of):
    trained = scene_of("trained").trained
    own = next(baseline for baseline in trained.baselines() if baseline.method == "What-to-Share")
    assert not own.places  # the made-up study has compared no features
    far = np.random.default_rng(0).random((3, 3, 3))
    far = (far + far.transpose(0, 2, 1)) / 2
    far[:, range(3), range(3)] = 0
    found = clustering_agreement(trained, far)
    costs = [dissimilarity(layout, far) for layout in trained.oracle.layouts]
    ranks = np.argsort(np.argsort(-np.array(costs).round(10))) if len(set(np.round(costs, 10))) == len(costs) else None
    assert -1 <= found.weighted.value <= 1
    if ranks is not None:
        real = np.argsort(np.argsort(trained.scores))
        assert found.weighted.value == pytest.approx(np.corrcoef(ranks, real)[0, 1])
