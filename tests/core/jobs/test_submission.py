import pytest

from core.errors import StudyError
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import LayoutSubmission, TableSubmission, oracle_layouts, pair_run
from core.families.layouts.runs import expand as layout_trainings
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import AffinitySubmission, RecombinedRun
from core.families.single.runs import single_run
from core.jobs.submission import extended, kept_weights, requested_runs, with_parents
from core.layouts import Layout
from core.studies.expand import expand
from core.studies.specification import study_from_document


def test_every_run_comes_once_and_after_those_it_is_compared_with(specification):
    runs = with_parents(expand(specification))
    keys = [run.key for run in runs]
    assert len(set(keys)) == len(keys)
    for place, run in enumerate(runs):
        for parent in run.parents:
            assert parent.key in keys[:place]
    # 3 singles and 3 pairs at 2 branch points of one seed, 3 singles and one layout of another, the similarity.
    assert len(runs) == 3 + 6 + 3 + 1 + 1


def test_parents_are_the_single_task_runs_of_the_same_seed(specification):
    pair = pair_run(specification, 0, 2, 1, 0)
    assert [parent.key for parent in pair.parents] == [single_run(specification, t, 0).key for t in (0, 2)]
    assert single_run(specification, 1, 0).parents == ()


def test_a_run_asked_for_alone_brings_what_it_is_compared_with(specification):
    pair = pair_run(specification, 0, 1, 2, 9)
    assert [run.key for run in with_parents([pair])] == [*(p.key for p in pair.parents), pair.key]


def test_a_layout_that_splits_at_the_input_is_its_separate_networks(specification):
    layout = Layout.parse("0,1;2|0,1;2")
    request = [LayoutSubmission((layout,), (7,))]
    runs = with_parents(requested_runs(extended(specification, request), request))
    assert [run.tasks for run in runs] == [("a",), ("b",), ("a", "b"), ("c",)]


def test_a_study_grows_by_what_is_requested_and_keeps_what_it_had(specification):
    layout = Layout.parse("0,2;1|0,2;1")
    grown = extended(specification, [TableSubmission((0, 3)), LayoutSubmission((layout,), (7, 8))])
    assert grown.requested(TableRequest).seeds == (0, 3)
    assert grown.requested(OracleRequest).seeds == (7, 8)
    assert oracle_layouts(grown) == [*oracle_layouts(specification), layout]
    assert {run.key for run in layout_trainings(specification)} <= {run.key for run in expand(grown)}
    assert extended(grown, [TableSubmission((3,))]) == grown


def test_all_layouts_stay_all(specification):
    whole = specification.with_request(OracleRequest(seeds=(7,), layouts="all"))
    grown = extended(whole, [LayoutSubmission((Layout.parse("0,1,2|0,1,2"),), (7,))])
    assert grown.requested(OracleRequest).layouts == "all"


def test_a_seed_is_never_in_the_table_and_in_the_oracle_that_judges_it(specification):
    with pytest.raises(StudyError, match="seed 7 is in the table and in the oracle"):
        extended(specification, [TableSubmission((7,))])


def test_single_cells_of_the_table(specification):
    runs = requested_runs(specification, [TableSubmission((0,), ((0, 1, 2),))])
    assert [run.tasks for run in runs] == [("a",), ("b",), ("c",), ("a", "b")]
    assert runs[-1].key == pair_run(specification, 0, 1, 2, 0).key


def test_recombined_networks_come_after_the_network_they_are_built_on(specification):
    request = [AffinitySubmission((0, 4))]
    grown = extended(specification, request)
    runs = requested_runs(grown, request)
    recombined = [run for run in runs if isinstance(run, RecombinedRun)]
    assert [(run.source.seed, run.depth) for run in recombined] == [
        (s, d) for s in (0, 4) for d in (1, 0) for _ in "abc"
    ]
    assert {parent.key for run in recombined for parent in run.parents} == kept_weights(runs)
    assert kept_weights(runs) == {single_run(specification, t, seed).key for t in range(3) for seed in (0, 4)}
    assert extended(grown, [AffinitySubmission((4,))]) == grown
    assert {run.key for run in recombined} <= {run.key for run in with_parents(expand(grown))}


def test_one_more_seed_keeps_the_epochs_of_each_depth(specification):
    short = specification.with_request(AffinityRequest(seeds=(0,), epochs=(4, 2)))
    grown = extended(short, [AffinitySubmission((1,))])
    assert grown.requested(AffinityRequest) == AffinityRequest(seeds=(0, 1), epochs=(4, 2))
    runs = [run for run in with_parents(expand(grown)) if isinstance(run, RecombinedRun)]
    assert [(run.depth, run.settings.epochs) for run in runs[:6]] == [(1, 2)] * 3 + [(0, 4)] * 3


def test_depths_can_be_left_out_and_added_later(specification):
    deep = [AffinitySubmission((0,), first_depth=1)]
    grown = extended(specification, deep)
    found = [run for run in requested_runs(grown, deep) if isinstance(run, RecombinedRun)]
    assert [run.depth for run in found] == [1, 1, 1]
    whole = extended(grown, [AffinitySubmission((0,))])
    assert whole.requested(AffinityRequest).first_depth == 0
    assert {run.key for run in found} < {run.key for run in with_parents(expand(whole))}
    assert extended(whole, deep) == whole


def test_epochs_for_other_depths_are_refused(specification):
    with pytest.raises(StudyError, match="epochs for 3 depths, the backbone has 2 blocks"):
        study_from_document(
            specification.model_dump(mode="json") | {"affinity": {"seeds": [0], "epochs": [1, 2, 3]}}, "Study"
        )


def test_depths_beyond_the_backbone_are_refused(specification):
    document = specification.model_dump(mode="json") | {"affinity": {"seeds": [0], "first_depth": 2}}
    with pytest.raises(StudyError, match="affinity starts at depth 2, the backbone has the depths 0 to 1"):
        study_from_document(document, "Study")
