import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.label_columns import column_of
from core.data.labels_file import read_labels
from core.errors import DataError
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
        ("", 'first column of labels.csv should be called "file"'),
        ("picture,a,b\nx,1,2\n", 'should be called "file". Found "picture"'),
        ("file,a,b\n", "names no picture"),
        ("file,a,b\nx.png,1\n", "Row 2 of labels.csv has 2 cells; the header has 3"),
        ("file,a,a\nx.png,1,1\n", 'the column "a" twice'),
        ("file,a,\nx.png,1,1\n", "1 to 64 characters"),
        ("file,a,b|c\nx.png,1,1\n", r"holds '\|'"),
        ("file,a\nx.png,1\n", "2 to 40 tasks"),
        ("file,a,b,Split\nx.png,1,1,train\n", 'column "Split". Write "split"'),
        ("file,a,b,split\nx.png,1,1,dev\n", 'Row 2 .* has the split "dev"'),
        ("file,a,b,split\nx.png,1,1,train\ny.png,1,1,test\n", "no picture in the validation split"),
        ("file,a,b\nx.png,1,1\nx.png,1,1\n", 'the picture "x.png" 2 times'),
        ("file,a,b\n../x.png,1,1\n", 'the picture "../x.png". Name a file inside the folder'),
        ("file,a,b\n/etc/passwd,1,1\n", "inside the folder"),
        ("file,a,b\nC:\\x.png,1,1\n", "inside the folder"),
        ("file,a,b\n,1,1\n", "inside the folder"),
        (b"file,a,b\n\xff.png,1,1\n", "not UTF-8"),
        (b"file,a,b\nx\0.png,1,1\n", "zero byte"),
        ('file,a,b\n"x.png,1,1\n', "no readable CSV"),
    ],
)
def test_an_unsound_file_gets_one_sentence(tmp_path, text, sentence):
    with pytest.raises(DataError, match=sentence) as caught:
        read_labels(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_label_file_gets_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"has no labels\.csv\. Write one with the columns file, task 1"):
        read_labels(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='file,split;ab\n"\r 01.;\t\0é', max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(tmp_path, text):
    try:
        read_labels(write(tmp_path, f"file,a,b\n{text}"))
    except DataError as fault:
        assert "\n" not in str(fault)  # noqa: PT017
