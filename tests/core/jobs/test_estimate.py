import pytest

from core.families.layouts.runs import pair_run
from core.families.single.runs import single_run
from core.families.switching.runs import SwitchingRun
from core.jobs.estimate import speed, work_of

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
    assert speed(database).of([1.0], 2) is None


def test_a_measured_switch_says_nothing_about_trainings(queue, database, ended):
    switch = SwitchingRun(
        backbone="a", builder="small_residual(width=4)", size=(32, 32), params=(1,), cut=1, n_branches=2, asked=1
    )
    queue.submit("small", [switch], work=lambda _: 2.0)
    for dispatch in queue.take(ME, 1):
        queue.finish(dispatch.key, ended().model_copy(update={"seconds": 4.0, "metrics": {}}))
    assert speed(database).n_runs == 0


def test_the_median_of_past_runs_is_the_speed(queue, database, runs, ended):
    queue.submit("small", runs[:3], work=lambda _: 2.0)
    for place, dispatch in enumerate(queue.take(ME, 3)):
        queue.finish(dispatch.key, ended().model_copy(update={"seconds": (4.0, 6.0, 50.0)[place]}))
    found = speed(database)
    assert (found.seconds, found.n_runs) == (3.0, 3)
    assert found.of([2.0, 2.0, 2.0, 2.0], 2) == 12.0
    # One long run takes as long as it takes, however many workers look on.
    assert found.of([10.0, 1.0], 8) == 30.0
