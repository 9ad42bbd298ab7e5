import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.folder import folder_source
from core.data.label_columns import column_of
from core.data.labels_file import read_labels
from core.errors import DataError
from core.studies.dataset_specification import FolderSpecification
from core.tasks import Kind


def write(folder, text):
    (folder / "labels.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_numbers_are_classes_in_numeric_order():
    column = column_of("n", ["10", "9", "", "10", "9", "-1", "-1"])
    assert column.class_names == ("-1", "9", "10")
    assert column.target.tolist() == [2, 1, -1, 2, 1, 0, 0]
    assert (column.task.kind, column.task.n_outputs) == (Kind.CLASSIFICATION, 3)


def test_words_are_classes_in_alphabetic_order():
    column = column_of("n", ["b", "10", "a", "a", "b", "10"])
    assert column.class_names == ("10", "a", "b")
    assert column.target.tolist() == [2, 0, 1, 1, 2, 0]


def test_a_semicolon_makes_a_column_multi_label():
    column = column_of("n", ["red;blue", "blue", "", ";", " red ; red", "blue;"])
    assert column.class_names == ("blue", "red")
    assert (column.task.kind, column.task.n_outputs) == (Kind.MULTI_LABEL, 2)
    np.testing.assert_array_equal(column.target, [[1, 1], [1, 0], [np.nan] * 2, [0, 0], [0, 1], [1, 0]])


@given(st.lists(st.sampled_from(["", "a", "b", "c", "a;b", ";", "b;c"]), min_size=1, max_size=30))
def test_targets_can_be_turned_back_into_the_cells(cells):
    try:
        column = column_of("n", cells)
    except DataError as fault:
        assert "\n" not in str(fault)  # noqa: PT017
        return
    for cell, target in zip(cells, column.target, strict=True):
        if column.task.kind is Kind.CLASSIFICATION:
            assert (column.class_names[target] if target >= 0 else "") == cell
        elif cell == "":
            assert np.isnan(target).all()
        else:
            found = [name for name, flag in zip(column.class_names, target, strict=True) if flag]
            assert found == sorted(set(cell.split(";")) - {""})


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["", ""], 'Column "n" of labels.csv is empty'),
        (["a", "a"], "one class only"),
        (["a", "a", "b"], 'Class "b" of column "n" of labels.csv has one picture only'),
        (["a;b", "a"], 'Class "b" .* has one picture only'),
        (["0.5", "0.5", "b", "b"], 'holds the number 0.5 and "b", which is none'),
        ([f"n{i // 2}" for i in range(2002)], "1,001 classes; at most 1,000"),
    ],
)
def test_a_column_that_is_no_task_gets_a_sentence(cells, sentence):
    with pytest.raises(DataError, match=sentence):
        column_of("n", cells)


def test_a_sound_file_is_read(tmp_path):
    text = "\ufefffile , split,a,b\nx.png, train ,1, u\n\ny/z.png,validation,,v\n w.png,test,2,u\n"
    found = read_labels(write(tmp_path, text))
    assert found.files == ("x.png", "y/z.png", "w.png")
    assert found.splits == ("train", "validation", "test")
    assert found.columns == {"a": ("1", "", "2"), "b": ("u", "v", "u")}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "labels.csv is empty"),
        ("thing,a,b\nx,1,2\n", 'be called "file". Found "thing", "a", "b"'),
        ("x.png,1\ny.png,2\n", 'names the picture "x.png" and no columns'),
        ("image,picture,a\nx,1,2\n", 'may name the pictures: "image", "picture"'),
        ("file,a,b\n", "names no picture"),
        ("file,a,b\nx.png,1\n", "Row 2 of labels.csv has 2 cells, the header 3"),
        ("file,a,a\nx.png,1,1\n", 'the column "a" twice'),
        ("file,a,\nx.png,1,1\n", "in column 3, which has no header"),
        ("file,a,b|c\nx.png,1,1\n", r"holds '\|'"),
        ("file\nx.png\n", "0 columns of labels. Give it 1 to 40"),
        ("file,a,b,split\nx.png,1,1,mine\n", 'Row 2 .* has the split "mine"'),
        ("file,a,b,split\ny.png,1,1,test\n", "no picture in the train split"),
        ("file,a,b\nx.png,1,1\nx.png,1,1\n", 'the picture "x.png" 2 times'),
        ("file,a,b\n../x.png,1,1\n", 'the picture "../x.png". Name a file inside the folder'),
        ("file,a,b\n/etc/passwd,1,1\n", "inside the folder"),
        ("file,a,b\nC:\\x.png,1,1\n", "inside the folder"),
        ("file,a,b\n,1,1\n", "inside the folder"),
        (b"file,a,b\n\xff\x01.png,1,1\n", "not UTF-8"),
        (b"file,a,b\nx\0.png,1,1\n", "zero byte"),
        ('file,a,b\n"x.png,1,1\n', "no readable CSV"),
    ],
)
def test_an_unsound_file_gets_one_sentence(tmp_path, text, sentence):
    with pytest.raises(DataError, match=sentence) as caught:
        read_labels(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_label_file_gets_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"has no labels\.csv, .* Write one with the columns file, task 1"):
        read_labels(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='file,split;ab\n"\r 01.;\t\0é', max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(tmp_path, text):
    try:
        read_labels(write(tmp_path, f"file,a,b\n{text}"))
    except DataError as fault:
        assert "\n" not in str(fault)  # noqa: PT017


TABLE = [["file", "Farbe", "Größe"], ["a.png", "rot", "klein"], ["b.png", "grün", ""]]


def written(rows, delimiter=","):
    return "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"


@pytest.mark.parametrize(
    "data",
    [
        written(TABLE, ";").encode("cp1252"),
        written(TABLE, "\t").encode("utf-16"),
        written(TABLE, "|").encode("utf-8-sig"),
        written([[*row, "", ""] for row in TABLE]).encode(),
        written([[str(n - 1) if n else "", *row] for n, row in enumerate(TABLE)]).encode(),
        written([[str(n) if n else "Unnamed: 0", *row] for n, row in enumerate(TABLE)], ";").encode(),
        written([["Image Index", *TABLE[0][1:]], *TABLE[1:]]).encode(),
        written([["Bild", *TABLE[0][1:]], *TABLE[1:]]).encode(),
        written([["FILE", *TABLE[0][1:]], *TABLE[1:]]).encode(),
        written([[*row[1:], row[0]] for row in TABLE]).encode(),
        ("sep=;\r\n" + written(TABLE, ";")).encode(),
        written([*TABLE[:2], ["b.png", "grün", "NaN"]]).encode(),
        written([*TABLE[:2], ["b.png", "grün", "n/a"]]).encode(),
        written([*TABLE[:2], ["b.png", "grün", "–"]]).encode(),
    ],
)
def test_a_table_is_read_however_it_is_written(tmp_path, data):
    found = read_labels(write(tmp_path, data))
    assert found.files == ("a.png", "b.png")
    assert found.columns == {"Farbe": ("rot", "grün"), "Größe": ("klein", "")}
    assert found.splits is None


def test_words_that_say_nothing_are_missing_beside_numbers_and_counted(tmp_path):
    found = read_labels(write(tmp_path, "file,age,kind\na,1.5,none\nb,None,x\nc,null,none\n"))
    assert found.columns == {"age": ("1.5", "", ""), "kind": ("none", "x", "none")}
    assert found.missing == {"age": 2}
    assert found.remarks[-1] == '2 cells of "age" hold "None" or "null" and are read as missing labels.'


@pytest.mark.parametrize("word", ["n/a", "NaN", "<NA>", "–"])
def test_the_word_that_stands_for_a_missing_label_is_quoted_as_it_is_written(tmp_path, word):
    found = read_labels(write(tmp_path, f"file,age,kind\na,1,x\nb,{word},y\nc,2,x\n"))
    assert found.remarks[-1] == f'1 cell of "age" holds "{word}" and is read as a missing label.'


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("split", ["train", "val", "test"]),
        ("Split", ["Train", "Valid", "Test"]),
        ("subset", ["TRAINING", "dev", "testing"]),
        ("partition", ["0", "1", "2"]),
        ("set", ["train_set", "validation-set", "test set"]),
    ],
)
def test_splits_are_understood_by_their_synonyms(tmp_path, title, words):
    rows = "".join(f"{n}.png,1,{word}\n" for n, word in enumerate(words))
    found = read_labels(write(tmp_path, f"file,a,{title}\n{rows}"))
    assert found.splits == ("train", "validation", "test")
    assert [*found.columns] == ["a"]


def test_a_set_of_something_else_is_a_task(tmp_path):
    found = read_labels(write(tmp_path, "file,set\na,tea\nb,test\n"))
    assert (found.splits, found.columns) == (None, {"set": ("tea", "test")})


def test_a_split_that_nobody_drew_is_drawn_from_training(tmp_path):
    rows = "".join(f"{n}.png,{n % 2},{'test' if n >= 40 else 'train'}\n" for n in range(50))
    for n in range(50):
        (tmp_path / f"{n}.png").write_bytes(b"")
    found = read_labels(write(tmp_path, f"file,a,split\n{rows}"))
    assert any("validation" in remark for remark in found.remarks)
    split = folder_source(FolderSpecification(name="folder", path=str(tmp_path))).rows
    assert split["test"].tolist() == [*range(40, 50)]
    assert sorted([*split["train"], *split["validation"]]) == [*range(40)]
    assert len(split["validation"]) == 8


def test_a_workbook_of_labels_is_read(tmp_path):
    from core.estimators.workbook import write_workbook_rows

    (tmp_path / "labels.xlsx").write_bytes(write_workbook_rows([["file", "age"], ["a.png", 1.5], ["b.png", ""]]))
    assert read_labels(tmp_path).columns == {"age": ("1.5", "")}


@pytest.mark.parametrize(("name", "remarks"), [("Labels.CSV", 0), ("labels.TSV", 0), ("annotations.csv", 1)])
def test_the_label_file_may_have_another_name(tmp_path, name, remarks):
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / name).write_text("file,age\na.png,1.5\n")
    found = read_labels(tmp_path)
    assert (found.name, found.columns, len(found.remarks)) == (name, {"age": ("1.5",)}, remarks)


def test_of_two_tables_of_other_names_none_is_guessed(tmp_path):
    for name in ("a.png", "one.csv", "two.csv"):
        (tmp_path / name).write_text("file,age\na.png,1.5\n")
    with pytest.raises(DataError, match=r"has no labels\.csv"):
        read_labels(tmp_path)


def test_pictures_of_no_split_are_left_out_and_counted(tmp_path):
    rows = "".join(f"{n}.png,{n % 2},{('train', 'val', 'test', '')[n % 4]}\n" for n in range(16))
    for n in range(16):
        (tmp_path / f"{n}.png").write_bytes(b"")
    found = read_labels(write(tmp_path, f"Labels of June\nfile,a,split\n{rows}"))
    assert "4 pictures have an empty split and are left out." in found.remarks
    split = folder_source(FolderSpecification(name="folder", path=str(tmp_path))).rows
    assert {name: each.tolist() for name, each in split.items()} == {
        "train": [0, 4, 8, 12],
        "validation": [1, 5, 9, 13],
        "test": [2, 6, 10, 14],
    }
