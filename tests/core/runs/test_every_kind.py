"""One contract for every kind of run, whichever family it belongs to."""

from importlib import import_module
from itertools import count

import pytest

from core.backbones import Backbone, Block
from core.families.gradient_affinity.request import GradientAffinityRequest
from core.families.hybrid.request import HybridRequest
from core.families.latency.request import LatencyRequest
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.multipath.request import MultiPathRequest, PathNetworkRequest
from core.families.multipath.timing_run import PathTimingRun
from core.families.recombined.request import AffinityRequest
from core.families.rivals.method import AdaShareMethod, PackNetMethod
from core.families.rivals.request import RivalRequest
from core.families.switching.runs import SwitchingRun
from core.families.treednn.request import TreeRequest
from core.families.virtual.request import VirtualNetworkRequest, VirtualRequest
from core.families.virtual.timing_run import VirtualTimingRun
from core.families.widened.request import WidenedRequest
from core.jobs.submission import with_parents
from core.runs.label import RunLabel
from core.runs.result import RunState
from core.runs.run import Run
from core.studies.dataset_specification import PlantedSpecification
from core.studies.expand import expand
from core.studies.family import kinds, read_run
from core.studies.several_specification import SetSpecification
from core.studies.specification import BackboneSpecification, StudySpecification, TrainingSettings
from core.training.execute import execute
from core.training.workplace import Workplace

BACKBONE = BackboneSpecification(width=2, blocks=5)
TRAINING = TrainingSettings(epochs=1, batch_size=16)
PROFILE = Backbone("small", tuple(Block(f"block {b}", 10, 1000, (2, 8, 8)) for b in range(5)))


def _one_set() -> StudySpecification:
    return StudySpecification(
        name="one",
        dataset=PlantedSpecification(
            name="planted", tree="0,1 | 0,1 | 0,1 | 0;1 | 0;1", n_train=48, n_validation=16, n_test=16, size=16
        ),
        tasks=("task A", "task B"),
        backbone=BACKBONE,
        training=TRAINING,
        table=TableRequest(seeds=(0,)),
        oracle=OracleRequest(seeds=(7,), layouts=("0,1 | 0,1 | 0,1 | 0,1 | 0,1",)),
        widened=WidenedRequest(widths=(3,)),
        affinity=AffinityRequest(seeds=(0,)),
        gradient_affinity=GradientAffinityRequest(seeds=(0,)),
        multipath=MultiPathRequest(
            exits=("0", "2.conv1", "4"), networks=(PathNetworkRequest(mix="additive", alpha=1.0, squared=True),)
        ),
        virtual=VirtualRequest(
            units=2, networks=(VirtualNetworkRequest(), VirtualNetworkRequest(name="held", training="sequence"))
        ),
        hybrid=HybridRequest(networks=("0,1 | 0,1 | 0,1 | 0;1 | 0;1 @ 3,4",)),
        latency=LatencyRequest(repeats=5),
    )


def _several_sets() -> StudySpecification:
    planted = PlantedSpecification(
        name="planted", tree="0,1 | 0,1 | 0,1 | 0;1 | 0;1", n_train=48, n_validation=16, n_test=16, size=16
    )
    return StudySpecification.model_validate(
        {
            "name": "several",
            "dataset": {
                "name": "several",
                "size": 16,
                "sets": [
                    SetSpecification(name=name, task=task, dataset=planted).model_dump()
                    for name, task in (("first", "task A"), ("second", "task B"), ("third", "task A"))
                ],
            },
            "backbone": BACKBONE,
            "training": TRAINING,
            "treednn": TreeRequest(cut=1, epochs=1, grafts={"third": "most alike"}),
            "multipath": MultiPathRequest(exits=("0", "4")),
        }
    )


def _rivals() -> StudySpecification:
    one = _one_set()
    return StudySpecification(
        name="rivals",
        dataset=one.dataset,
        tasks=one.tasks,
        backbone=BACKBONE,
        training=TRAINING.model_copy(update={"epochs": 3}),
        rivals=RivalRequest(methods=(AdaShareMethod(sparsity=0.1), PackNetMethod(shares=(0.25, 1.0)))),
    )


SWITCHING = SwitchingRun(
    backbone="small residual",
    builder="small_residual(width=2)",
    size=(16, 16),
    params=(1, 2),
    cut=1,
    n_branches=2,
    repeats=1,
    asked=0,
)


TIMING = PathTimingRun(backbone=BACKBONE, exits=("0", "2.conv1", "4"), size=(16, 16), repeats=2, asked=0)
LEVEL_TIMING = VirtualTimingRun(backbone=BACKBONE, units=2, size=(16, 16), repeats=2, asked=0)


def _samples() -> dict[str, Run]:
    runs = with_parents(
        [*expand(_several_sets()), *expand(_one_set()), *expand(_rivals()), SWITCHING, TIMING, LEVEL_TIMING]
    )
    # The last of each kind: those of several tasks, grafts with all their parents.
    return {run.kind: run for run in runs}


SAMPLES = _samples()


def test_every_kind_has_a_sample():
    assert SAMPLES.keys() == kinds().keys()


@pytest.mark.parametrize("kind", sorted(SAMPLES))
class TestEveryKind:
    def test_device_and_threads_are_no_part_of_the_key(self, kind):
        run = SAMPLES[kind]
        assert run.on("auto").key == run.key
        assert run.on("cuda").settings.device == "cuda" or not run.is_training
        threads = read_run(kind, run.model_dump_json().replace('"threads":1', '"threads":2'))
        assert threads.key == run.key

    def test_it_is_read_as_it_was_written(self, kind):
        run = SAMPLES[kind]
        again = read_run(kind, run.model_dump_json())
        assert again == run
        assert again.key == run.key
        assert len(run.key) == 32

    def test_parents_come_first_and_are_of_known_kinds(self, kind):
        run = SAMPLES[kind]
        order = [each.key for each in with_parents([run])]
        assert order[-1] == run.key
        assert {parent.key for parent in run.parents} <= {*order[:-1]}
        assert {parent.kind for parent in run.parents} <= kinds().keys()
        assert not run.needs_weights or all(parent.can_keep_weights for parent in run.parents)

    def test_its_label_is_fields_and_no_prose(self, kind):
        label = SAMPLES[kind].label
        assert label.kind == kind
        assert RunLabel.from_json(label.to_json()) == label
        assert set(label.tasks) <= {"task A", "task B", "first", "second", "third"}
        assert all(name.isidentifier() for name in label.details)

    def test_its_size_grows_with_the_backbone(self, kind):
        run = SAMPLES[kind]
        larger = Backbone("large", tuple(Block(b.name, b.params, 10 * b.macs, b.output_shape) for b in PROFILE.blocks))
        assert run.work(PROFILE) > 0
        assert run.work(larger) > run.work(PROFILE) or kind == "switching"

    def test_a_function_carries_it_out(self, kind):
        module, _, function = SAMPLES[kind].carried_out_by.partition(":")
        assert callable(getattr(import_module(module), function))

    def test_it_is_cancelled_resumed_and_leaves_nothing_behind(self, kind, tmp_path):
        run = _real(SAMPLES[kind])
        asked = count(1)
        stopped, weights = execute(
            kind, run.model_dump_json(), Workplace(tmp_path, keep_weights=True, should_stop=lambda: next(asked) > 0)
        )
        assert (stopped.state, weights) == (RunState.CANCELLED, None), stopped.sentence
        told: list[int] = []
        done, weights = execute(
            kind,
            run.model_dump_json(),
            Workplace(tmp_path, keep_weights=True, progress=lambda step, _steps, _losses: told.append(step)),
        )
        assert done.state is RunState.DONE, done.sentence
        assert (weights is not None) == run.can_keep_weights
        assert told
        left = (
            [path.name for path in (tmp_path / "checkpoints").glob("*")] if (tmp_path / "checkpoints").exists() else []
        )
        assert left == []
        run.check(done)
        assert type(done).model_validate_json(done.model_dump_json()) == done
        if run.payload_type is not None:
            payload = run.payload_of(done, run.payload_type)
            assert type(payload).model_validate_json(payload.model_dump_json()) == payload
        assert {task for split in done.metrics.values() for task in split} == set(run.measured_tasks)
        assert {task for split in done.samples.values() for task in split} == set(run.measured_tasks)
        assert done.environment.instructions


def _real(run: Run) -> Run:
    """Return a run that names the parameters its backbone really has."""
    if not isinstance(run, SwitchingRun):
        return run
    from core.networks.plan import BackbonePlan
    from core.networks.tree import count_parameters

    blocks = BackbonePlan(run.builder, run.size, (), run.stem).blocks()
    return run.model_copy(update={"params": tuple(count_parameters(block) for block in blocks)})
