"""Columns that look like splits, or whose points and commas mean two things, are asked about and never guessed."""

import pytest

from core.data.folder import columns_of, folder_facts
from core.data.labels_file import read_labels
from core.errors import DataError
from core.studies.dataset_specification import FolderSpecification
from core.tasks import Kind


def folder_of(tmp_path, title, cells, mark=","):
    rows = "".join(f"{n}.png{mark}{n % 2}{mark}{cell}\n" for n, cell in enumerate(cells))
    (tmp_path / "labels.csv").write_text(f"file{mark}v{mark}{title}\n{rows}")
    return FolderSpecification(name="folder", path=str(tmp_path))


@pytest.mark.parametrize(
    ("title", "cells", "mark", "sentence"),
    [
        ("is_train", ["True", "False"], ",", "looks like splits"),
        ("isTest", ["0", "1"], ",", "looks like splits"),
        ("validation_set", ["yes", "no"], ",", "looks like splits"),
        ("fold", ["0", "1", "2", "3", "4"], ",", "looks like splits"),
        ("cv_fold", ["0", "1", "2"], ",", "looks like splits"),
        ("set", ["tea", "test"], ",", "looks like splits"),
        ("price", ["1.000", "10.270", "30.870"], ";", "Thousands or decimals"),
        ("price", ["900", "10.270", "30.870"], ";", "Thousands or decimals"),
        ("price", ["1,000", "10,270", "900"], ";", "Thousands or decimals"),
        ("price", ['"1,000"', '"10,270"'], ",", "Thousands or decimals"),
    ],
)
def test_what_only_people_know_is_asked(tmp_path, title, cells, mark, sentence):
    said = folder_of(tmp_path, title, cells * 4, mark)
    with pytest.raises(DataError, match=sentence) as asked:
        columns_of(said, read_labels(tmp_path))
    assert title in str(asked.value)
    assert sentence in folder_facts(said)[1].question
    ignored = said.model_copy(update={"kinds": ((title, "ignore"),)})
    assert [column.task.name for column in columns_of(ignored, read_labels(tmp_path))] == ["v"]


@pytest.mark.parametrize(
    ("title", "cells", "mark", "kind"),
    [
        ("train", ["steam", "diesel"], ",", Kind.CLASSIFICATION),
        ("te", ["0", "1"], ",", Kind.CLASSIFICATION),
        ("test_score", ["0.5", "1.5"], ",", Kind.REGRESSION),
        ("price", ["1.234", "2.345"], ",", Kind.REGRESSION),
        ("price", ["1.000", "0.270"], ";", Kind.REGRESSION),
        ("price", ["1,5", "10,270"], ";", Kind.REGRESSION),
    ],
)
def test_what_is_clear_is_not_asked(tmp_path, title, cells, mark, kind):
    said = folder_of(tmp_path, title, cells * 4, mark)
    assert columns_of(said, read_labels(tmp_path))[1].task.kind == kind


def test_a_kind_answers_the_question(tmp_path):
    said = folder_of(tmp_path, "fold", ["0", "1", "2", "3"] * 4)
    answered = said.model_copy(update={"kinds": (("fold", "classification"),)})
    assert columns_of(answered, read_labels(tmp_path))[1].task.kind == Kind.CLASSIFICATION
    assert folder_facts(answered)[1].question == ""


def test_studies_that_are_there_read_their_columns_as_before(tmp_path):
    said = folder_of(tmp_path, "fold", ["0", "1", "2", "3"] * 4).model_copy(update={"fingerprint": "a" * 64})
    assert columns_of(said, read_labels(tmp_path))[1].task.kind == Kind.CLASSIFICATION
