"""Published methods on Train and Overview."""

import numpy as np
import pytest

from app.families.rivals import overview
from app.families.rivals.steps import steps_sentence
from core.families.rivals.method import LwfMethod, MtanMethod, PackNetMethod
from core.families.rivals.payload import RivalPayload
from core.families.rivals.results import RivalResults, RivalScores
from core.families.rivals.runs import RivalRun
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.expand import trainings
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Metric, Task
from tests.conftest import _backbone


def words(at):
    said = (*at.main.markdown, *at.main.caption, *at.info)
    return " ".join(each.value for each in said).replace("\\", "").replace("\u00a0", " ")


def new_runs(at):
    return next(each.value for each in at.metric if each.label == "New runs")


def test_train_requests_methods_of_any_study_of_one_data_set(visit):
    at = visit("train", study="trained", what="rivals")
    assert not at.error
    assert "PackNet, NestedNet, MTAN and AdaShare" in words(at)
    # One method of both seeds of the table, whose baselines are trained.
    at.button_group(key="methods").set_value(["mtan"]).run()
    assert at.query_params["methods"] == "mtan"
    assert "For each seed: MTAN" in words(at)
    (seeds,) = [each for each in at.number_input if str(each.key).startswith("seeds-rivals")]
    assert new_runs(at) == str(seeds.value)
    at.button_group(key="methods").set_value([]).run()
    assert "No method is chosen" in words(at)


def test_methods_take_the_seeds_of_the_multi_path_networks_they_stand_beside(visit):
    at = visit("train", study="paths", what="rivals", methods="packnet-nestednet")
    assert "Seeds 0, 1 and 2" in words(at)
    assert new_runs(at) == "6"


def test_multi_path_networks_are_requested_of_a_study_without_them(visit):
    at = visit("train", study="trained", what="multipath")
    assert not at.error
    assert "Exits at the end of every block" in words(at)
    # The single-task networks that teach are trained again to keep their weights: this made-up study has none.
    assert int(new_runs(at)) >= 4


def results_of(n_seeds, trained=True):
    payload = RivalPayload(
        shared_params=100, own_params=(10, 20), used_params=(110, 120), head_params=(1, 1), mask_bits=0,
        macs=(4, 5), macs_for_all=9, nonzero_macs=(4, 5), runs=((True,) * 2,) * 2, runs_for_all=(2, 2),
        has_extra=True,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    gains = {split: rng.normal(-2, 0.1, (n_seeds, 2)) for split in ("validation", "test")}
    none = {split: np.full((n_seeds, 2), np.nan) for split in ("validation", "test")}
    scores = (
        RivalScores("PackNet", PackNetMethod(), gains if trained else none, gains, (payload,) * n_seeds),
        RivalScores("MTAN", MtanMethod(), none, none),
    )
    return RivalResults(tuple(range(n_seeds)), (), scores, none)


def test_overview_lists_what_was_trained_with_its_interval_and_cost(study_of):
    frame = overview.methods_frame(results_of(3), study_of("five"))
    assert frame["method"].tolist() == ["PackNet"]
    assert frame["seeds"].tolist() == [3]
    low, high = (float(end.removesuffix(" %").replace("−", "-")) for end in frame.loc[0, "90 % interval"].split(" to "))
    assert low < frame.loc[0, "mean Δ"] < high
    assert frame.loc[0, ["parameters stored", "MACs, all tasks"]].tolist() == [130, 9]
    assert overview.methods_frame(results_of(3, trained=False), study_of("five")).empty


def test_what_earlier_tasks_still_reach_is_said_where_they_are_measured_alike():
    tasks = tuple(Task(name, Kind.CLASSIFICATION, (Metric("accuracy", True),), 4) for name in ("one", "two", "three"))
    gone = float("nan")
    # Two seeds: the first task falls from .9 to .7, the second from .8 to .8; a third seed is missing.
    seed = [[0.9, gone, gone], [0.8, 0.8, gone], [0.7, 0.8, 0.6]]
    stages = {"test": np.array([seed, seed, np.full((3, 3), gone)])}
    none = {split: np.full((3, 3), gone) for split in ("validation", "test")}
    scores = (
        RivalScores("MTAN", MtanMethod(), none, none, (), {"test": np.empty((3, 0, 3))}),
        RivalScores("LwF", LwfMethod(), none, none, (), stages),
    )
    results = RivalResults((0, 1, 2), tasks, scores, none)
    (sentence,) = overview.kept_sentences(results)
    assert "LwF" in sentence
    assert "0.850 after each was learned, 0.750 after all" in sentence
    other = Task("map", Kind.DEPTH, (Metric("relative error", False),), 1)
    assert overview.kept_sentences(RivalResults((0, 1, 2), (*tasks[:2], other), scores, none)) == []
    assert "passes over the pictures that are labelled" in steps_sentence(results)


def test_train_offers_methods_in_sequence_and_of_whole_channels(visit):
    at = visit("train", study="trained", what="rivals", methods="packnetunits-lwf")
    assert not at.error
    assert "PackNet⁺ and LwF" in words(at)
    assert "Channels are divided into 4 units" in words(at)


def test_one_seed_has_no_interval(study_of):
    frame = overview.methods_frame(results_of(1), study_of("five"))
    assert frame["90 % interval"].isna().all()
    assert overview._sure(results_of(1)) == "no interval: one seed"


@pytest.mark.parametrize("trained", [False, True])
def test_overview_of_a_study_with_methods_opens(visit, rivals_home, trained):
    at = visit("overview", home=rivals_home(trained=trained), study="methods")
    assert not at.error
    assert "Published methods" in words(at)
    assert ("nothing is compared" in words(at)) != trained
    if trained:
        (table,) = [each.value for each in at.dataframe if "mean Δ" in each.value.columns]
        assert table["method"].tolist() == ["PackNet"]


@pytest.fixture
def rivals_home(tmp_path):
    """Give the function that makes a folder with a study of one method, trained or with its baselines alone."""

    def home(*, trained):
        tasks = tuple(Task(name, Kind.CLASSIFICATION, (Metric("accuracy", True),), 4) for name in ("one", "two"))
        names, backbone = tuple(task.name for task in tasks), _backbone(4, timed=True)
        asked = StudySpecification(
            name="methods", tasks=names, backbone=BackboneSpecification(blocks=4),
            rivals={"seeds": [0, 1], "methods": ["packnet"]},
        )  # fmt: skip

        def result(run):
            metrics = {
                split: {name: {"accuracy": 0.8 - 0.01 * (run.kind == "rival")} for name in run.tasks}
                for split in ("validation", "test")
            }
            payload = None
            if isinstance(run, RivalRun):
                payload = RivalPayload(
                    shared_params=100, own_params=(10, 20), used_params=(110, 120), head_params=(4, 5), mask_bits=100,
                    macs=(4, 5), macs_for_all=9, nonzero_macs=(4, 5), runs=((True,) * 4,) * 2,
                    runs_for_all=(2,) * 4, has_extra=False,
                ).model_dump(mode="json")  # fmt: skip
            where = Environment(device="cpu", machine="a test", threads=1, versions={"torch": "2"})
            return RunResult(
                state=RunState.DONE, metrics=metrics, seconds=1.5, params=139, head_params=9, environment=where,
                payload=payload,
            )  # fmt: skip

        folder = tmp_path / "home"
        record = StudyRecord("methods", names, backbone, asked, tasks, title="Methods")
        done = [run for run in trainings(asked) if trained or run.kind != "rival"]
        Database(folder / DATABASE_FILE).put(record, {run.key: result(run) for run in done})
        return folder

    return home
