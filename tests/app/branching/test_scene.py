import base64
import json
import zlib

import numpy as np
import pytest

from app.branching.export import tree_document
from app.branching.scene import scene_of
from app.branching.tables import path_frame
from app.ui.links import layout_from_code
from core.affinity.distance import Distance
from core.affinity.evidence import Evidence, Origin, evidence_of_losses
from core.affinity.recombined import RecombinedLosses
from core.errors import AffinityError
from core.selection.branched import BranchedCase, best_tree


def losses_of(tasks, n_depths, samples=60):
    """Tasks of even and odd number grow apart with depth."""
    rng, n = np.random.default_rng(0), len(tasks)
    apart = (np.arange(n)[:, None] - np.arange(n)) % 2 * 0.9 + 0.1 * (1 - np.eye(n))
    gap = 1 + np.linspace(0.05, 1, n_depths)[:, None, None] * apart
    values = gap[None, ..., None] * rng.lognormal(0, 0.3, (2, n_depths, n, n, samples))
    return RecombinedLosses(tasks, (0, 1), values.astype(np.float32))


@pytest.fixture
def scene(study_of, studies_home, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(studies_home))
    study = study_of("five")
    evidence = evidence_of_losses(losses_of(study.task_names, 5))
    return scene_of(study, evidence, Distance.COSINE, (2.0, 2.0, 1.0, 0.0, 0.0), 3)


def test_the_browser_gets_every_tree_with_the_terms_that_make_its_cost(scene):
    sent = json.loads(zlib.decompress(base64.b64decode(scene.packed)))
    assert len(sent) == len(scene.view.steps)
    for entry, step in zip(sent, scene.view.steps, strict=True):
        assert layout_from_code(entry["code"], 5, 5) == step.tree.layout
        assert sum(entry["clustering"]) == pytest.approx(entry["c"]) == pytest.approx(step.tree.clustering)
        assert sum(entry["complexity"]) == pytest.approx(entry["k"]) == pytest.approx(step.tree.complexity)
        assert entry["layout"] == step.tree.layout.to_json()
        assert entry["selectable"]


def test_one_tensor_is_searched_once(scene):
    again = scene_of(scene.study, scene.evidence, Distance.COSINE, scene.view.case.downsamplings, 7)
    assert again is scene
    other = scene_of(scene.study, scene.evidence, Distance.MAX, scene.view.case.downsamplings, 3)
    assert other.stamp != scene.stamp
    assert other.source == scene.source


def test_the_file_of_a_tree_says_what_the_command_line_says(scene):
    alpha = scene.view.usual
    document = tree_document(scene, alpha)
    case = BranchedCase(scene.evidence.distances(), tuple(document["downsamplings"]))
    best = best_tree(case, alpha)
    assert document["cost"] == pytest.approx(best.cost)
    assert document["layout"] == best.layout.to_json()
    assert document["tasks"] == list(scene.study.task_names)
    assert document["exact"]
    json.dumps(document)


def test_the_table_of_the_path_has_every_tree(scene):
    frame = path_frame(scene)
    assert len(frame) == len(scene.view.steps)
    assert frame["from_alpha"].is_monotonic_increasing
    assert frame["to_alpha"].isna().tolist() == [False] * (len(frame) - 1) + [True]


def test_how_sure_a_tree_is_needs_losses_and_few_tasks(scene):
    found = scene.certainty(scene.view.usual)
    assert sum(each.share for each in found.trees) == pytest.approx(1.0)
    bare = Evidence(Origin.FILE, scene.evidence.tasks, scene.evidence.affinity)
    with pytest.raises(AffinityError, match="recombined networks"):
        scene_of(scene.study, bare, Distance.COSINE, (0,) * 5, 3).certainty(0.1)


def test_trees_of_another_tensor_have_no_way_into_the_study(scene):
    other = Evidence(Origin.FILE, ("a", "b"), np.array([[[1.0, 0.5], [0.5, 1.0]]]))
    misfit = scene_of(scene.study, other, Distance.COSINE, (0.0,), 3)
    assert misfit.misfit
    assert misfit.block_costs == [1.0]
    assert scene.misfit == ""
