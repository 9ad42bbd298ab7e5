import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.errors import StudyError
from core.families.layouts.runs import expand as layout_trainings
from core.studies import bundled
from core.studies.dataset_specification import (
    DigitsSpecification,
    FolderSpecification,
    PlantedSpecification,
    ScenesSpecification,
)
from core.studies.several_specification import DatasetSpecification
from core.studies.specification import parse_study

MINIMAL = 'name = "x"\ntasks = ["a", "b"]\n'
ANY = TypeAdapter(DatasetSpecification)
NAMES = ("scenes", "digits", "planted", "folder", "arrays", "cifar10", "cifar100", "stl10", "caltech101", "caltech256")
FINGERPRINT = "0123456789abcdef" * 2


def dataset(text):
    return parse_study(f"{MINIMAL}[dataset]\n{text}").dataset


def key(specification):
    study = parse_study(MINIMAL).model_copy(update={"dataset": specification})
    return layout_trainings(study)[0].key


@pytest.mark.parametrize("text", ["", "n_train = 4000", 'name = "scenes"', 'name = "scenes"\nsize = 32'])
def test_without_a_name_it_is_scenes(text):
    assert dataset(text) == ScenesSpecification() == parse_study(MINIMAL).dataset


def test_keys_of_scenes_are_those_of_the_studies_that_are_shipped():
    assert ScenesSpecification().model_dump(mode="json") == {
        "name": "scenes",
        "n_train": 4000,
        "n_validation": 1000,
        "n_test": 1000,
        "size": 32,
        "noise": 0.05,
        "seed": 0,
    }
    asked = bundled.open_bundled("scenes").record.specification
    assert asked.dataset == ScenesSpecification()
    assert [layout_trainings(asked)[place].key for place in (0, -1)] == [
        "d0631a1ed1f546c69916963a5493e9ea",
        "0b36fde57569178a04069e3dec97524f",
    ]


@pytest.mark.parametrize("name", [*NAMES, "svhn", "celeba"])
def test_every_set_is_told_by_its_name_and_survives_json(name):
    document = {"name": name} | ({"path": "/data"} if name not in ("scenes", "digits", "planted") else {})
    found = ANY.validate_python(document)
    assert found.name == name
    assert ANY.validate_json(found.model_dump_json()) == found
    assert found.in_folder == ("path" in document)


def test_where_the_data_lie_is_no_part_of_a_key_once_they_have_a_fingerprint():
    here, there = (FolderSpecification(name="folder", path=path) for path in ("/here", "/there"))
    assert key(here) != key(there)
    known = {"fingerprint": FINGERPRINT}
    assert key(here.model_copy(update=known)) == key(there.model_copy(update=known)) != key(here)
    assert key(here.model_copy(update={"fingerprint": FINGERPRINT[::-1]})) != key(here.model_copy(update=known))
    assert key(here.model_copy(update={**known, "size": 32})) != key(here.model_copy(update=known))


@pytest.mark.parametrize(
    "changes", [{"size": 16}, {"seed": 1}, {"validation": 0.1}, {"test": 0.1}], ids=lambda changes: next(iter(changes))
)
def test_every_other_field_is_part_of_a_key(changes):
    digits = DigitsSpecification(name="digits")
    assert key(digits) != key(digits.model_copy(update=changes)) != key(ScenesSpecification())


def test_a_tree_is_written_in_one_way():
    assert dataset('name = "planted"\ntree = "1,0|1;0"').tree == "0,1 | 0;1"
    assert key(PlantedSpecification(name="planted", tree="1,0|1;0")) == key(
        PlantedSpecification(name="planted", tree="0,1 | 0;1")
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('name = "web"', "\"dataset.name\" is 'web': choose from 'scenes', 'digits'"),
        ("name = 3", '"dataset.name" is'),
        ('name = "digits"\nn_test = 5', '"dataset.n_test" is not a key'),
        ("n_train = 5", '"dataset.n_train" is .*8 or more'),
        ('name = "folder"', '"dataset.path" is missing'),
        ('name = "folder"\npath = ""', '"dataset.path"'),
        ('name = "folder"\npath = "a\\u0000b"', "no character that can't be shown"),
        ('name = "folder"\npath = "a\\nb"', "no character that can't be shown"),
        ('name = "folder"\npath = " a"', "no space at either end"),
        ('name = "folder"\npath = "a"\nfingerprint = "x"', '"dataset.fingerprint"'),
        ('name = "digits"\nvalidation = 0.5', '"dataset.validation"'),
        ('name = "planted"\ntree = "0,1 | 0;1 | 0,1"', "re-joined at block 2"),
        ('name = "planted"\ntree = "0"', "2 to 12 tasks"),
        ('name = "planted"\nrelatedness = 1.5', '"dataset.relatedness"'),
        ('name = "cifar10"\npath = "a"\nparts = 6', '"dataset.parts"'),
    ],
)
def test_a_bad_data_set_gets_one_sentence(text, sentence):
    with pytest.raises(StudyError, match=sentence) as caught:
        dataset(text)
    assert "\n" not in str(caught.value)


@given(
    st.dictionaries(st.sampled_from(["name", "path", "size", "tree", "seed"]), st.none() | st.integers() | st.text())
)
def test_any_document_is_a_data_set_or_a_fault(document):
    try:
        found = ANY.validate_python(document)
    except ValidationError:
        return
    assert ANY.validate_python(found.model_dump()) == found
