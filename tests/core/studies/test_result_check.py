"""What a result says is held against what its run, its tasks and the backbone say: a forged one is a sentence."""

import base64
import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from app.ui.uploads import store_archive
from core.backbones import Backbone, Block
from core.errors import BranchwiseError, StudyError
from core.families.layouts.request import TableRequest
from core.runs.result import Environment, Preprocessing, RunResult, RunState, SampleScores
from core.studies.archive import import_archive, open_archive, write_archive
from core.studies.database import Database
from core.studies.dataset_specification import PlantedSpecification
from core.studies.expand import expand
from core.studies.record import StudyRecord
from core.studies.result_check import ResultCheck
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Task

NAMES = ("task A", "task B")
TASKS = tuple(Task.usual(name, Kind.CLASSIFICATION, 4) for name in NAMES)
SPECIFICATION = StudySpecification(
    name="planted",
    dataset=PlantedSpecification(
        name="planted", tree="0,1 | 0;1", n_train=64, n_validation=8, n_test=12, size=16, noise=0.0
    ),
    tasks=NAMES,
    backbone=BackboneSpecification(blocks=2),
    table=TableRequest(seeds=(0,)),
)
BACKBONE = Backbone("net", (Block("stem", 10, 100, (4, 8, 8)), Block("body", 30, 50)), (3, 16, 16))
SIZES = {"validation": 8, "test": 12}


def result_of(run) -> RunResult:
    """Return a result whose parts agree with each other and with the run."""
    rng = np.random.default_rng(int(run.key[:8], 16))
    parts = {name: {split: {} for split in SIZES} for name in ("metrics", "constant", "samples", "confusion")}
    for split, n in SIZES.items():
        for task in run.measured_tasks:
            truth = np.arange(n) % 3
            answers = np.where(rng.random(n) < 0.5, truth, rng.integers(0, 4, n))
            parts["confusion"][split][task] = np.bincount(truth * 4 + answers, minlength=16).reshape(4, 4).tolist()
            parts["samples"][split][task] = SampleScores.of("correct", (answers == truth).astype(float))
            parts["metrics"][split][task] = {"accuracy": float((answers == truth).mean())}
            parts["constant"][split][task] = {"accuracy": float(np.bincount(truth).max() / n)}
    if not run.is_training:
        return RunResult(
            state=RunState.DONE,
            environment=ENVIRONMENT,
            payload={"similarity": {"seed": 0, "n_pictures": 8, "values": ALIKE}},
        )
    blocks = sum(block.params * len(groups) for block, groups in zip(BACKBONE.blocks, run.layout, strict=True))
    return RunResult(
        state=RunState.DONE,
        **parts,
        steps=20,
        seconds=1.5,
        params=blocks + 5 * len(run.tasks),
        head_params=5 * len(run.tasks),
        environment=ENVIRONMENT,
        classes=dict.fromkeys(run.tasks, ("a", "b", "c", "d")),
        preprocessing=Preprocessing(size=(16, 16), channels=3, mean=(110.0,) * 3, std=(60.0,) * 3, range=255.0),
    )


ENVIRONMENT = Environment(device="cpu", machine="test bench", threads=1, versions={"torch": "2"})
ALIKE = [[[1.0, 0.5], [0.5, 1.0]]] * 2
RECORD = StudyRecord("planted", NAMES, BACKBONE, SPECIFICATION, TASKS, finished="2026-01-31T12:00:00+00:00")
RESULTS = {run.key: result_of(run) for run in expand(SPECIFICATION)}
FIRST = expand(SPECIFICATION)[0].key
SIMILARITY = next(run.key for run in expand(SPECIFICATION) if not run.is_training)


def archive(**changed):
    """Return the study with some members changed in place by functions of their documents."""
    with zipfile.ZipFile(io.BytesIO(write_archive(RECORD, RESULTS))) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    for name, change in changed.items():
        document = json.loads(members.get(f"{name}.json", b"{}"))
        change(document)
        members[f"{name}.json"] = json.dumps(document).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return buffer.getvalue()


def first(**values):
    """Return the function that changes fields of the first run."""
    return lambda document: document["runs"][FIRST].update(values)


def inside(part, value, *, split="test", task="task A"):
    """Return the function that changes what a part of the first run says of one task."""
    return lambda document: document["runs"][FIRST][part][split].update({task: value})


def scores(values, *, score="correct", split="test"):
    """Return the function that changes the scores of samples of the first run."""
    document = SampleScores.of(score, np.array(values, dtype=float)).model_dump(mode="json")
    return lambda found: found[FIRST][split].update({"task A": document})


def assert_refused(data, database, sentence):
    for store in (import_archive, store_archive):
        with pytest.raises(BranchwiseError, match=sentence) as caught:
            store(data, database)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 500
    assert not database.path.parent.exists(), "something was written"


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "home" / "studies.sqlite")


def test_a_sound_study_is_stored_whole(database):
    assert import_archive(archive(), database) == "planted"
    assert database.results("planted") == RESULTS


COUNTS = [[3, 0, 0, 1], [1, 3, 0, 0], [0, 0, 4, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (inside("metrics", {"accuracy": 1.5}), "accuracy of task A is 1.5; it lies between 0 and 1"),
        (inside("metrics", {"accuracy": -0.1}), "lies between 0 and 1"),
        (inside("metrics", {"accuracy": 0.999}), "with a mean of|not the accuracy"),
        (inside("metrics", {"accuracy": 0.5, "mIoU": 0.5}), "by which task A is not evaluated"),
        (inside("metrics", {"accuracy": 0.5}, task="task C"), "speaks of the task 'task C'"),
        (inside("constant", {"accuracy": 1e308}), "constant.*accuracy"),
        (inside("constant", {"accuracy": -1.0}), "constant test accuracy"),
        (inside("constant", {"accuracy": 0.9}), "other classes .* constant answer"),
        (inside("constant", {"error": 0.5}), "by which task A is not evaluated"),
        (inside("constant", {"accuracy": 0.5}, task="task C"), "speaks of the task 'task C'"),
        (inside("confusion", [[12]]), "counts 1 classes of task A on the test split, and it has 4"),
        (inside("confusion", [[1] * 5] * 5), "counts 5 classes"),
        (inside("confusion", []), "counts 0 classes"),
        (inside("confusion", [[1, 2], [3]]), "as many rows as columns"),
        (inside("confusion", [[-1] * 4] * 4), "0 or more"),
        (inside("confusion", [[2**52] * 4] * 4), "answers to task A .* of 12 samples"),
        (inside("confusion", [[0] * 4] * 4), "counts 0 answers"),
        (inside("confusion", [[3, 0, 0, 1], [1, 3, 0, 0], [0, 0, 4, 1], [0, 0, 0, 0]]), "counts 13 answers"),
        (inside("confusion", [[0, 0, 0, 4], [4, 0, 0, 0], [4, 0, 0, 0], [0, 0, 0, 0]]), "not the accuracy it states"),
        (inside("confusion", COUNTS, task="task C"), "speaks of the task 'task C'"),
        (first(classes={"task A": ["a"]}), "names 1 classes of task A, which has 4"),
        (first(classes={"task C": ["a"] * 4}), "speaks of the task 'task C'"),
        (first(steps=10**6), "1,000,000 steps; its settings make at most 20"),
        (first(params=0, head_params=5), "5 parameters in heads and 0 in all"),
        (first(params=10**9), "parameters in blocks; by the study's backbone there are 40"),
        (first(head_params=0), "45 parameters in blocks"),
        (first(state="failed"), "has metrics, but it is failed"),
        (
            first(preprocessing={"size": [99, 16], "channels": 1, "mean": [0], "std": [1], "range": 255}),
            "pictures of 99×16",
        ),
        (first(payload={"rows": {}}), "has a payload"),
    ],
)
def test_a_forged_result_is_one_sentence_and_changes_nothing(database, change, sentence):
    assert_refused(archive(runs=change), database, sentence)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (scores([1.0] * 11), "11 samples of task A on the test split, which has 12"),
        (scores([]), "scores of 0 samples"),
        (scores([0.5] * 100_000), "100,000 samples"),
        (scores([0.0] * 12), "with a mean of 0"),
        (scores([2.0] * 12), "beyond 0 to 1"),
        (scores([-1.0] * 12), "beyond 0 to 1"),
        (scores([np.nan] * 12), "no scores"),
        (scores([1.0] * 12, score="loss"), 'by "loss"'),
        (lambda found: found[FIRST]["test"].update({"task C": found[FIRST]["test"]["task A"]}), "'task C'"),
    ],
)
def test_forged_scores_of_samples_are_one_sentence(database, change, sentence):
    # What a page reads first holds no scores, so that only the whole archive tells.
    data = archive(samples=change)
    with pytest.raises(BranchwiseError, match=sentence):
        store_archive(data, database)
    assert_refused(data, database, sentence)


def test_infinite_scores_are_one_sentence(database):
    document = {"score": "correct", "data": SampleScores.of("correct", np.zeros(12)).data}
    infinite = np.full(12, np.inf, dtype="<f2").tobytes()
    document["data"] = base64.b64encode(infinite).decode()
    assert_refused(
        archive(samples=lambda found: found[FIRST]["test"].update({"task A": document})), database, "infinite"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda found: found[FIRST].update(steps=[21], losses={"task A": [1.0]}), "losses of step 21 of 20"),
        (lambda found: found[FIRST].update(steps=[20], losses={"task C": [1.0]}), "losses of 'task C'"),
        (lambda found: found[FIRST].update(steps=[-1], losses={"task A": [1.0]}), "0 or more"),
    ],
)
def test_forged_losses_are_one_sentence(database, change, sentence):
    def changed(document):
        document.setdefault(FIRST, {})
        change(document)

    assert_refused(archive(curves=changed), database, sentence)


def at(*keys, **values):
    """Return the function that changes fields deep inside a document."""

    def change(document):
        for key in keys:
            document = document[key]
        document.update(values)

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (at("tasks", 0, "metrics", 0, higher_is_better=False), r"\"accuracy\" \(lower is better\) evaluates 'task A'"),
        (at("tasks", 0, "metrics", 0, unit="%"), "in %"),
        (at("tasks", 0, "metrics", 0, name="win"), '"win"'),
        (at("tasks", 0, kind="depth"), "tasks of kind depth have"),
        (at("tasks", 0, n_outputs=2), "and it has 2 classification outputs"),
        (at("tasks", 0, n_outputs=0), "n_outputs"),
        (at(finished="9999-12-31T23:59:59+00:00"), "not between 1970 and now"),
        (at(finished="0001-01-01"), "not between 1970 and now"),
        (at(finished="-5"), "is no time"),
        (at(finished="yesterday"), "is no time"),
        (at(finished="1e308"), "is no time"),
        (at("backbone", "blocks", 0, params=0), "parameters in blocks"),
        (at("backbone", "blocks", 0, params=2**52), "parameters in blocks"),
        (at(similarity={"seed": 0, "n_pictures": 9, "values": ALIKE}), "9 pictures; the validation split has 8"),
        (at(similarity={"seed": 0, "n_pictures": 0, "values": ALIKE}), "n_pictures"),
    ],
)
def test_a_forged_description_is_one_sentence(database, change, sentence):
    assert_refused(archive(study=change), database, sentence)


def test_a_backbone_without_cost_is_one_sentence(database):
    def free(document):
        for block in document["backbone"]["blocks"]:
            block.update(params=0, macs=0)

    assert_refused(archive(study=free), database, "cost above zero")


@pytest.mark.parametrize(
    ("similarity", "sentence"),
    [
        ({"seed": 0, "n_pictures": 8, "values": [[[1.0]]]}, "shape"),
        ({"seed": 0, "n_pictures": 8, "values": [[[1.0, 2.0], [2.0, 1.0]]] * 2}, "between"),
        ({"values": 3}, "can't be read"),
    ],
)
def test_a_forged_comparison_of_features_is_one_sentence(database, similarity, sentence):
    change = at("runs", SIMILARITY, payload={"similarity": similarity})
    assert_refused(archive(runs=change), database, sentence)


def test_runs_on_the_same_data_count_the_same_classes(database):
    """The counts of one run agree with its own metrics, but not with those of another run."""

    def shifted(document):
        run = document["runs"][FIRST]
        counts = np.roll(np.array(run["confusion"]["test"]["task A"]), 1, axis=(0, 1))
        run["confusion"]["test"]["task A"] = counts.tolist()

    assert_refused(archive(runs=shifted), database, "counts other classes of task A")


def test_a_forged_archive_completes_no_study(database):
    assert import_archive(archive(), database) == "planted"
    before = database.results("planted")
    with pytest.raises(StudyError, match="lies between"):
        import_archive(archive(runs=inside("metrics", {"accuracy": 7.0})), database, into="planted")
    assert database.results("planted") == before


@pytest.mark.parametrize("part", ["metrics", "constant"])
@pytest.mark.parametrize("value", ["1e308", "NaN", "-1e41"])
def test_a_stored_number_that_is_none_costs_its_row(database, part, value):
    database.put(RECORD, RESULTS)
    with database.writing() as connection:
        (stored,) = connection.execute("SELECT result FROM imported_results WHERE run_key = ?", (FIRST,)).fetchone()
        document = json.loads(stored)
        document[part]["test"]["task A"]["accuracy"] = "@"
        connection.execute(
            "UPDATE imported_results SET result = ? WHERE run_key = ?",
            (json.dumps(document).replace('"@"', value if value != "NaN" else '"NaN"'), FIRST),
        )
    assert set(database.results("planted")) == set(RESULTS) - {FIRST}
    database.study("planted")


def test_results_of_earlier_versions_say_less_and_are_sound():
    bare = {
        key: result.model_copy(
            update={"samples": {}, "confusion": {}, "constant": {}, "classes": {}, "preprocessing": None}
        )
        for key, result in RESULTS.items()
    }
    assert open_archive(write_archive(replace(RECORD, finished=""), bare)).results == bare
    check = ResultCheck(TASKS, BACKBONE)
    for run in expand(SPECIFICATION):
        check.check(run, bare[run.key])
