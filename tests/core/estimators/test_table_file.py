import io
import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.errors import BranchwiseError, DataError, TableError
from core.estimators import TwoTaskTable, read_table, read_table_path, write_table
from core.estimators.table_file import LARGEST_FILE

NAMES = st.lists(
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda name: name and name.isprintable() and not set(name) & set(",;|()[]{}<>\"'`\\/")),
    min_size=2,
    max_size=4,
    unique_by=lambda name: "".join(name.casefold().split()),
).filter(lambda names: not all(name.isdigit() for name in names))
INDICES = st.integers(2, 4).map(lambda n: [str(i) for i in range(n)])
NUMBERS = st.floats(-1e9, 1e9) | st.floats(-10, 10)


def _cells(shape, elements):
    return hnp.arrays(np.float64, shape, elements=elements)


def _settled(values):
    values[..., 0] = 0.0
    diagonal = np.arange(values.shape[-2])
    values[..., diagonal, diagonal, :] = 0.0
    return values


@st.composite
def tables(draw, names=NAMES | INDICES):
    tasks = draw(names)
    shape = (len(tasks), len(tasks), draw(st.integers(1, 4)) + 1)
    values = _settled(draw(_cells(shape, NUMBERS | st.just(np.nan))))
    kind = draw(st.sampled_from(["means", "stderr", "samples"]))
    if kind == "means":
        return TwoTaskTable(tuple(tasks), values)
    if kind == "stderr":
        return TwoTaskTable(tuple(tasks), values, _settled(draw(_cells(shape, st.floats(0, 9) | st.just(np.nan)))))
    samples = _settled(draw(_cells((draw(st.integers(1, 3)), *shape), st.floats(-10, 10) | st.just(np.nan))))
    return TwoTaskTable.from_samples(tasks, samples)


def _same(a, b):
    if a is None or b is None:
        return a is b
    return np.array_equal(a, b, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(["csv", "xlsx"]))
def test_tidy_round_trip_keeps_every_number(table, kind):
    again = read_table(write_table(table, "tidy", kind), f"table.{kind}")
    assert again.tasks == table.tasks
    assert _same(again.values, table.values)
    assert _same(again.stderr, table.stderr)
    assert _same(again.samples, table.samples)


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(["csv", "xlsx"]))
def test_wide_round_trip_keeps_the_means(table, kind):
    again = read_table(write_table(table, "wide", kind), f"table.{kind}")
    assert again.tasks == table.tasks
    assert _same(again.values, table.values)


@settings(max_examples=60, deadline=None)
@given(tables(), st.randoms(use_true_random=False), st.sampled_from(["wide", "tidy"]))
def test_the_order_of_rows_and_columns_does_not_matter(table, random, form):
    import csv

    rows = list(csv.reader(io.StringIO(write_table(table, form).decode())))
    columns = list(range(len(rows[0])))
    random.shuffle(columns)
    body = rows[1:]
    random.shuffle(body)
    out = io.StringIO()
    csv.writer(out).writerows([row[c] for c in columns] for row in [rows[0], *body])
    again = read_table(out.getvalue().encode(), "table.csv")
    assert again.tasks == table.tasks
    assert _same(again.values, table.values)


def _small():
    values = _settled(np.arange(36.0).reshape(3, 3, 4))
    return TwoTaskTable(("0", "1", "2"), values)


VALID_FILES = {(form, kind): write_table(_small(), form, kind) for form in ("wide", "tidy") for kind in ("csv", "xlsx")}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["t.csv", "t.xlsx", "t.xlsm", "t.tsv", "t", "\0.csv", ".csv"]))
def test_random_bytes_give_a_sentence(data, name):
    _read_or_refuse(data, name)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [
                    "branch",
                    "(0, 1)-0",
                    "(0, 1)-1",
                    "(1, 0)-0",
                    "0",
                    "1",
                    "2",
                    "x",
                    "",
                    "inf",
                    "1e999",
                    "task_a",
                    "task_b",
                    "branch_point",
                    "task",
                    "value",
                    "seed",
                    "stderr",
                    "-1",
                    "nan",
                ]
            ),
            max_size=7,
        ),
        max_size=6,
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_plausible_cells_in_any_arrangement_give_a_sentence(rows, delimiter):
    text = "\n".join(delimiter.join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)
    _read_or_refuse(text.encode(), "t.csv")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["wide", "tidy"]), st.sampled_from(["csv", "xlsx"]), st.data())
def test_damaged_files_give_a_sentence(form, kind, data):
    _read_or_refuse(_damaged(VALID_FILES[form, kind], data), f"t.{kind}")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["wide", "tidy"]), st.data())
def test_workbooks_damaged_inside_give_a_sentence(form, data):
    parts = _parts(VALID_FILES[form, "xlsx"])
    victim = data.draw(st.sampled_from(sorted(parts)))
    if data.draw(st.booleans()):
        parts[victim] = _damaged(parts[victim], data)
    else:
        del parts[victim]
    _read_or_refuse(_zipped(parts), "t.xlsx")


def _read_or_refuse(data, name):
    try:
        table = read_table(data, name)
    except (TableError, DataError) as fault:
        message = str(fault)
        assert message.endswith(".")
        assert "\n" not in message
        assert len(message) < 600
    else:
        assert isinstance(table, TwoTaskTable)
        assert not np.isinf(table.values).any()


def _damaged(content, data):
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(damaged) - 1, 0)))
        what = data.draw(st.sampled_from(["replace", "delete", "insert", "cut", "swap digit"]))
        if what == "cut":
            del damaged[at:]
        elif what == "delete":
            del damaged[at : at + data.draw(st.integers(1, 30))]
        elif what == "insert":
            damaged[at:at] = data.draw(st.binary(min_size=1, max_size=9) | st.sampled_from([b"9" * 5000, b'"', b"\0"]))
        elif damaged:
            damaged[at] = data.draw(st.integers(0, 255)) if what == "replace" else ord("7")
    return bytes(damaged)


def _parts(workbook):
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"x" * (LARGEST_FILE + 1), "big.csv", ["big.csv", "20.0 MB", "at most 20 MB"]),
        (b"", "empty.csv", ["empty.csv is empty"]),
        (b"a,b\n1,2", "t.csv", ['neither the column "branch"', "task_a"]),
        (b"branch", "t.pdf", [".csv or .xlsx", ".pdf"]),
        (b"branch,x", "t.xlsx", ["no Excel workbook"]),
    ],
)
def test_a_file_that_is_no_table_is_refused(data, name, words):
    with pytest.raises(TableError) as fault:
        read_table(data, name)
    for word in words:
        assert word in str(fault.value)


def test_a_workbook_called_csv_is_read_as_what_it_is():
    assert read_table(write_table(_small(), kind="xlsx"), "renamed.csv").n_tasks == 3


def test_paths_are_read_and_missing_ones_are_named(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(write_table(_small()))
    assert _same(read_table_path(path).values, _small().values)
    with pytest.raises(TableError, match=r"absent\.csv.*can't be opened"):
        read_table_path(tmp_path / "absent.csv")
    with pytest.raises(TableError, match="can't be opened"):
        read_table_path(tmp_path)
    with pytest.raises(BranchwiseError):
        read_table_path("a\0b.csv")


def test_names_that_would_be_read_as_other_indices_are_not_written():
    with pytest.raises(TableError, match="read as indices"):
        write_table(_small().restricted([0, 2]))
    with pytest.raises(TableError, match="wide or tidy"):
        write_table(_small(), "long")


def test_names_that_differ_only_in_capitals_or_spaces_are_refused():
    header = "task_a,task_b,branch_point,task,value\n"
    for twin in ("Seg", "se g"):
        rows = f"seg,depth,1,seg,1\n{twin},depth,2,{twin},2"
        with pytest.raises(TableError, match=rf'"seg" and "{twin}", which differ only in capitals or spaces'):
            read_table((header + rows).encode(), "t.csv")


def test_a_device_is_refused_before_it_is_read():
    with pytest.raises(TableError, match="device or a pipe"):
        read_table_path("/dev/zero")


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(TableError, match="device or a pipe"):
        read_table_path(tmp_path / "t.csv")


@pytest.mark.parametrize("twin", ["Seg", "s eg"])
@pytest.mark.parametrize("form", ["wide", "tidy"])
def test_a_stored_study_whose_names_differ_only_in_capitals_exports_its_table(form, twin):
    values = np.zeros((2, 2, 2))
    values[0, 1, 1] = 2.5
    written = write_table(TwoTaskTable(("seg", twin), values), form)
    assert f"seg, {twin}" in written.decode().replace("seg,", "seg, ").replace("  ", " ")
    assert b"2.5" in written
    with pytest.raises(TableError, match="differ only in capitals or spaces"):
        read_table(written, "t.csv")
