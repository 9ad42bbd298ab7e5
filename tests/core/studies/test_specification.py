import tomllib
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import core
from core.errors import StudyError
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import expand as layout_trainings
from core.families.layouts.runs import layout_runs, oracle_layouts
from core.families.multipath.request import MultiPathRequest
from core.families.rivals.request import RivalRequest
from core.families.single.runs import NetworkRun, network_run, single_run
from core.families.treednn.request import TreeRequest
from core.families.treednn.submission import expand
from core.families.virtual.request import VirtualRequest
from core.layouts import Layout
from core.layouts.counting import count_layouts
from core.studies.expand import expand as all_runs
from core.studies.specification import (
    MAX_RUNS,
    BackboneSpecification,
    StudySpecification,
    TrainingSettings,
    parse_study,
    read_study,
    study_from_document,
)
from tests.core.studies.sections import without

STUDIES = sorted((Path(core.__file__).parent.parent / "assets" / "studies").glob("*.toml"))


def test_a_table_asks_for_every_pair_at_every_branch_point_and_every_single_task(specification):
    table_only = without(specification, "oracle")
    runs = layout_trainings(table_only)
    n, blocks, seeds = 3, 2, 2
    assert len(runs) == seeds * (n + comb(n, 2) * blocks)
    assert len({run.key for run in runs}) == len(runs)


def test_the_oracle_trains_each_separate_network_once(specification):
    oracle_only = without(specification, "table")
    layouts = oracle_layouts(specification)
    assert len(layouts) == count_layouts(3, 2)
    connected = {network for layout in layouts for network in layout.components()}
    assert len(layout_trainings(oracle_only)) == 2 * len(connected)
    for run in layout_trainings(oracle_only):
        assert len(run.tree.partitions[0]) == 1


def test_the_runs_of_a_layout_cover_its_tasks_once(specification):
    for layout in oracle_layouts(specification):
        runs = layout_runs(specification, layout, 7)
        assert sorted(task for run in runs for task in run.tasks) == ["a", "b", "c"]
        assert {run.key for run in runs} <= {run.key for run in layout_trainings(specification)}


def test_runs_made_quickly_equal_runs_that_are_validated(specification):
    for run in layout_trainings(specification):
        again = NetworkRun.model_validate_json(run.model_dump_json())
        assert again == run
        assert again.key == run.key


def test_the_key_is_about_the_question_and_not_about_where_it_is_answered(specification):
    run = single_run(specification, 0, 0)

    def key(**changes):
        training = TrainingSettings(**changes)
        return (
            run.model_copy(update={"training": training})
            .model_validate(run.model_dump() | {"training": training.model_dump()})
            .key
        )

    assert key(threads=4) == key(device="auto") == run.key
    assert key(epochs=11) != run.key
    assert single_run(specification, 0, 1).key != run.key
    assert single_run(specification, 1, 0).key != run.key


def test_a_name_is_no_part_of_a_key(specification):
    renamed = specification.model_copy(update={"name": "other"})
    assert [run.key for run in layout_trainings(renamed)] == [run.key for run in layout_trainings(specification)]


@pytest.mark.parametrize("deep", [False, True])
def test_a_changed_copy_forgets_what_was_derived(specification, deep):
    assert layout_trainings(specification)
    other = specification.model_copy(update={"tasks": ("a", "b")}, deep=deep)
    assert {task for run in layout_trainings(other) for task in run.tasks} == {"a", "b"}
    run = single_run(specification, 0, 0)
    assert run.model_copy(update={"seed": 1}, deep=deep).key == single_run(specification, 0, 1).key != run.key


def test_a_layout_of_another_size_is_refused(specification):
    with pytest.raises(StudyError, match="2 tasks and 2 blocks was requested of 3 tasks"):
        network_run(specification, [0, 1, 2], Layout.all_shared(2, 2), 0)


def test_a_layout_listed_twice_is_trained_once(specification):
    texts = ("0,1,2 | 0,1;2", "a,b,c | c;b,a", "[[[0,1,2]],[[0],[1],[2]]]")
    asked = StudySpecification.model_validate(specification.model_dump() | {"oracle": {"seeds": [7], "layouts": texts}})
    assert [layout.to_text() for layout in oracle_layouts(asked)] == ["0,1,2 | 0,1;2", "0,1,2 | 0;1;2"]


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_the_bundled_study_files_are_sound(path):
    study = read_study(path)
    assert study.name == path.stem
    assert study.title
    assert len(study.description) > 100
    n, blocks = len(study.tasks), study.backbone.blocks
    if len(study.requests) > 4:
        # Families that are compared: from the same seeds, none of them that of the table.
        seeds = {request.seeds for name, request in study.requests.items() if name not in ("table", "latency")}
        assert seeds == {study.requested(OracleRequest).seeds}
        return
    if (tree := study.requested(TreeRequest)) is not None:
        grafts = len(tree.grafts)
        assert len(tree.seeds) >= 2
        assert len(expand(study)) == len(tree.seeds) * (1 + (n - grafts) + n + grafts)
        assert not layout_trainings(study)
        return
    rivals = study.requested(RivalRequest)
    if (virtual := study.requested(VirtualRequest)) is not None:
        assert len(virtual.seeds) >= 5
        assert rivals is None or rivals.seeds == virtual.seeds
        alone = n * (virtual.units - 1) if virtual.alone else 0
        trainings = n + alone + len(virtual.networks) + (len(rivals.methods) if rivals is not None else 0)
        assert sum(run.is_training for run in all_runs(study)) == len(virtual.seeds) * trainings
        return
    if (paths := study.requested(MultiPathRequest)) is not None:
        assert rivals is None or rivals.seeds == paths.seeds
        assert len(paths.seeds) >= 5
        # Single-task networks are teachers, and what rivals are compared with; the last run is the similarity of tasks.
        networks = n + len(paths.networks) + paths.matrix + (0 if rivals is None else len(rivals.methods))
        assert len(all_runs(study)) == len(paths.seeds) * networks + 1
        return
    table, oracle = study.requested(TableRequest), study.requested(OracleRequest)
    assert len(table.seeds) >= 2  # one seed alone has no standard error
    asked = len(table.seeds) * (n + comb(n, 2) * blocks)
    if oracle is not None:
        networks = {network for layout in oracle_layouts(study) for network in layout.components()}
        asked += len(oracle.seeds) * len(networks)
    assert len(layout_trainings(study)) == asked


MINIMAL = 'name = "x"\ntasks = ["a", "b"]\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name = ", "not valid TOML"),
        ('tasks = ["a", "b"]', '"name" is missing'),
        (MINIMAL + "colour = 1", '"colour" is not a key of a study'),
        (MINIMAL + "[training]\nepoch = 3", '"training.epoch" is not a key'),
        (MINIMAL + "[training]\nepochs = 0", '"training.epochs" is .*1 or more'),
        (MINIMAL + "[training]\nlearning_rate = nan", "learning_rate.*finite"),
        (MINIMAL + "[dataset]\nname = 'web'", '"dataset.name"'),
        (MINIMAL + "[table]\nseeds = []", '"table.seeds"'),
        (MINIMAL + "[table]\nseeds = [1, 1]", "a seed appears twice"),
        (MINIMAL + "[table]\nseeds = [-1]", '"table.seeds.0"'),
        (MINIMAL + "[oracle]\nseeds = [0]", "seed 0 is in the table and in the oracle"),
        (MINIMAL + '[oracle]\nlayouts = ["0,1 | 0,1"]', "2 blocks, the backbone 5"),
        (MINIMAL + '[oracle]\nlayouts = ["0;1|0,1|0,1|0,1|0,1"]', "re-joined at block 1"),
        ('name = "x"\ntasks = ["a"]', "2 to 40 tasks"),
        ('name = "x"\ntasks = ["a", "a"]', "used twice"),
        ('name = "x"\ntasks = ["a", "b|c"]', "holds '|'"),
        ('name = "../x"\ntasks = ["a", "b"]', '"name"'),
        ('name = "x\\n"\ntasks = ["a", "b"]', '"name"'),
        (f'name = "x"\ntasks = {[f"t{i}" for i in range(7)]}\n[oracle]\nseeds = [9]'.replace("'", '"'), "trainings"),
    ],
)
def test_a_bad_study_file_gets_one_sentence(text, sentence):
    with pytest.raises(StudyError, match=sentence) as caught:
        parse_study(text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("study.toml")


def test_the_limit_of_runs_is_what_is_counted():
    seven = [f"t{i}" for i in range(7)]
    asked = count_layouts(7, 5)
    assert asked > MAX_RUNS
    with pytest.raises(StudyError, match=f"{asked + 1 * (7 + 21 * 5):,} trainings"):
        parse_study(f'name = "x"\ntasks = {seven}\n[table]\nseeds = [0]\n[oracle]\nseeds = [9]'.replace("'", '"'))


@given(st.text(max_size=200))
def test_any_text_is_a_study_or_a_sentence(text):
    try:
        parse_study(text)
    except StudyError as fault:
        assert str(fault)  # noqa: PT017


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["name", "title", "tasks", "dataset", "backbone", "training", "table", "oracle"]),
)
def test_any_value_of_a_key_is_taken_or_named(value, key):
    from core.studies.specification import study_from_document

    try:
        study_from_document({"name": "x", "tasks": ["a", "b"], key: value}, "study.toml")
    except StudyError as fault:
        assert "\n" not in str(fault)  # noqa: PT017


def test_a_missing_file_and_a_huge_one_get_a_sentence(tmp_path):
    with pytest.raises(StudyError, match="can't be read: No such file"):
        read_study(tmp_path / "none.toml")
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * 1_000_001)
    with pytest.raises(StudyError, match="larger than 1 MB"):
        read_study(huge)
    latin = tmp_path / "latin.toml"
    latin.write_bytes('title = "é"'.encode("latin-1"))
    with pytest.raises(StudyError, match="not UTF-8"):
        read_study(latin)


def test_defaults_of_the_file_are_those_of_the_values():
    study = parse_study(MINIMAL)
    assert study.backbone == BackboneSpecification()
    assert tomllib.loads(MINIMAL)["tasks"] == list(study.tasks)


@pytest.mark.parametrize(
    "text",
    ["requests = 5", "requests = [1]", "[requests.table]", "[requests.unheard]", "[requests.affinity]\nseeds = [1]"],
)
def test_requests_are_written_as_sections_and_not_gathered(text):
    with pytest.raises(StudyError, match='"requests" is not a key'):
        parse_study(f'name = "mine"\ntasks = ["depth", "edges"]\n{text}')


def test_a_fault_that_quotes_a_file_can_be_shown_on_a_terminal():
    sets = [{"name": name, "task": "shape", "dataset": {"name": "scenes"}} for name in "ab"]
    with pytest.raises(StudyError) as caught:
        study_from_document(
            {
                "name": "mine",
                "dataset": {"name": "several", "sets": sets},
                "treednn": {"cut": 1, "grafts": {"a": "\x1b[31m"}},
            },
            "study.toml",
        )
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("layouts", "said"),
    [
        ("[1]", "\"oracle.layouts.0\" is '1': it should be text."),
        ("[[[0, 1]]]", "\"oracle.layouts.0\" is '[[0, 1]]': it should be text."),
        ("1", "\"oracle.layouts\" is '1': it should be 'all' or a list."),
        ('"none"', "\"oracle.layouts\" is 'none': it should be 'all' or a list."),
    ],
)
def test_a_value_of_several_forms_is_named_by_its_key_and_all_forms_are_said(layouts, said):
    with pytest.raises(StudyError) as fault:
        parse_study(f'name = "m"\ntasks = ["depth", "edges"]\n[oracle]\nlayouts = {layouts}')
    assert str(fault.value) == f"study.toml: {said}"
