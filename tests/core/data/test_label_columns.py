"""What columns of labels are taken for, and what is asked."""

import numpy as np
import pytest
from PIL import Image

from core.data.fingerprint import with_fingerprint
from core.data.folder import folder_facts, folder_source
from core.data.label_columns import MAX_UNASKED, column_of, facts_of
from core.data.number_scale import scaled
from core.errors import DataError
from core.studies.dataset_specification import FolderSpecification
from core.tasks import Kind, Task

AGES = [str(n) for n in range(20, 20 + MAX_UNASKED + 1)]


def test_decimals_are_numbers_to_predict_and_empty_cells_are_missing():
    column = column_of("age", ["1.5", "", "41", "-2.25"])
    assert (column.task.kind, column.task.n_outputs, column.class_names) == (Kind.REGRESSION, 1, ())
    np.testing.assert_array_equal(column.target, np.float32([[1.5], [np.nan], [41], [-2.25]]))


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,5", "2,25", "3"], [1.5, 2.25, 3]),
        (["12.5 %", "40 %"], [12.5, 40]),
        (["1,234.5", "7"], [1234.5, 7]),
        (["1e-3", "2.5e2"], [1e-3, 250]),
        (["−1.5", "+2"], [-1.5, 2]),
    ],
)
def test_numbers_are_read_as_people_write_them(cells, values):
    np.testing.assert_allclose(column_of("age", cells, "regression").target[:, 0], np.float32(values))


def test_a_few_whole_numbers_are_classes_also_where_a_program_wrote_them_with_a_point():
    column = column_of("rank", ["1.0", "0.0", "", "10.0", "1.0", "0.0", "10.0"])
    assert (column.task.kind, column.class_names) == (Kind.CLASSIFICATION, ("0", "1", "10"))
    assert column.target.tolist() == [1, 0, -1, 2, 1, 0, 2]


def test_many_whole_numbers_are_asked_about_and_every_answer_is_taken():
    with pytest.raises(DataError, match=r"21 different whole numbers from 20 to 40") as asked:
        column_of("age", AGES * 2)
    assert 'age = "regression"' in str(asked.value)
    kinds = {kind: column_of("age", AGES * 2, kind).task for kind in ("regression", "classification", "ordinal")}
    assert {kind: task.kind.value for kind, task in kinds.items()} == {kind: kind for kind in kinds}
    assert kinds["ordinal"].n_outputs == kinds["classification"].n_outputs == len(AGES)
    # As earlier versions had it, so that studies that exist go on.
    assert column_of("age", AGES * 2, ask=False).task == kinds["classification"]


def test_ordered_classes_have_the_order_of_their_numbers_or_the_one_that_is_given():
    assert column_of("n", ["10", "2.5", "10", "2.5", "-1", "-1"], "ordinal").class_names == ("-1", "2.5", "10")
    words = column_of("size", ["small", "large", "mid", "", "mid", "small", "large"], ("small", "mid", "large"))
    assert (words.task.kind, words.class_names) == (Kind.ORDINAL, ("small", "mid", "large"))
    assert words.target.tolist() == [0, 2, 1, -1, 1, 0, 2]


@pytest.mark.parametrize(
    ("cells", "kind", "sentence"),
    [
        (["a", "b"] * 2, "ordinal", "holds words, whose order nobody knows"),
        (["a", "b"] * 2, ("a", "c"), 'holds "b", which is not in its order'),
        (["1", "b"] * 2, "regression", 'holds "b", which is no number'),
        (["1e300", "1"], "regression", "no number up to"),
        (["7.5", "7.5"], "regression", "one number only"),
        (["a;b", "a"] * 2, "classification", "two labels"),
        (["1,234", "2,345"], "regression", "may be"),
    ],
)
def test_cells_that_do_not_fit_a_kind_get_a_sentence(cells, kind, sentence):
    with pytest.raises(DataError, match=sentence) as caught:
        column_of("n", cells, kind)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("cells", [["x", "x"], ["a", "b", "c"], ["", ""], ["7.5", "7.5"]])
def test_a_column_that_can_be_no_task_says_how_to_leave_it_out(cells):
    with pytest.raises(DataError, match=r'If it is no task, write "photo id" = "ignore" below \[dataset\.kinds\]'):
        column_of("photo id", cells)


def test_facts_say_what_a_column_holds_and_ask_instead_of_failing():
    age = facts_of("age", [*AGES, *AGES, ""])
    assert (age.kind, age.n_labelled, age.n_missing) == (None, 2 * len(AGES), 1)
    assert "different whole numbers" in age.question
    assert age.choices == (Kind.CLASSIFICATION, Kind.ORDINAL, Kind.REGRESSION)
    assert (age.low, age.middle, age.high) == (20, 30, 40)
    sex = facts_of("sex", ["f", "m", "f", "f"])
    assert (sex.kind, sex.counts, sex.choices) == (None, (("f", 3), ("m", 1)), (Kind.CLASSIFICATION,))
    assert facts_of("sex", ["f", "m", "f", "m", "f"]).baseline == "60.0 % f"
    assert facts_of("age", ["1.5", "2", "9"]).baseline == "median 2"
    assert facts_of("id", AGES, "ignore").question == ""


def folder_with(path, ages):
    rows = []
    for number, age in enumerate(ages):
        Image.new("RGB", (16, 16), (number * 5 % 256, 0, 0)).save(path / f"{number}.png")
        rows.append(f"{number}.png,{age},{'ab'[number % 2]}")
    (path / "labels.csv").write_text("\n".join(["file,age,half", *rows]))


def test_a_folder_is_asked_about_once_and_what_is_said_needlessly_changes_no_key(tmp_path):
    folder_with(tmp_path, AGES * 2)
    plain = FolderSpecification(name="folder", path=str(tmp_path), size=16)
    with pytest.raises(DataError, match="Numbers to predict, or classes"):
        with_fingerprint(plain)
    assert [each.kind for each in folder_facts(plain)] == [None, Kind.CLASSIFICATION]
    as_classes, as_numbers = (
        with_fingerprint(plain.model_copy(update={"kinds": (("age", kind), ("half", "classification"))}))
        for kind in ("classification", "regression")
    )
    assert "kinds" not in as_classes.model_dump()
    assert as_numbers.model_dump()["kinds"] == {"age": "regression"}
    assert folder_source(as_classes).tasks[0].kind is Kind.CLASSIFICATION
    source = folder_source(as_numbers)
    train = source.labels["age"][source.rows["train"], 0].astype(float)
    assert source.tasks[0].mean == pytest.approx([train.mean()])
    assert source.tasks[0].std == pytest.approx([train.std()])


def test_kinds_name_columns_that_are_there(tmp_path):
    folder_with(tmp_path, AGES)
    wrong = FolderSpecification.model_validate({"name": "folder", "path": str(tmp_path), "kinds": {"ages": "ignore"}})
    with pytest.raises(DataError, match=r'names the column "ages", which labels\.csv has not'):
        folder_source(wrong)


@pytest.mark.parametrize("kinds", [{"a": "number"}, {"a": []}, {"a": ["x", "x"]}, {"a": 3}, {"": "ignore"}])
def test_kinds_of_no_sense_are_refused(kinds):
    with pytest.raises(ValueError, match="kinds"):
        FolderSpecification.model_validate({"name": "folder", "path": "x", "kinds": kinds})


def test_numbers_that_are_all_alike_in_training_can_not_be_learned():
    task, rows = Task.usual("age", Kind.REGRESSION, 1), np.array([0, 1])
    with pytest.raises(DataError, match="fewer than two different numbers"):
        scaled(task, np.float32([[1], [1], [2]]), rows)
    assert scaled(task, np.float32([[1], [3], [9]]), rows).mean == (2,)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([f"{1.6e9 + k / 4}" for k in range(40)], r"steps of 128 there.*Subtract 1\.6e\+09"),
        ([str(10**9 + k) for k in range(40)], r"from 1000000000 to 1000000039; .*steps of 64"),
        (["-1e-45", "1e-45", "0.5e-45"], r"smaller unit"),
    ],
)
def test_numbers_that_single_precision_runs_together_are_refused_with_the_way_out(cells, sentence):
    with pytest.raises(DataError, match=sentence):
        column_of("time", cells, "regression")


@pytest.mark.parametrize("cells", [["0.3", "0.30000000000000004", "0.7"], ["2019.5", "2024"], ["1.6e9", "1.7e9"]])
def test_numbers_that_single_precision_tells_apart_are_taken(cells):
    assert column_of("time", cells, "regression").target.shape == (len(cells), 1)


def test_studies_that_are_there_keep_numbers_that_are_asked_about_now():
    cells = [f"{1.6e9 + k}" for k in range(400)]
    assert len(np.unique(column_of("time", cells, "regression", ask=False).target)) > 1
