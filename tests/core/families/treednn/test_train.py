"""A tree study as runs: each one's result, weights, and proof of what did not change."""

from functools import partial

import pytest

from core.data import store
from core.errors import BranchwiseError, FamilyError
from core.families.treednn.deploy import deploy
from core.families.treednn.deployed import DeployedTree, fill
from core.families.treednn.network import digests
from core.families.treednn.payload import TreePayload
from core.families.treednn.results import TreeResults, most_alike, tree_results
from core.families.treednn.submission import expand
from core.runs.result import RunState
from core.studies.archive import open_archive, write_archive
from core.studies.specification import parse_study
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace
from tests.core.families.treednn.test_runs import TEXT

STUDY = parse_study(TEXT.replace("seeds = [3, 4]", "seeds = [3]"))
# Two validation pictures are enough for parity and too few to compare features.
FEW = 'dataset = { name = "digits", size = 16, n_train = 60, validation = 0.0012, seed = 2 }\n[training]'
GROWN, DIGITS, FAR, OWN_DIGITS, OWN_FAR, OWN_ODD, ODD = expand(STUDY)

KINDS = ("dedicated", "grafted")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def results(home):
    """Every run of one seed in order, as a worker carries them out."""
    return {run.key: carried_out(run, home) for run in expand(STUDY)}


def carried_out(run, home):
    result, weights = execute(run.kind, run.model_dump_json(), Workplace(home, keep_weights=True))
    assert result.state is RunState.DONE, result.sentence
    assert weights == f"{run.key}.safetensors"
    return result


def given(result):
    """Return the payload of a finished run."""
    return TreePayload.model_validate(result.payload)


def test_every_run_measures_its_branches_on_both_splits(results):
    assert set(results[GROWN.key].metrics["test"]) == {"digits", "far"}
    for run, name in ((DIGITS, "digits"), (FAR, "far"), (OWN_FAR, "far"), (OWN_ODD, "odd"), (ODD, "odd")):
        assert set(results[run.key].metrics["validation"]) == {name}
    assert set(results[FAR.key].metrics["test"]["far"]) >= {"absolute error"}
    assert given(results[GROWN.key]).rows == {"digits": 60, "far": 40}


def test_the_second_phase_and_a_graft_change_nothing_but_their_own_branch(results):
    grown, digits, far = (given(results[run.key]).digests for run in (GROWN, DIGITS, FAR))
    assert digits[""] == far[""] == grown[""]
    assert digits["digits"] != grown["digits"]
    assert digits["far"] == grown["far"]
    assert far["digits"] == grown["digits"]
    assert far["far"] != grown["far"]
    graft = given(results[ODD.key]).digests
    # It was mounted on the tree whose branches had both been specialised.
    assert graft == {"": grown[""], "digits": digits["digits"], "far": far["far"], "odd": graft["odd"]}


def test_a_graft_says_how_alike_every_branch_was(results):
    alike = given(results[ODD.key]).alike
    assert set(alike) == {"digits", "far"}
    assert {len(values) for values in alike.values()} == {5 - 2}
    assert all(-1 <= value <= 1 for values in alike.values() for value in values)


def test_a_rival_goes_through_its_data_as_often_as_its_branch(results):
    # 8 rows of each set in a batch of 16: 60 rows take 8 steps, in which the 40 rows of the other set are seen
    # 64 / 40 = 1.6 times. Two such epochs and one of the second phase: 3 and 4 passes.
    batches = {60: 60 // 8, 40: 40 // 8}
    assert results[OWN_DIGITS.key].steps == batches[60] * (2 + 1)
    assert results[OWN_FAR.key].steps == batches[40] * (3 + 1)
    # All in batches of 8, so that a rival takes about as many steps, too.
    # A graft makes as many passes as both phases have epochs, and so does its rival.
    assert results[ODD.key].steps == results[OWN_ODD.key].steps == batches[60] * (2 + 1)


def test_the_rival_of_a_graft_makes_its_passes_however_its_rows_fill_batches(home):
    # 20 rows in batches of 16 would be 1.6 passes of a federated epoch of their own.
    few = TEXT.replace("seeds = [3, 4]", "seeds = [3]")
    at = few.rindex("n_train = 60")
    few = parse_study(few[:at] + "n_train = 20" + few[at + len("n_train = 60") :].replace('"most alike"', '"fresh"'))
    runs = expand(few)
    own, graft = (next(run for run in runs if run.kind == kind and run.measured_tasks == ("odd",)) for kind in KINDS)
    assert carried_out(own, home).steps == carried_out(graft, home).steps == 20 // 8 * (2 + 1)


def test_the_figures_of_a_study_are_those_of_its_runs(results):
    record, data = prepare_study(STUDY)
    assert data is None
    found = tree_results(STUDY, record.tasks, results)
    assert [(branch.name, branch.is_graft) for branch in found.branches] == [
        ("digits", False), ("far", False), ("odd", True),
    ]  # fmt: skip
    digits, far, odd = found.branches
    assert digits.dedicated["test"].tolist() == [results[OWN_DIGITS.key].metrics["test"]["digits"]["accuracy"]]
    assert far.generalised["validation"].tolist() == [results[GROWN.key].metrics["validation"]["far"]["absolute error"]]
    assert odd.specialised["test"].tolist() == [results[ODD.key].metrics["test"]["odd"]["accuracy"]]
    assert odd.like == most_alike(given(results[ODD.key]).alike)
    assert (digits.n_train, far.n_train) == (60, 40)
    without = tree_results(STUDY, record.tasks, {key: r for key, r in results.items() if key != FAR.key})
    assert [str(value) for value in without.branches[1].specialised["test"]] == ["nan"]


def test_examples_are_labelled_in_their_own_task_alone():
    record, _ = prepare_study(STUDY)
    assert record.gallery.inputs.shape == (6, 16, 16, 3)
    assert [text == "–" for text in record.gallery.labels["digits"]] == [False, True, True, False, True, True]
    assert [task.name for task in record.tasks] == ["digits", "far", "odd"]


def test_the_same_run_gives_the_same_result(results, tmp_path):
    again = carried_out(FAR, tmp_path)  # without the tree's weights at hand: it is grown once more
    assert again.metrics == results[FAR.key].metrics
    assert given(again).digests == given(results[FAR.key]).digests
    assert not list((tmp_path / "checkpoints").glob("*"))


def test_a_stopped_run_is_cancelled_and_goes_on(results, tmp_path):
    calls = iter(range(1000))
    stopped, weights = execute(
        "generalised",
        GROWN.model_dump_json(),
        Workplace(tmp_path, keep_weights=True, should_stop=lambda: next(calls) > 0),
    )
    assert (stopped.state, weights) == (RunState.CANCELLED, None)
    again = carried_out(GROWN, tmp_path)
    assert again.metrics == results[GROWN.key].metrics
    assert not list((tmp_path / "checkpoints").glob("*"))


def test_a_run_that_goes_on_with_what_it_grew_before_leaves_no_file(results, home, tmp_path):
    # Killed after it had grown the tree once more, whose weights were cleaned away.
    draft = tmp_path / "checkpoints" / f"{FAR.key}.{GROWN.key}.safetensors"
    draft.parent.mkdir()
    draft.write_bytes((home / "weights" / f"{GROWN.key}.safetensors").read_bytes())
    again = carried_out(FAR, tmp_path)
    assert given(again).digests == given(results[FAR.key]).digests
    assert not list((tmp_path / "checkpoints").glob("*"))


def test_a_graft_that_is_built_like_no_branch_starts_fresh_and_says_so(results, home):
    wide = parse_study(TEXT.replace("seeds = [3, 4]", "seeds = [3]") + "widths = { odd = 0.5 }\n")
    record, _ = prepare_study(wide)
    graft = expand(wide)[-1]
    found = tree_results(wide, record.tasks, {**results, graft.key: carried_out(graft, home)}).branches[2]
    assert (found.name, found.like, found.alike) == ("odd", "", {})


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("cut = 2", "cut = 2\ndepths = { odd = -9 }", 'Blocks of branch "odd" that give the shape they take: 1'),
        ('dataset = { name = "digits", size = 16, n_train = 60 }\n[training]', FEW, '"odd" has 2 validation picture'),
    ],
)
def test_what_no_branch_can_be_is_said_before_anything_is_trained(old, new, sentence):
    with pytest.raises(BranchwiseError, match=sentence):
        prepare_study(parse_study(TEXT.replace(old, new)))


def test_one_row_in_a_batch_is_refused_where_the_last_map_is_one_pixel():
    text = TEXT.replace("batch_size = 16", 'batch_size = 2\n[backbone]\nblocks = 5\nname = "torchvision:resnet18"')
    deep = text.replace("[backbone]", '[backbone]\nstem = "original"').replace('task = "depth"', 'task = "largest"')
    with pytest.raises(BranchwiseError, match=r"holds 1 row .* Choose a batch size of at least 6\."):
        prepare_study(parse_study(deep))
    prepare_study(parse_study(TEXT.replace("batch_size = 16", "batch_size = 2")))


def test_a_diverging_tree_says_so(tmp_path):
    wild = STUDY.training.model_copy(update={"learning_rate": 10.0, "epochs": 40, "optimizer": "sgd"})
    run = expand(STUDY.model_copy(update={"training": wild}))[0]
    result, weights = execute("generalised", run.model_dump_json(), Workplace(tmp_path, keep_weights=True))
    if result.state is RunState.DONE:
        pytest.skip("this machine's arithmetic stays finite")
    assert (result.state, weights) == (RunState.FAILED, None)
    assert "Try a lower learning rate." in result.sentence


def test_a_grown_tree_is_deployed_with_its_graft(results, home, tmp_path):
    data = partial(store.load, folder=home / "cache")

    def weights(key):
        return home / "weights" / f"{key}.safetensors"

    manifest = deploy(STUDY, None, tmp_path / "tree", data=data, weights=weights)
    assert [branch.name for branch in manifest.branches] == ["digits", "far", "odd"]
    tree = DeployedTree(tmp_path / "tree")
    for entry in manifest.branches:
        fill(tree._tree.branch(entry.name), tree.read(entry), entry)
    assert digests(tree._tree) == given(results[ODD.key]).digests
    with pytest.raises(FamilyError, match=r"No TreeDNN is trained from seed 7\. Choose from: 3\."):
        deploy(STUDY, 7, tmp_path / "none", data=data, weights=lambda _: tmp_path)
    with pytest.raises(FamilyError, match="are not kept here"):
        deploy(STUDY, 3, tmp_path / "none", data=data, weights=lambda _: tmp_path / "nothing")
    assert not (tmp_path / "none").exists()


def test_results_travel_in_an_archive(results):
    record, _ = prepare_study(STUDY)
    opened = open_archive(write_archive(record, results))
    assert {key: r.payload for key, r in opened.results.items()} == {key: r.payload for key, r in results.items()}
    assert given(opened.results[ODD.key]).alike == given(results[ODD.key]).alike
    assert opened.study().result(TreeResults).branches[2].like == most_alike(given(results[ODD.key]).alike)
    assert opened.study().provenance.n_done == 7
