from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.families.layouts.request import TableRequest
from core.families.layouts.runs import pair_run
from core.families.single.runs import single_run
from core.families.switching.runs import SwitchingRun
from core.jobs.estimate import Basis, Speed, about, calibration_of, speed, study_speed, study_work, work_of
from core.runs.pretrained import PretrainedWeights
from core.studies.calibration import Calibration, store_calibration
from core.studies.dataset_specification import FolderSpecification
from core.studies.specification import BackboneSpecification, StudySpecification

ME = "here/1/x"


def test_work_grows_with_every_copy_of_a_block_and_every_head(specification, record):
    work = work_of(record.backbone)
    single, shared, split = (
        single_run(specification, 0, 0),
        pair_run(specification, 0, 1, 2, 0),
        pair_run(specification, 0, 1, 1, 0),
    )
    assert work(single) < work(shared) < work(split) < 2 * work(single) + 1e-9
    # One more copy of the second block, of 2 million multiply-accumulates, over all samples of all epochs.
    samples = specification.dataset.n_train * specification.training.epochs
    assert work(split) - work(shared) == pytest.approx(2e6 * samples / 1e9)


def test_a_measurement_may_train_all_its_networks(runs, record):
    work = work_of(record.backbone)
    assert work(runs[-1]) == pytest.approx(sum(work(parent) for parent in runs[-1].parents))


def test_nothing_is_known_before_the_first_run(database):
    assert speed(database) is None


def test_a_measured_switch_says_nothing_about_trainings(queue, database, ended):
    switch = SwitchingRun(
        backbone="a", builder="small_residual(width=4)", size=(32, 32), params=(1,), cut=1, n_branches=2, asked=1
    )
    queue.submit("small", [switch], work=lambda _: 2.0)
    for dispatch in queue.take(ME, 1):
        queue.finish(dispatch.key, ended().model_copy(update={"seconds": 4.0, "metrics": {}}))
    assert speed(database) is None


def test_the_median_of_past_runs_is_the_speed(queue, database, runs, ended):
    queue.submit("small", runs[:3], work=lambda _: 2.0)
    for place, dispatch in enumerate(queue.take(ME, 3)):
        queue.finish(dispatch.key, ended().model_copy(update={"seconds": (4.0, 6.0, 50.0)[place]}))
    found = speed(database)
    assert (found.seconds, found.n_runs) == (3.0, 3)
    assert found.of([2.0, 2.0, 2.0, 2.0], 2) == 12.0
    # One long run takes as long as it takes, however many workers look on.
    assert found.of([10.0, 1.0], 8) == 30.0


def test_the_best_that_is_known_is_taken(queue, database, record, runs, ended):
    """A guess, then runs of another backbone, then a measurement, then a few runs of the backbone itself."""
    request = calibration_of(record.specification, record)
    assert study_speed(database, request).basis is Basis.GUESS

    def train(some, seconds):
        queue.submit("small", some, work=lambda _: 2.0)
        for taken in queue.take(ME, len(some)):
            queue.finish(taken.key, ended().model_copy(update={"seconds": seconds}))

    other = BackboneSpecification(blocks=2, width=16)
    wide = [run.model_copy(update={"backbone": other}) for run in runs[:3]]
    train(wide, 40.0)
    assert study_speed(database, request) == Speed(20.0, 3, Basis.OTHER_RUNS)
    store_calibration(database.path.parent, request, Calibration(0.5, record.backbone))
    assert study_speed(database, request) == Speed(0.5, 0, Basis.MEASUREMENT)
    train(runs[:2], 4.0)
    assert study_speed(database, request).basis is Basis.MEASUREMENT
    train(runs[2:3], 4.0)
    assert study_speed(database, request) == Speed(2.0, 3, Basis.RUNS)
    assert speed(database).n_runs == 6


def test_pictures_of_a_folder_are_counted(tmp_path, record):
    folder = tmp_path / "pictures"
    folder.mkdir()
    lines = ["file,a,b,c"]
    for n in range(50):
        Image.new("RGB", (16, 16)).save(folder / f"{n}.png")
        lines.append(f"{n}.png,{n % 2},{n % 2},{n % 2}")
    (folder / "labels.csv").write_text("\n".join(lines))
    specification = StudySpecification(
        name="own",
        dataset=FolderSpecification(name="folder", path=str(folder)),
        tasks=("a", "b", "c"),
        backbone=BackboneSpecification(blocks=2),
        table=TableRequest(seeds=(0,)),
    )
    run = single_run(specification, 0, 0)
    counted = study_work(replace(record, specification=specification))(run)
    # 60 % of 50 pictures are for training; the specification assumes 1,000.
    assert counted == pytest.approx(work_of(record.backbone)(run) * 30 / 1000)
    gone = specification.model_copy(update={"dataset": FolderSpecification(name="folder", path=str(tmp_path / "no"))})
    assert study_work(replace(record, specification=gone))(run) == work_of(record.backbone)(run)


@pytest.mark.parametrize(("one", "other"), [(4560, 4620), (61, 62), (3590, 3610), (119, 122), (36100, 35900)])
def test_estimates_that_hardly_differ_are_said_alike(one, other):
    assert about(one) == about(other)


def test_an_estimate_is_said_to_a_sixth_and_grows_with_the_time():
    units = {"s": 1, "min": 60, "h": 3600}
    times = np.geomspace(1, 10**6, 2000)
    said = [float(number) * units[unit] for number, unit in (about(time).split() for time in times)]
    # Whole seconds are the least that is said.
    assert all(abs(value - time) <= max(time / 6, 0.5) for value, time in zip(said, times, strict=True))
    assert said == sorted(said)


def test_a_few_tiny_runs_do_not_replace_a_measurement(queue, database, record, runs, ended):
    """What they take is loading and evaluating: by them one minute of training would be many."""
    request = calibration_of(record.specification, record)
    store_calibration(database.path.parent, request, Calibration(0.5, record.backbone))
    queue.submit("small", runs[:3], work=lambda _: 0.001)
    for dispatch in queue.take(ME, 3):
        queue.finish(dispatch.key, ended().model_copy(update={"seconds": 0.3}))
    assert study_speed(database, request) == Speed(0.5, 0, Basis.MEASUREMENT)
    with database.writing() as connection:
        connection.execute("UPDATE runs SET work = 2.0 WHERE state = 'done'")
    assert study_speed(database, request) == Speed(0.15, 3, Basis.RUNS)


def test_runs_weigh_by_their_work(queue, database, runs, ended):
    sizes = dict(zip((run.key for run in runs[:3]), (0.01, 0.01, 10.0), strict=True))
    queue.submit("small", runs[:3], work=lambda run: sizes[run.key])
    for dispatch in queue.take(ME, 3):
        took = 5.0 if sizes[dispatch.key] == 10.0 else 0.5
        queue.finish(dispatch.key, ended().model_copy(update={"seconds": took}))
    found = speed(database)
    assert (found.seconds, found.n_runs) == (0.5, 3)


def test_runs_of_a_backbone_count_whatever_weights_they_began_with(queue, database, runs, ended, specification):
    begun = specification.backbone.model_copy(update={"weights": PretrainedWeights(file="/w.safetensors", freeze=1)})
    some = [run.model_copy(update={"backbone": begun}) for run in runs[:3]]
    queue.submit("small", some, work=lambda _: 2.0)
    for taken in queue.take(ME, 3):
        queue.finish(taken.key, ended().model_copy(update={"seconds": 4.0}))
    for asked in (begun, specification.backbone):
        assert speed(database, asked) == Speed(2.0, 3, Basis.RUNS)
    assert speed(database, specification.backbone.model_copy(update={"width": 16})) is None
