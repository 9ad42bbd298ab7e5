import pytest

from app.studies.draft_model import FIRST_ORACLE_SEED, can_train_all, dataset_of, split_sizes, study_of
from core.errors import StudyError
from core.families.layouts.request import OracleRequest, TableRequest
from core.layouts.counting import count_layouts
from core.studies.dataset_specification import DigitsSpecification

SCENES = {"name": "scenes", "n_train": 100}


def made(**changes):
    given = {
        "dataset": SCENES,
        "tasks": ["depth", "edges"],
        "backbone": {"name": "small-residual", "blocks": 5, "width": 8},
        "training": {"epochs": 3, "patience": None},
        "n_seeds": 2,
    }
    return study_of("My  *rooms*", changes.pop("taken", ()), **(given | changes))


def test_a_study_has_a_free_name_and_asks_for_what_was_chosen():
    study = made(taken={"my-rooms"}, n_oracle_seeds=2)
    assert (study.name, study.title) == ("my-rooms-2", "My *rooms*")
    assert (study.training.epochs, study.training.patience, study.dataset.n_train) == (3, None, 100)
    assert study.requested(TableRequest).seeds == (0, 1)
    assert study.requested(OracleRequest).seeds == (FIRST_ORACLE_SEED, FIRST_ORACLE_SEED + 1)
    assert study.requested(OracleRequest).layouts == "all"
    assert made().requested(OracleRequest) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tasks": []}, "No tasks are chosen"),
        ({"tasks": ["depth"]}, "1 task is chosen"),
        ({"dataset": {"name": "scenes", "n_train": 1}}, "dataset.n_train"),
        ({"dataset": {"name": "nothing"}}, "dataset.name"),
        ({"dataset": {"name": "folder", "path": ""}}, "dataset.path"),
        ({"dataset": {"name": "planted", "tree": "0,1|0;2"}}, "dataset.tree"),
        ({"training": {"epochs": 0}}, "training.epochs"),
        ({"training": {"learning_rate": 0.0}}, "training.learning_rate"),
        ({"backbone": {"name": "other"}}, "backbone.name"),
        ({"n_seeds": 0}, "table.seeds"),
        ({"n_seeds": 101, "n_oracle_seeds": 1}, "seed 100"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_field(changes, words):
    with pytest.raises(StudyError) as fault:
        made(**changes)
    assert words in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_title_without_letters_is_refused():
    with pytest.raises(StudyError, match="has no letter"):
        study_of("***", (), dataset=SCENES, tasks=["a", "b"], backbone={}, training={}, n_seeds=1)


def test_a_data_set_of_some_fields():
    assert dataset_of({"name": "digits", "size": 16}) == DigitsSpecification(name="digits", size=16)
    with pytest.raises(StudyError, match="n_train"):
        dataset_of({"name": "scenes", "n_train": 1})


@pytest.mark.parametrize("n", [8, 500, 4000, 200_000])
def test_every_split_has_a_size_that_is_allowed(n):
    assert dataset_of({"name": "scenes"} | split_sizes(n)).n_train == n


def test_all_layouts_are_trained_only_where_there_are_few():
    assert can_train_all(3, 5)
    assert count_layouts(3, 5) == 51
    assert not can_train_all(5, 5)
    assert not can_train_all(1, 5)
