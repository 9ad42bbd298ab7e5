"""What a TreeDNN study asks for, and what is refused."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.backbones import Backbone, Block
from core.errors import FamilyError, StudyError
from core.families.layouts import runs as layouts
from core.families.layouts.request import TableRequest
from core.families.treednn.branch import BranchPlan, make_branch, shapes
from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.request import TreeRequest
from core.families.treednn.runs import DedicatedRun, SpecialisedRun
from core.families.treednn.specification import BranchSpecification, most_block_params, trees_of
from core.families.treednn.submission import TreeSubmission, expand
from core.jobs.submission import extended, kept_weights, requested_runs, with_parents
from core.networks.plan import BackbonePlan
from core.studies.expand import trainings
from core.studies.family import read_run
from core.studies.several_specification import SeveralSpecification
from core.studies.specification import StudySpecification, parse_study
from core.studies.study_file import write_study
from core.tasks import Kind, Task

TEXT = """\
name = "several"
[dataset]
name = "several"
size = 16
[[dataset.sets]]
name = "digits"
task = "class"
dataset = { name = "digits", size = 16, n_train = 60 }
[[dataset.sets]]
name = "far"
task = "depth"
dataset = { n_train = 40, n_validation = 8, n_test = 8, size = 16 }
[[dataset.sets]]
name = "odd"
task = "parity"
dataset = { name = "digits", size = 16, n_train = 60 }
[training]
epochs = 2
batch_size = 16
[treednn]
seeds = [3, 4]
cut = 2
epochs = 1
weights = { digits = 0.5 }
grafts = { odd = "most alike" }
"""


@pytest.fixture
def study():
    return parse_study(TEXT)


def test_a_study_of_several_sets_takes_its_tasks_from_them(study):
    assert isinstance(study.dataset, SeveralSpecification)
    assert study.tasks == ("digits", "far", "odd")
    assert study.requested(TableRequest) is None
    assert layouts.expand(study) == []


def test_every_run_comes_after_those_it_starts_from(study):
    runs = with_parents(expand(study))
    assert [run.key for run in runs] == [run.key for run in trainings(study)]
    seen = set()
    for run in runs:
        assert {parent.key for parent in run.parents} <= seen
        seen.add(run.key)
    kinds = [run.kind for run in runs if run.label.seed == 3]
    assert sorted(kinds) == sorted(["generalised", *["specialised"] * 2, *["dedicated"] * 3, "grafted"])


def test_a_graft_needs_every_branch_and_its_own_network_where_the_most_alike_is_sought(study):
    *_, graft = expand(study)
    assert [run.kind for run in graft.parents] == ["generalised", "specialised", "specialised", "dedicated"]
    assert graft.measured_tasks == ("odd",)
    fresh = parse_study(TEXT.replace('"most alike"', '"fresh"'))
    assert [run.kind for run in expand(fresh)[-1].parents] == ["generalised"]
    like = parse_study(TEXT.replace('"most alike"', '"far"'))
    assert [run.measured_tasks[-1] for run in expand(like)[-1].parents] == ["far", "far"]


def test_trees_and_what_others_start_from_keep_their_weights(study):
    runs = expand(study)
    kept = kept_weights(runs)
    bare = [run for run in runs if run.key not in kept]
    # A rival is only measured; that of a graft is looked into.
    assert [(run.kind, run.measured_tasks) for run in bare] == [("dedicated", ("digits",)), ("dedicated", ("far",))] * 2


def test_the_weights_and_grafts_of_branches_reach_the_tree(study):
    tree = trees_of(study)[0]
    assert [(branch.name, branch.weight) for branch in tree.branches] == [("digits", 0.5), ("far", 1.0)]


def test_a_run_is_known_by_what_it_learns_and_not_by_where(study):
    moved = study.model_copy(update={"training": study.training.model_copy(update={"threads": 2, "device": "auto"})})
    assert [run.key for run in expand(moved)] == [run.key for run in expand(study)]
    deeper = parse_study(TEXT.replace("cut = 2", "cut = 3"))
    same = {run.key for run in expand(study)} & {run.key for run in expand(deeper)}
    # A network of its own has no trunk, so another cut has the same rivals.
    assert same == {run.key for run in expand(study) if run.kind == "dedicated"}


def test_runs_survive_the_way_to_a_worker(study):
    for run in expand(study):
        assert read_run(run.kind, run.model_dump_json()) == run


def test_more_seeds_can_be_asked_for(study):
    more = extended(study, [TreeSubmission((3, 9))])
    assert more.requested(TreeRequest).seeds == (3, 4, 9)
    assert {run.label.seed for run in requested_runs(more, [TreeSubmission((9,))])} == {9}
    with pytest.raises(StudyError, match="requests no TreeDNN"):
        extended(parse_study('name = "x"\ntasks = ["depth", "edges"]'), [TreeSubmission((1,))])


def test_the_study_file_says_all_of_it(study):
    assert parse_study(write_study(study)) == study


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("cut = 2", "cut = 6", "the cut 6 lies outside the backbone. Choose 0 to 5"),
        ("cut = 2", "cut = -1", "treednn.cut"),
        ("cut = 2\n", "", '"treednn.cut" is missing'),
        ("digits = 0.5", "nobody = 1", 'a branch "nobody" that no data set has'),
        ("digits = 0.5", "digits = 0, far = 0", "the weights of all branches are 0"),
        ("digits = 0.5", "digits = -1", "should be 0 or more"),
        ("digits = 0.5", "digits = nan", "finite"),
        ('odd = "most alike"', 'odd = "nobody"', 'a graft starts from "nobody"'),
        ('odd = "most alike"', 'odd = "odd"', 'a graft starts from "odd"'),
        ('odd = "most alike"', 'odd = "fresh", far = "fresh", digits = "fresh"', "no tree is left to graft them onto"),
        ("batch_size = 16", "batch_size = 2\n[table]\nseeds = [1]", r"no \[table\]"),
        ('name = "odd"', 'name = "far"', "used twice"),
        ('name = "odd"', 'name = "a;b"', "layouts and tables use as a mark"),
        ('task = "parity"', 'question = "parity"', '"dataset.sets.2.question" is not a key|task" is missing'),
        ('dataset = { name = "digits", size = 16, n_train = 60 }\n[training]', "[training]", 'dataset" is missing'),
        ('{ name = "digits", size = 16, n_train = 60 }\n[[', '{ name = "several", sets = [] }\n[[', "several"),
        ("[treednn]", "[affinity]\nseeds = [1]\n[treednn]", r"no \[affinity\]"),
        ("seeds = [3, 4]", "seeds = [3, 3]", "a seed appears twice"),
        ("cut = 2", f"cut = {'1' * 5000}", "thousands of digits"),
        ("cut = 2", f"cut = 0x{'F' * 5000}", "treednn.cut. is a number with thousands of digits"),
        ("seeds = [3, 4]", f"seeds = [0x{'F' * 5000}]", "thousands of digits"),
        ("size = 16, n_train = 60 }\n[[", "size = 1 }\n[[", '"dataset.sets.0.dataset.size" is'),
        ('name = "odd"', 'name = "fresh"', 'a branch is called "fresh", which says what a graft starts from'),
        ('name = "odd"', 'name = "most alike"', 'a branch is called "most alike"'),
        ('odd = "most alike"', 'odd = "far" }\nwidths = { odd = 2', "differ in width or depth"),
        ('odd = "most alike"', 'odd = "far" }\ndepths = { far = 1', "differ in width or depth"),
    ],
)
def test_what_makes_no_tree_is_refused_in_a_sentence(old, new, sentence):
    assert old in TEXT
    with pytest.raises(StudyError, match=sentence) as caught:
        parse_study(TEXT.replace(old, new))
    assert str(caught.value).count("\n") == 0


def test_several_sets_without_a_tree_and_a_tree_without_several_sets_are_refused():
    with pytest.raises(StudyError, match=r"Add \[treednn\]"):
        parse_study(TEXT[: TEXT.index("[treednn]")])
    with pytest.raises(StudyError, match=r"\[treednn\] needs several data sets"):
        parse_study('name = "x"\ntasks = ["depth", "edges"]\n[treednn]\ncut = 1')


PARTS = """
name = "parts"
tasks = ["class", "parity", "loop"]
dataset = { name = "digits", size = 16, n_train = 60 }
[treednn]
parts = true
seeds = [3, 4]
cut = 1
"""


def test_tasks_of_one_data_set_learn_from_parts_of_its_pictures_that_share_none():
    study = parse_study(PARTS)
    assert not study.requested(TableRequest)
    runs = expand(study)
    assert len(runs) == 2 * (1 + 3 + 3)
    first, *_ = runs
    assert first.kind == "generalised"
    assert [branch.data.dataset.part for branch in first.tree.branches] == [(0, 3), (1, 3), (2, 3)]
    assert first.measured_sets[0].dataset.passes(1) == 20
    assert len({run.key for run in runs}) == len(runs)
    for run in runs:
        assert read_run(run.kind, run.model_dump_json()) == run


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("parts = true", "", "parts = true"),
        ("parts = true", 'parts = "yes"', "true"),
        ("n_train = 60", "n_train = 60, part = [3, 3]", r"part = \[0, 3\]"),
    ],
)
def test_a_tree_of_one_data_set_says_what_it_lacks(old, new, sentence):
    with pytest.raises(StudyError, match=sentence):
        parse_study(PARTS.replace(old, new))


def test_a_graft_may_start_from_a_branch_that_is_built_like_it():
    text = TEXT.replace('odd = "most alike" }', 'odd = "far" }\nwidths = { odd = 2, far = 2 }')
    assert expand(parse_study(text))[-1].like == "far"


def test_a_network_that_a_graft_is_compared_with_is_asked_for_once():
    alone = parse_study(TEXT + "dedicated = false\n")
    kinds = [(run.kind, run.measured_tasks) for run in expand(alone) if run.label.seed == 3]
    assert kinds.count(("dedicated", ("odd",))) == 1
    assert [kind for kind, _ in kinds].count("dedicated") == 1
    assert len({run.key for run in expand(alone)}) == len(expand(alone))


def test_runs_are_never_compared_value_by_value(monkeypatch, study):
    # Each of thousands with all before it took minutes, also for who only opens a study.
    def never(one, other):
        raise AssertionError(f"{one} was compared with {other}")

    monkeypatch.setattr(GraftedRun, "__eq__", never)
    monkeypatch.setattr(DedicatedRun, "__eq__", never)
    monkeypatch.setattr(SpecialisedRun, "__eq__", never)
    assert len(with_parents(expand(study))) == 14


NAMES = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters=",;|()[]{}<>\"'`\\/"), min_size=1, max_size=64
)


@given(st.data())
def test_any_study_of_several_sets_comes_back_from_its_file(data):
    draw = data.draw
    names = draw(st.lists(NAMES, min_size=2, max_size=40, unique=True))
    assume(not {"fresh", "most alike"} & {*names})
    grafts = draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names) - 1))
    weights, depths = st.floats(0.001, 1e6), st.integers(-40, 40)
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    drawn = st.sampled_from(
        [
            {"name": "digits"},
            {"name": "scenes", "noise": 0.1, "n_train": 8},
            {"name": "folder", "path": "/ä ö/“x”"},
            {"name": "planted", "relatedness": draw(st.floats(0, 1))},
        ]
    )
    asked = StudySpecification.model_validate(
        {
            "name": "any",
            "title": draw(texts),
            "description": draw(texts),
            "dataset": {
                "name": "several",
                "size": draw(st.integers(16, 256)),
                "sets": [{"name": name, "task": draw(texts), "dataset": draw(drawn)} for name in names],
            },
            "training": {"batch_size": 64, "learning_rate": draw(st.floats(1e-12, 10))},
            "treednn": {
                "seeds": draw(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=5, unique=True)),
                "cut": draw(st.integers(0, 5)),
                "length": draw(st.sampled_from(["longest", "shortest", "paper"])),
                "weights": draw(st.dictionaries(st.sampled_from(names), weights)),
                "depths": draw(st.dictionaries(st.sampled_from(names), depths)),
                "grafts": {name: draw(st.sampled_from(["fresh", "most alike"])) for name in grafts},
                "dedicated": draw(st.booleans()),
            },
        }
    )
    again = parse_study(write_study(asked))
    assert again == asked
    assert [run.key for run in expand(again)] == [run.key for run in expand(asked)]


def test_more_branches_than_rows_in_a_batch_are_refused():
    text = TEXT.replace("batch_size = 16", "batch_size = 2").replace('grafts = { odd = "most alike" }', "")
    with pytest.raises(StudyError, match="a batch of 2 rows can't hold one of each of 3 data sets"):
        parse_study(text)


@pytest.mark.parametrize(("width", "depth"), [(1.0, 0), (0.5, 0), (2.0, 0), (4.0, 0), (1.7, 3), (1.0, 4), (0.3, 2)])
def test_no_branch_has_more_parameters_than_said(width, depth):
    plan = BackbonePlan("small_residual(width=6)", (16, 16))
    blocks = plan.blocks()
    through = shapes(blocks, (16, 16))
    profile = Backbone(
        "b",
        tuple(
            Block(str(n), sum(p.numel() for p in block.parameters()), 1, through[n + 1])
            for n, block in enumerate(blocks)
        ),
        (3, 16, 16),
    )
    data = parse_study(TEXT).dataset.sets[0]
    branch = BranchSpecification(data=data, width=width, depth=depth)
    task = Task.usual("x", Kind.CLASSIFICATION, 4)
    for cut in (0, 1, 2, 4):
        try:
            made = make_branch(plan, cut, BranchPlan("x", task, (16, 16), width, depth), blocks, through)
        except FamilyError:
            continue  # too few blocks for this depth
        n = sum(p.numel() for p in made.blocks.parameters())
        assert n <= most_block_params(profile, cut, [branch], with_trunk=False)
        if width == 1 and not depth:
            assert n == most_block_params(profile, cut, [branch], with_trunk=False)


def test_another_learning_rate_of_the_second_phase_changes_what_follows_from_it_alone(study):
    slower = parse_study(TEXT + "learning_rate = 0.001\n")
    changed = {run.kind for run, other in zip(expand(study), expand(slower), strict=True) if run.key != other.key}
    assert changed == {"specialised", "grafted"}
    for run in expand(slower):
        rate = 0.001 if isinstance(run, SpecialisedRun) else study.training.learning_rate
        assert run.settings.learning_rate == rate
        assert read_run(run.kind, run.model_dump_json()).key == run.key
    seen = set()
    for run in with_parents(expand(slower)):
        assert {parent.key for parent in run.parents} <= seen
        seen.add(run.key)
    assert write_study(slower).count("learning_rate = 0.001") == 1
