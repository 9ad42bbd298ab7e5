import tomllib

from hypothesis import given
from hypothesis import strategies as st

from core.families.layouts.request import OracleRequest, TableRequest
from core.studies.dataset_specification import DigitsSpecification, FolderSpecification, ScenesSpecification
from core.studies.specification import BackboneSpecification, StudySpecification, TrainingSettings, parse_study
from core.studies.study_file import write_study

# What a title or a path may hold; lone surrogates are no text.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PATH = TEXT.filter(lambda text: text.strip() == text and text.isprintable() and text)
DATASETS = st.one_of(
    st.builds(ScenesSpecification, n_train=st.integers(8, 1000), noise=st.floats(0, 1), seed=st.integers(0, 9)),
    st.builds(DigitsSpecification, name=st.just("digits"), validation=st.floats(0.01, 0.25)),
    st.builds(FolderSpecification, name=st.just("folder"), path=PATH, fingerprint=st.sampled_from(["", "a" * 32])),
)
STUDIES = st.builds(
    StudySpecification,
    name=st.just("mine"),
    title=TEXT,
    description=TEXT,
    dataset=DATASETS,
    tasks=st.just(("a", "b c", "ü-ß")),
    backbone=st.builds(BackboneSpecification, width=st.integers(2, 256)),
    training=st.builds(
        TrainingSettings,
        optimizer=st.sampled_from(["adamw", "sgd", "nesterov"]),
        learning_rate=st.floats(1e-7, 10.0),
        patience=st.none() | st.integers(1, 9),
    ),
    table=st.builds(TableRequest, seeds=st.sampled_from([(0,), (0, 1, 2), (5, 3)])),
    oracle=st.none() | st.builds(OracleRequest, layouts=st.sampled_from(["all", ("0,1,2|0,1,2|0,1,2|0,1;2|0;1;2",)])),
)


@given(STUDIES)
def test_a_study_comes_back_from_its_file(asked):
    assert parse_study(write_study(asked)) == asked


def test_a_reader_finds_what_counts_also_where_it_is_the_default():
    document = tomllib.loads(write_study(StudySpecification(name="mine", tasks=("depth", "edges"))))
    assert document["dataset"] == {"name": "scenes"}
    assert document["table"] == {"seeds": [0, 1, 2]}
    assert "training" not in document


def test_a_file_says_that_there_is_no_table():
    asked = StudySpecification(name="mine", tasks=("depth", "edges"), table=None, oracle=OracleRequest())
    document = tomllib.loads(write_study(asked))
    assert document["table"] is False
    assert parse_study(write_study(asked)) == asked
