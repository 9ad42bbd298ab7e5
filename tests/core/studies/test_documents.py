import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.affinity import Similarity
from core.errors import BranchwiseError, StudyError
from core.estimators import TwoTaskTable
from core.studies import documents
from core.studies.documents import read_table, table_npz, write_npz


def test_tasks_survive_json(record):
    text = documents.write_json(documents.tasks_document(record.tasks))
    assert documents.read_tasks(documents.read_json(text, "tasks")) == record.tasks


def test_a_similarity_survives_json_to_six_digits():
    values = np.sin(np.arange(18.0)).reshape(2, 3, 3)
    values = (values + values.transpose(0, 2, 1)) / 2
    values[:, range(3), range(3)] = 1.0
    text = documents.write_json(documents.similarity_document(Similarity(values, 3, 50)))
    again = documents.read_similarity(documents.read_json(text, "x"), 3, 2)
    np.testing.assert_allclose(again.values, values, atol=5.1e-7)
    assert (again.seed, again.n_pictures) == (3, 50)
    assert documents.write_json(documents.similarity_document(again)) == text


def test_a_gallery_survives_npz(record):
    again = documents.read_gallery(documents.gallery_npz(record.gallery))
    np.testing.assert_array_equal(again.inputs, record.gallery.inputs)
    assert again.targets.keys() == record.gallery.targets.keys()
    for name, pictures in again.targets.items():
        np.testing.assert_array_equal(pictures, record.gallery.targets[name])


def test_labels_of_a_gallery_survive_npz(record):
    labels = {"kind": ("owl", "–"), "marks": ("red, blue", "none")}
    gallery = replace(record.gallery, labels=labels)
    again = documents.read_gallery(documents.gallery_npz(gallery))
    assert again.labels == labels
    assert again.targets.keys() == gallery.targets.keys()
    assert documents.read_gallery(documents.gallery_npz(record.gallery)).labels == {}


@pytest.mark.parametrize(
    "labels",
    [
        b"",
        b"[1]",
        b'{"a": 1}',
        b'{"a": ["x"]}',
        b'{"a": ["x", 2]}',
        b"\xff",
        ('{"a": ["x", "%s"]}' % ("y" * 201)).encode(),
    ],
)
def test_labels_of_another_form_are_refused(labels):
    arrays = {"input": np.zeros((2, 4, 4, 3), np.uint8), "labels": np.frombuffer(labels, np.uint8)}
    with pytest.raises(StudyError, match="gallery") as caught:
        documents.read_gallery(documents.write_npz(arrays))
    assert "\n" not in str(caught.value)


def test_a_header_that_ends_in_the_middle_is_refused():
    content = bytearray(npy(np.arange(4)))
    content[content.index(b"}")] = ord("(")
    with pytest.raises(StudyError, match="can't be read"):
        documents.read_npz(zipped(values=bytes(content)), "thing")


def test_a_table_survives_npz_with_its_holes(table_record):
    again = documents.read_table(documents.table_npz(table_record.table), ("a", "b", "c"))
    np.testing.assert_array_equal(again.values, table_record.table.values)
    assert again.stderr is None
    assert again.samples is None


def test_equal_arrays_give_equal_bytes(record):
    assert documents.gallery_npz(record.gallery) == documents.gallery_npz(record.gallery)


@pytest.mark.parametrize("text", ["NaN", '{"x": Infinity}', "[-Infinity]", "", "{", "[" * 100_000, "1" * 5000, b"\xff"])
def test_what_is_no_json_gets_a_sentence(text):
    with pytest.raises(StudyError, match="thing"):
        documents.read_json(text, "thing")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "kind", "metrics", "blocks", "n_outputs", "seed", "n_pictures", "values"]),
                inner,
            )
        ),
        max_leaves=10,
    )
)
def test_any_document_is_read_or_refused_with_a_sentence(document):
    for read in (documents.read_tasks, documents.read_backbone, lambda d: documents.read_similarity(d, 3, 2)):
        try:
            read(document)
        except BranchwiseError as fault:
            assert "\n" not in str(fault)  # noqa: PT017


@given(st.binary(max_size=300))
def test_any_bytes_are_no_npz(data):
    with pytest.raises(StudyError, match="thing"):
        documents.read_npz(data, "thing")


@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_damaged_npz_is_read_or_refused(place, change):
    data = bytearray(documents.write_npz({"values": np.arange(24.0).reshape(2, 3, 4)}))
    data[place % len(data)] ^= change
    try:
        found = documents.read_npz(bytes(data), "thing")
    except StudyError as fault:
        assert "\n" not in str(fault)  # noqa: PT017
    else:
        assert all(array.size <= 24 for array in found.values())


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_python_objects_are_not_unpickled():
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(StudyError, match="not what its header says"):
        documents.read_npz(zipped(values=buffer.getvalue()), "thing")


def test_a_header_that_promises_too_much_is_refused_before_anything_is_allocated():
    lying = npy(np.zeros((2, 3))).replace(b"(2, 3)", b"(2000000000, 3000)"[:6])
    assert len(lying) == len(npy(np.zeros((2, 3))))
    huge = npy(np.zeros(4)).replace(b"(4,), }" + b" " * 14, b"(99999999999999,), }" + b" ")
    with pytest.raises(StudyError, match="not what its header says"):
        documents.read_npz(zipped(values=huge), "thing")


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "MAX_UNPACKED", 1_000)
    with pytest.raises(StudyError, match="unpacks to 8,128 bytes"):
        documents.read_npz(zipped(values=npy(np.zeros(1000))), "thing")


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"input": np.zeros((2, 4, 4), np.uint8)},
        {"input": np.zeros((2, 4, 4, 3), np.float64)},
        {"input": np.zeros((2, 4, 4, 3), np.uint8), "target:a": np.zeros((2, 4, 5, 3), np.uint8)},
    ],
)
def test_a_gallery_of_other_arrays_is_refused(arrays):
    with pytest.raises(StudyError, match="gallery"):
        documents.read_gallery(documents.write_npz(arrays))


def test_a_table_of_other_numbers_is_refused():
    with pytest.raises(StudyError, match="float64"):
        documents.read_table(documents.write_npz({"values": np.zeros((2, 2, 3), np.int64)}), ("a", "b"))
    with pytest.raises(BranchwiseError, match="shape"):
        documents.read_table(documents.write_npz({"values": np.zeros((2, 2))}), ("a", "b"))


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"samples": np.zeros((0, 2, 2, 3))}, "no seed"),
        ({"samples": np.full((2, 2, 2, 3), [0.0, 1.0, 1.0])}, "not the means"),
        ({"samples": np.zeros((2, 3, 3, 3))}, "samples should have"),
        ({"stderr": np.full((2, 2, 3), -1.0)}, "zero or more"),
        ({"stderr": np.full((2, 2, 3), np.inf)}, "beyond"),
        ({"values": np.full((2, 2, 3), 1e41)}, "beyond"),
    ],
)
def test_a_table_that_contradicts_itself_is_one_sentence(arrays, sentence):
    with pytest.raises(BranchwiseError, match=sentence):
        read_table(write_npz({"values": np.zeros((2, 2, 3)), **arrays}), ("a", "b"))


def test_a_table_with_seeds_is_read_again():
    samples = np.random.default_rng(0).normal(size=(3, 2, 2, 3))
    samples[..., 0] = 0.0
    samples[0, 0, 1, 2] = np.nan
    table = TwoTaskTable.from_samples(("a", "b"), samples)
    np.testing.assert_array_equal(read_table(table_npz(table), ("a", "b")).samples, samples)
