"""Archives that are damaged, lie or belong to nothing get one sentence, and nothing is written."""

import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BranchwiseError, StudyError
from core.studies import archive as archives
from core.studies.archive import (
    SCHEMA,
    import_archive,
    open_archive,
    write_archive,
)
from tests.core.studies.archive_parts import assert_refused, changed, lying, members, zipped


def test_a_newer_schema_is_refused(content, database):
    newer = changed(content, "study.json", lambda d: d.update(schema=SCHEMA + 1, invention=True))
    assert_refused(newer, database, "made by a newer Branchwise")


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "evil.txt", "study.json/..", "gallery/../study.json"])
def test_members_that_do_not_belong_are_refused(content, database, name):
    assert_refused(zipped(members(content) | {name: b"x"}), database, "is no part of a study")


@pytest.mark.parametrize("name", ["study.json", "runs.json"])
def test_missing_members_are_refused(content, database, name):
    parts = members(content)
    del parts[name]
    assert_refused(zipped(parts), database, name)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_are_there_twice_are_refused(content, database):
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("study.json", b"{}")
    assert_refused(buffer.getvalue(), database, "study.json twice")


def test_a_bomb_is_refused_before_it_unpacks(content, database, monkeypatch):
    monkeypatch.setitem(archives.MEMBERS, "runs.json", 100_000)
    assert_refused(zipped(members(content) | {"runs.json": b" " * 1_000_000}), database, "unpacks to 1,000,000 bytes")


def test_a_huge_file_is_refused(content, database, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ARCHIVE", len(content) - 1)
    assert_refused(content, database, "a study has at most")


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_archive_is_refused(data, database):
    assert_refused(data, database, "no study")


@pytest.mark.parametrize(
    ("member", "change", "sentence"),
    [
        ("study.json", lambda d: d.update(colour=1), "colour"),
        ("study.json", lambda d: d.update(schema="1.5"), "schema"),
        ("study.json", lambda d: d.update(name="../x"), "name"),
        ("study.json", lambda d: d.update(name="other"), 'its specification "small"'),
        ("study.json", lambda d: d.update(kind="table"), "lacks"),
        ("study.json", lambda d: d.update(specification=None), "lacks"),
        ("study.json", lambda d: d.update(task_names=["a", "b", "d"]), "requests the tasks"),
        ("study.json", lambda d: d["tasks"].pop(), "requests the tasks"),
        ("study.json", lambda d: d["tasks"][0].update(metrics=[]), "no metric"),
        ("study.json", lambda d: d["tasks"][0].update(kind="magic"), "kind"),
        (
            "study.json",
            lambda d: d["tasks"][0]["metrics"][0].update(name="pixel accuracy"),
            'lacks the validation value of "pixel accuracy"',
        ),
        ("study.json", lambda d: d["backbone"]["blocks"].pop(), "2 blocks, but its backbone has 1"),
        ("study.json", lambda d: d["backbone"]["blocks"][0].update(params=-1), "params"),
        ("study.json", lambda d: d["specification"].update(tasks=["a"]), "2 to 40 tasks"),
        ("study.json", lambda d: d["specification"]["dataset"].update(n_train=10**9), "n_train"),
        ("runs.json", lambda d: d.pop("runs"), "runs"),
        ("runs.json", lambda d: d["runs"].update({"0" * 32: next(iter(d["runs"].values()))}), "does not request"),
        (
            "runs.json",
            lambda d: next(iter(d["runs"].values())).update(environment=7),
            "an environment it does not list",
        ),
        ("runs.json", lambda d: next(iter(d["runs"].values())).update(environment=-1), "environment"),
        ("runs.json", lambda d: next(iter(d["runs"].values())).update(state="magic"), "state"),
        ("runs.json", lambda d: next(iter(d["runs"].values())).update(seconds=-1), "seconds"),
        ("runs.json", lambda d: next(iter(d["runs"].values()))["metrics"].pop("test"), "lacks the test value"),
    ],
)
def test_a_changed_document_gets_a_sentence(content, database, member, change, sentence):
    assert_refused(changed(content, member, change), database, sentence)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"1e999"])
def test_numbers_that_are_none_are_refused(content, database, word):
    parts = members(content)
    parts["runs.json"] = parts["runs.json"].replace(b'"seconds":1.5', b'"seconds":' + word)
    assert_refused(zipped(parts), database, "runs.json .* again")


def test_a_curve_with_too_few_losses_is_refused(content, database):
    def shorten(document):
        next(iter(document.values()))["steps"].append(150)

    with pytest.raises(StudyError, match="another number of losses"):
        import_archive(changed(content, "curves.json", shorten), database)
    assert not database.path.parent.exists()


def test_pictures_with_python_objects_are_refused(content, database):
    buffer = io.BytesIO()
    np.savez(buffer, input=np.array([{"a": 1}], dtype=object))
    assert_refused(zipped(members(content) | {"gallery.npz": buffer.getvalue()}), database, "header says")


@settings(max_examples=150)
@given(data=st.data())
def test_a_damaged_archive_is_read_or_refused_with_a_sentence(data):
    content = bytearray(DAMAGED)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        open_archive(bytes(content))
    except BranchwiseError as fault:
        assert "\n" not in str(fault)  # noqa: PT017


def _small_table_archive():
    from core.backbones import Backbone, Block
    from core.estimators import TwoTaskTable
    from core.studies.record import StudyRecord

    backbone = Backbone("net", (Block("stem", 10, 100),))
    return write_archive(
        StudyRecord("own", ("a", "b"), backbone, table=TwoTaskTable(("a", "b"), np.zeros((2, 2, 2)))), {}
    )


DAMAGED = _small_table_archive()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payload", {"similarity": {"values": []}}),
        ("confusion", {"test": {"depth": [[1, 2], [3]]}}),
        ("preprocessing", {"size": [16, 16], "channels": 3, "mean": [0.5], "std": [0.2] * 3, "range": 255.0}),
        ("preprocessing", {"size": [16, 16], "channels": 1, "mean": [0.5], "std": [0.0], "range": 255.0}),
        ("preprocessing", {"size": [16, -1], "channels": 1, "mean": [0.5], "std": [0.2], "range": 255.0}),
        ("steps", 2**70),
    ],
)
def test_what_a_run_can_not_have_beside_metrics_is_refused(content, database, field, value):
    def change(document):
        next(iter(document["runs"].values()))[field] = value

    assert_refused(changed(content, "runs.json", change), database, field)


@pytest.mark.parametrize("text", ["1e400", '"\\ud800"'])
@pytest.mark.parametrize("field", ["payload", "preprocessing"])
def test_what_could_be_stored_and_never_be_read_again_is_refused(content, database, field, text):
    value = {"size": [1, 1], "channels": 1, "mean": [0.5], "std": [0.2], "range": "@"}

    def change(document):
        next(iter(document["runs"].values()))[field] = value

    parts = members(changed(content, "runs.json", change))
    assert_refused(
        zipped(parts | {"runs.json": parts["runs.json"].replace(b'"@"', text.encode())}), database, "runs.json"
    )


@pytest.mark.parametrize("data", ["YWJj", "!!!!", "é"])
def test_scores_of_samples_that_are_no_array_are_refused(content, database, data):
    scores = {"any": {"test": {"depth": {"score": "loss", "data": data}}}}
    with pytest.raises(BranchwiseError, match="scores of samples"):
        import_archive(zipped(members(content) | {"samples.json": json.dumps(scores)}), database)
    assert not database.path.parent.exists()


@pytest.mark.parametrize("member", ["runs.json", "curves.json", "study.json", "gallery.npz"])
def test_a_directory_that_lies_costs_no_memory(content, database, member):
    data = lying(content, member, 60_000_000, 1000)
    tracemalloc.start()
    try:
        with pytest.raises(BranchwiseError):
            import_archive(data, database)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert not database.path.parent.exists()


def test_millions_of_steps_are_refused_before_they_become_objects(content, database):
    steps = b'{"x":{"steps":[' + b"1," * 10_000_000 + b'1],"losses":{}}}'
    tracemalloc.start()
    try:
        with pytest.raises(StudyError, match=r"curves.json holds about 10,000,0"):
            import_archive(zipped(members(content) | {"curves.json": steps}), database)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("member", ["curves.json", "samples.json"])
def test_what_belongs_to_no_requested_run_is_refused(content, database, member):
    value = {"steps": [1], "losses": {}} if member == "curves.json" else {}
    parts = members(content)
    document = json.loads(parts.get(member, b"{}")) | {"0" * 32: value}
    with pytest.raises(StudyError, match=f"{member} has the run"):
        import_archive(zipped(parts | {member: json.dumps(document)}), database)


@pytest.mark.parametrize("value", ["1e308", "-1e308", "1e41"])
def test_metrics_whose_sum_is_no_number_are_refused(content, database, value):
    def change(document):
        next(iter(next(iter(document["runs"].values()))["metrics"]["test"].values()))["absolute error"] = "@"

    parts = members(changed(content, "runs.json", change))
    runs = parts["runs.json"].replace(b'"@"', value.encode())
    assert runs != parts["runs.json"]
    assert_refused(zipped(parts | {"runs.json": runs}), database, "runs.json")


@pytest.mark.parametrize("shape", [(1, 0, 0, 3), (0, 8, 8, 3), (1, 1, 5000, 3), (101, 1, 1, 3)])
def test_galleries_without_pictures_or_with_too_many_are_refused(content, database, shape):
    buffer = io.BytesIO()
    np.savez(buffer, input=np.zeros(shape, dtype=np.uint8))
    assert_refused(zipped(members(content) | {"gallery.npz": buffer.getvalue()}), database, "The gallery has")


@pytest.mark.parametrize("text", [b"1e400", b'"\\ud800"', b'"\xed\xa0\x80"', b"NaN"])
@pytest.mark.parametrize("member", ["study.json", "runs.json", "curves.json", "samples.json"])
def test_what_no_file_could_hold_again_is_refused_everywhere(content, database, member, text):
    parts = members(content)
    damaged = b'{"x":' + text + b"," + parts.get(member, b'{"y":1}')[1:]
    with pytest.raises(BranchwiseError, match=member):
        import_archive(zipped(parts | {member: damaged}), database)
    assert not database.path.parent.exists()


def test_the_quota_is_asked_before_anything_is_read_and_before_texts_are_made(content, database, monkeypatch):
    asked = []

    def refuse_from(n):
        def admit(n_bytes):
            asked.append(n_bytes)
            if len(asked) >= n:
                raise StudyError("No room.")

        return admit

    unpacked = sum(map(len, members(content).values()))
    for n, sizes in ((1, [len(content)]), (2, [len(content), unpacked])):
        asked.clear()
        with monkeypatch.context() as patch:
            patch.setattr(archives, "read_record", None)
            with pytest.raises(StudyError, match="No room"):
                import_archive(content, database, admit=refuse_from(n))
        assert asked == sizes
    asked.clear()
    with pytest.raises(StudyError, match="No room"):
        import_archive(content, database, admit=refuse_from(3))
    assert asked[2] == sum(len(r.model_dump_json()) for r in open_archive(content).results.values())
    assert not database.path.parent.exists()


def test_an_archive_that_is_cut_short_is_not_described_by_one_inside_it():
    inner, outer = io.BytesIO(), io.BytesIO()
    np.savez(inner, values=np.zeros(3))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("study.json", "{}")
        archive.writestr("table.npz", inner.getvalue())
    whole = outer.getvalue()
    for length in (len(whole) - 30, len(whole) - 10, 60):
        with pytest.raises(StudyError, match=r"cut short.*study\.json"):
            open_archive(whole[:length])
