"""What a study may request of deep virtual networks, and the runs that follow."""

import pytest

from core.errors import StudyError
from core.families.layouts.request import TableRequest
from core.families.single.runs import single_run
from core.families.virtual.narrow_run import NarrowRun
from core.families.virtual.orders import cyclic_orders, nearest_orders
from core.families.virtual.request import count_trainings, request_fault
from core.families.virtual.runs import SequenceRun, VirtualRun, expand, narrow_runs, network_runs
from core.jobs.submission import with_parents
from core.studies.expand import expand as all_runs
from core.studies.specification import parse_study
from core.studies.study_file import write_study
from tests.core.families.virtual.study import study_of


def test_a_study_of_units_has_no_table_unless_it_says_so():
    study = study_of("units = 2\naffinity = [[1.0, 0.5], [0.5, 1.0]]")
    assert study.requested(TableRequest) is None
    assert parse_study(write_study(study)) == study


def test_runs_are_single_networks_levels_alone_and_networks_of_every_seed():
    study = study_of(
        'seeds = [3, 4]\nunits = 3\n[[virtual.networks]]\n[[virtual.networks]]\nname = "held"\ntraining = "sequence"'
    )
    runs = expand(study)
    assert [run.kind for run in runs] == 2 * [*["layout"] * 2, *["narrow-network"] * 4, "virtual", "virtual-sequence"]
    assert len({run.key for run in runs}) == len(runs) == count_trainings(study)
    assert [run for run in all_runs(study) if run.kind != "similarity"] == runs
    own = {single_run(study, task, seed).key for task in range(2) for seed in (3, 4)}
    assert {run.key for run in runs if run.kind == "layout"} == own
    assert {parent.key for run in runs for parent in run.parents} == own
    assert with_parents(runs[6:7])[-1].key == runs[6].key
    assert len(expand(study_of("alone = false"))) == 3 == count_trainings(study_of("alone = false"))


def test_the_level_of_a_task_alone_is_one_run_for_all_orders():
    one, other = (
        {run.key for runs in narrow_runs(study_of(f'[[virtual.networks]]\norder = "{order}"'), 0) for run in runs}
        for order in ("nearest", "cyclic")
    )
    assert one == other
    assert len(one) == 2 * 3


def test_orders_are_those_of_their_rule():
    def orders(line):
        return network_runs(
            study_of(f"units = 4\naffinity = [[1.0, 0.2], [0.2, 1.0]]\n[[virtual.networks]]\n{line}"), 0
        )[0].orders

    assert orders("") == nearest_orders(2, 4)
    assert orders('order = "cyclic"') == cyclic_orders(2, 4)
    assert orders('order = "common"') == ((0, 1, 2, 3),) * 2
    assert orders("order = [[3, 1, 0, 2], [0, 1, 2, 3]]") == ((3, 1, 0, 2), (0, 1, 2, 3))
    # Two tasks: all that they can share below the last level is the same for every pair, so balance decides.
    assert [sorted(order) for order in orders('order = "searched"')] == [[0, 1, 2, 3]] * 2


def test_what_is_not_trained_with_is_no_part_of_the_key():
    def key(line):
        return network_runs(study_of(f"affinity = [[1.0, 0.2], [0.2, 1.0]]\n[[virtual.networks]]\n{line}"), 0)[0].key

    plain = key("")
    assert key('name = "other"') == plain
    assert key("order = [[0, 1, 2, 3], [3, 2, 1, 0]]") == plain
    assert key('training = "sequence"\ndistillation = 0.0') != key('training = "sequence"')
    changed = ['order = "cyclic"', 'levels = "sampled"', 'levels = "sandwich"', 'levels = "last"']
    changed += ['training = "sequence"', 'training = "sequence"\ntemperature = 4.0']
    assert len({plain, *map(key, changed)}) == len(changed) + 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("units = 1", "should be 2 or more"),
        ("base = 1.0", "should be"),
        ("[[virtual.networks]]\n[[virtual.networks]]", 'two deep virtual networks are called "nearest"'),
        ("[[virtual.networks]]\norder = [[0, 1, 2, 3]]", "1 orders were given for 2 tasks"),
        (
            "[[virtual.networks]]\norder = [[0, 1, 2, 2], [0, 1, 2, 3]]",
            "order of task 0 should name each of the 4 units",
        ),
        ('[[virtual.networks]]\norder = "affinity"', "needs the affinity of the tasks"),
        ('[[virtual.networks]]\norder = "searched"', "needs the affinity of the tasks"),
        ('[[virtual.networks]]\norder = "widest"', "widest"),
        ("affinity = [[1.0, 0.5]]", "1 rows for 2 tasks"),
        ("affinity = [[1.0, 0.5], [0.4, 1.0]]", "0.5 one way and 0.4 the other"),
        ("[[virtual.networks]]\ndistillation = 2.0", "only training in sequence has"),
        ('[[virtual.networks]]\ntraining = "sequence"\nlevels = "last"', "Leave levels out"),
        ('[[virtual.networks]]\ntraining = "sequence"\ndistillation = 0.0\ntemperature = 3.0', "Leave it out"),
        ("unit = 3", "unit"),
        ("[[virtual.networks]]\norder = [[true, 0, 2, 3], [0, 1, 2, 3]]", "order"),
        ("[[virtual.networks]]\norder = [[1.0, 0, 2, 3], [0, 1, 2, 3]]", "order"),
        ('[[virtual.networks]]\nname = "a\\u202eb"', "1 to 40 visible characters"),
        ('[[virtual.networks]]\nname = "a\\tb"', "1 to 40 visible characters"),
        ('[[virtual.networks]]\ntraining = "sequence"\ntemperature = 1e-300', "temperature"),
    ],
)
def test_what_contradicts_itself_is_one_sentence(more, words):
    with pytest.raises(StudyError, match=words) as fault:
        study_of(more)
    assert "\n" not in str(fault.value)
    assert len(str(fault.value)) < 400


def test_too_many_networks_in_one_are_refused():
    study = study_of("units = 64")
    assert request_fault(study) is None
    many = study.model_copy(update={"tasks": tuple(f"task {number}" for number in range(8))})
    assert "8 tasks on 64 levels are 512 networks in one" in (request_fault(many) or "")


def test_labels_hold_what_pages_say():
    joint, sequence = network_runs(
        study_of('[[virtual.networks]]\nlevels = "sandwich"\n[[virtual.networks]]\nname = "x"\ntraining = "sequence"'),
        0,
    )
    assert isinstance(joint, VirtualRun)
    assert isinstance(sequence, SequenceRun)
    assert joint.label.details == {"units": 4, "orders": "0,1,2,3;3,2,1,0", "levels": "sandwich"}
    assert sequence.label.details["distillation"] == "1"
    alone = narrow_runs(study_of(), 0)[1][2]
    assert isinstance(alone, NarrowRun)
    assert alone.label.details == {"units": 4, "level": 2}
