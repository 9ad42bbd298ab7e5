from dataclasses import replace

import numpy as np
import pytest

from core.errors import StudyError
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.results import deltas
from core.families.layouts.runs import expand as layout_trainings
from core.families.layouts.runs import layout_runs, oracle_layouts, pair_run
from core.families.single.runs import network_run, single_run
from core.layouts import Layout
from core.runs.result import RunState
from core.studies.study import Gallery, Study, assemble
from core.tasks import relative_performance
from tests.core.studies.sections import without


def test_every_cell_is_the_delta_of_its_own_run(record, results, specification):
    study = record.study(results)
    for s, seed in enumerate((0, 1)):
        pair = results[pair_run(specification, 1, 2, 2, seed).key]
        for i, j in ((1, 2), (2, 1)):
            task = record.tasks[i]
            single = results[single_run(specification, i, seed).key]
            expected = relative_performance(
                pair.metrics["validation"][task.name], single.metrics["validation"][task.name], task.metrics
            )
            assert study.table.samples[s, i, j, 2] == expected
    assert study.table.values == pytest.approx(study.table.samples.mean(axis=0))
    assert study.table.stderr[0, 1, 1] == pytest.approx(study.table.samples[:, 0, 1, 1].std(ddof=1) / np.sqrt(2))
    assert not study.table.holes.any()


def test_a_missing_pair_is_a_hole_and_a_missing_baseline_empties_its_task_in_that_seed(record, results, specification):
    missing = pair_run(specification, 0, 1, 2, 0).key, single_run(specification, 2, 1).key
    study = record.study({key: result for key, result in results.items() if key not in missing})
    known = ~np.isnan(study.table.samples)
    assert not known[0, 0, 1, 2]
    assert not known[0, 1, 0, 2]
    assert not known[1, 2, :2, 1:].any()
    assert known[1, :2, 2, 1:].all()
    assert not study.table.holes.any()  # the other seed fills in


def test_a_seed_that_was_only_asked_for_changes_no_figure(record, results, specification):
    more = specification.with_request(TableRequest(seeds=(0, 1, 2)))
    before, after = record.study(results).table, replace(record, specification=more).study(results).table
    np.testing.assert_array_equal(after.samples, before.samples)
    np.testing.assert_array_equal(after.stderr, before.stderr)


def test_no_results_make_a_table_of_holes(record):
    study = record.study({})
    assert study.table.holes.sum() == 3 * 2 * 2
    assert study.oracle is None
    assert study.head_params == ()


def test_a_failed_run_counts_as_missing(record, results, specification):
    key = pair_run(specification, 0, 2, 1, 0).key
    failed = results[key].model_copy(update={"state": RunState.FAILED})
    with_failed = record.study({**results, key: failed})
    without = record.study({k: r for k, r in results.items() if k != key})
    np.testing.assert_array_equal(with_failed.table.values, without.table.values)


def test_the_oracle_has_test_and_validation_of_every_layout_from_its_own_seeds(record, results, specification):
    oracle = record.study(results).oracle
    assert oracle.seeds == (7, 8)
    assert list(oracle.layouts) == oracle_layouts(specification)
    for n, layout in enumerate(oracle.layouts):
        for group, part in layout.components():
            run = network_run(specification, group, part, 8)
            singles = [single_run(specification, t, 8) for t in group]
            for split, found in (("validation", oracle.validation), ("test", oracle.test)):
                expected = deltas(run, singles, [record.tasks[t] for t in group], results, split)
                np.testing.assert_array_equal(found[1, n, list(group)], expected)


def test_independent_networks_have_exactly_zero_delta(record, results):
    oracle = record.study(results).oracle
    split = next(n for n, layout in enumerate(oracle.layouts) if layout.n_groups == 3 * 2)
    assert (oracle.test[:, split] == 0).all()


def test_a_seed_trained_for_one_layout_alone_hides_no_other(record, results, specification, result_of):
    layout = oracle_layouts(specification)[4]
    more = specification.with_request(OracleRequest(seeds=(7, 8, 9)))
    extra = [*layout_runs(more, layout, 9), *(single_run(more, task, 9) for task in range(3))]
    before = record.study(results).oracle
    after = replace(record, specification=more).study(results | {run.key: result_of(run) for run in extra}).oracle
    assert (after.seeds, after.layouts) == (before.seeds, before.layouts)
    assert np.array_equal(after.test, before.test)
    whole = (
        replace(record, specification=more).study({run.key: result_of(run) for run in layout_trainings(more)}).oracle
    )
    assert (whole.seeds, whole.layouts) == ((7, 8, 9), before.layouts)


def test_half_of_the_seeds_is_shown_while_the_others_are_trained(record, results, specification):
    later = {run.key for layout in oracle_layouts(specification)[3:] for run in layout_runs(specification, layout, 8)}
    earlier = {run.key for layout in oracle_layouts(specification)[:3] for run in layout_runs(specification, layout, 8)}
    oracle = record.study({k: r for k, r in results.items() if k not in later - earlier}).oracle
    assert oracle.seeds == (7,)
    assert list(oracle.layouts) == oracle_layouts(specification)


def test_layouts_that_are_not_complete_stay_out_of_the_oracle(record, results, specification):
    layout = Layout.all_shared(3, 2)
    gone = layout_runs(specification, layout, 7)[0].key
    oracle = record.study({k: r for k, r in results.items() if k != gone}).oracle
    assert layout not in oracle.layouts
    assert len(oracle.layouts) == len(oracle_layouts(specification)) - 1
    assert np.isfinite(oracle.test).all()


def test_baselines_are_means_over_the_seeds_of_the_table(record, results, specification):
    study = record.study(results)
    values = [results[single_run(specification, 1, s).key].metrics["test"]["b"]["absolute error"] for s in (0, 1)]
    assert study.baselines["test"]["b"]["absolute error"] == pytest.approx(np.mean(values))
    assert study.head_params == (100, 100, 100)


def test_without_a_table_baselines_are_means_over_the_seeds_of_what_else_is_requested(record, results, specification):
    oracle_only = replace(record, specification=without(specification, "table"))
    values = [results[single_run(specification, 1, seed).key].metrics["test"]["b"]["absolute error"] for seed in (7, 8)]
    assert oracle_only.study(results).baselines["test"]["b"]["absolute error"] == pytest.approx(np.mean(values))


def test_permuting_the_tasks_permutes_the_table(record, results, specification):
    order = [2, 0, 1]
    names = tuple(specification.tasks[t] for t in order)
    permuted = without(specification, "oracle").model_copy(update={"tasks": names})
    found = {}
    for run in layout_trainings(permuted):
        # The same runs, asked for with their tasks in another order.
        twin = next(
            r
            for r in layout_trainings(specification)
            if set(r.tasks) == set(run.tasks) and r.seed == run.seed and r.tree.group_counts == run.tree.group_counts
        )
        found[run.key] = results[twin.key]
    table = assemble(permuted, [record.tasks[t] for t in order], record.backbone, found).table
    np.testing.assert_allclose(table.values, record.study(results).table.values[np.ix_(order, order)])


def test_table_and_backbone_must_have_equal_blocks(record, results):
    study = record.study(results)
    with pytest.raises(StudyError, match=r"2 blocks.*has 1"):
        Study("x", "x", "", study.task_names, study.backbone.merged([0]), results={"table": study.layouts})
    with pytest.raises(StudyError, match="other tasks"):
        Study("x", "x", "", ("a", "b", "d"), study.backbone, results={"table": study.layouts})


def test_a_gallery_of_some_tasks_keeps_their_pictures_and_labels():
    pictures = np.zeros((2, 4, 4, 3), np.uint8)
    whole = Gallery(pictures, {"a": pictures, "b": pictures + 1}, {"c": ("x", "y"), "d": ("z", "z")})
    some = whole.of_tasks(("d", "b", "unknown"))
    assert some.inputs is pictures
    assert list(some.targets) == ["b"]
    assert some.labels == {"d": ("z", "z")}
    assert (some.targets["b"] == 1).all()


def test_every_example_of_a_gallery_has_a_label():
    with pytest.raises(StudyError, match='2 examples and 1 labels of "c"'):
        Gallery(np.zeros((2, 4, 4, 3), np.uint8), {}, {"c": ("x",)})
