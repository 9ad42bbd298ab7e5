import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.arrays import arrays_source
from core.data.arrays_file import read_arrays_file
from core.data_roots import VARIABLE
from core.errors import DataError
from core.studies.dataset_specification import ArraysSpecification
from core.tasks import Kind


def asked(path):
    return ArraysSpecification(name="arrays", path=str(path))


def test_a_target_of_every_kind(arrays_file):
    data = arrays_source(asked(arrays_file())).dataset()
    assert [task.kind for task in data.tasks] == [
        Kind.CLASSIFICATION,
        Kind.MULTI_LABEL,
        Kind.SEGMENTATION,
        Kind.NORMALS,
        Kind.DEPTH,
        Kind.REGRESSION_MAP,
    ]
    assert data.size == (16, 20)
    assert [len(s) for s in (data.train, data.validation, data.test)] == [12, 6, 6]
    train = data.train.targets
    assert {name: target.dtype.name for name, target in train.items()} == {
        "room": "int64",
        "marks": "float32",
        "floor plan": "uint8",
        "normals": "float32",
        "depth": "float32",
        "flow": "float32",
    }
    assert (train["floor plan"][:, 3] == 255).all()
    assert np.isnan(train["depth"][:, :, :2]).all()
    assert data.n_labelled("train", "room") == 12 - 3
    assert data.class_names == {"room": ("kitchen", "bath", "hall")}


def test_pictures_may_have_channels_first_last_or_none(arrays_file):
    rng = np.random.default_rng(0)
    first = rng.integers(0, 256, (24, 3, 16, 20)).astype(np.uint8)
    one = arrays_source(asked(arrays_file(pictures=first))).dataset()
    other = arrays_source(asked(arrays_file(pictures=np.moveaxis(first, 1, 3)))).dataset()
    assert np.array_equal(one.train.pictures, other.train.pictures)
    grey = arrays_source(asked(arrays_file(pictures=first[:, 0]))).dataset()
    assert np.array_equal(grey.train.pictures, np.repeat(one.train.pictures[:, :1], 3, axis=1))


def test_without_a_split_array_the_splits_are_drawn(arrays_file):
    path = arrays_file()
    path.write_text(path.read_text().replace('split = "split"\n', ""))
    source = arrays_source(asked(path))
    assert [len(part) for part in source.rows.values()] == [14, 5, 5]


MEDMNIST = (
    'file = "rooms.npz"\npictures = "images"\n[tasks.cell]\nkind = "classification"\nn_outputs = 8\ntarget = "labels"\n'
)


def in_splits(*sizes, **changes):
    """Return images and labels, one array of each per split, as MedMNIST has them; they may be replaced."""
    found = {}
    for split, n in zip(("train", "val", "test"), sizes, strict=True):
        found[f"{split}_images"] = np.full((n, 28, 28), len(found), np.uint8)
        found[f"{split}_labels"] = np.arange(n, dtype=np.uint8)[:, None] % 8
    return found | changes


def test_one_array_per_split_keeps_its_splits(arrays_file):
    data = arrays_source(asked(arrays_file(MEDMNIST, **in_splits(16, 9, 8)))).dataset()
    assert [len(each) for each in (data.train, data.validation, data.test)] == [16, 9, 8]
    assert [{*np.unique(each.pictures)} for each in (data.train, data.validation, data.test)] == [{0}, {2}, {4}]
    assert data.test.targets["cell"].tolist() == [*range(8)]
    # An array of that name comes first.
    whole = in_splits(16, 9, 8, images=np.full((24, 28, 28), 9, np.uint8), labels=np.arange(24) % 8)
    assert np.unique(arrays_source(asked(arrays_file(MEDMNIST, **whole))).dataset().train.pictures).tolist() == [9]


@pytest.mark.parametrize(
    ("toml", "changes", "sentence"),
    [
        ("", {"val_images": np.zeros((9, 32, 32), np.uint8)}, "one type and, but for their length, one shape"),
        ("", {"val_images": np.zeros((0, 28, 28), np.uint8)}, "none should be empty"),
        ("", {"val_images": None}, 'no array "images". It holds'),
        ("", {"valid_images": np.zeros((9, 28, 28), np.uint8)}, 'no array "images". It holds'),
        (
            "",
            {"val_labels": np.zeros((8, 1), np.uint8), "test_labels": np.zeros((9, 1), np.uint8)},
            "not in the same splits",
        ),
        ("", {"labels": np.arange(33) % 8}, "16 . 9 . 8, and one array"),
        ("", {"val_labels": np.zeros((8, 1), np.uint8)}, "16 . 9 . 8, and 16 . 8 . 8"),
        (
            "",
            {
                "train_images": np.full((16, 8, 8), 0.5),
                "val_images": np.full((9, 8, 8), 0.5),
                "test_images": np.full((8, 8, 8), 200.0),
            },
            "up to 0.5, 0.5, 200 in training",
        ),
        ('split = "split"', {}, "Leave out split"),
    ],
)
def test_arrays_per_split_that_do_not_go_together_get_one_sentence(arrays_file, toml, changes, sentence):
    with pytest.raises(DataError, match=sentence):
        arrays_source(asked(arrays_file(f"{toml}\n{MEDMNIST}", **in_splits(16, 9, 8, **changes))))


def test_two_arrays_of_one_name_are_refused(arrays_file):
    toml = arrays_file(MEDMNIST, **in_splits(16, 9, 8))
    (npz,) = toml.parent.glob("*.npz")
    with zipfile.ZipFile(npz, "a") as archive:
        archive.writestr("train_labels", archive.read("train_labels.npy"))
    with pytest.raises(DataError, match='two arrays "train_labels"'):
        arrays_source(asked(toml))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pictures": np.zeros((24, 16, 20, 3), np.float32) - 1}, "hold values from -1 to -1.*standardised"),
        ({"pictures": np.full((24, 16, 20, 3), np.nan)}, "hold values from nan"),
        ({"pictures": np.full((24, 16, 20, 3), 300.0)}, "float64 from 300 to 300"),
        ({"pictures": np.zeros((24, 16, 20, 5), np.uint8)}, "all of one size"),
        ({"pictures": np.zeros((24, 1, 16, 1), np.uint8)}, "all of one size"),
        ({"pictures": np.zeros((0, 16, 20, 3), np.uint8)}, "all of one size"),
        ({"pictures": None}, 'no array "pictures". It holds: areas'),
        ({"depth": None}, 'no array "depth"'),
        ({"depth": np.ones((24, 20, 16))}, r'"depth" .* kind depth should be \[n, 1, height, width\]'),
        ({"depth": np.zeros((24, 1, 16, 20))}, "depths of zero or less"),
        ({"depth": np.full((24, 1, 16, 20), np.inf)}, "infinite"),
        ({"depth": np.full((24, 1, 16, 20), 1e300)}, "infinite"),
        ({"normals": np.ones((24, 3, 16, 20))}, "length is not 1"),
        ({"normals": np.full((24, 3, 16, 20), 1e30)}, "length is not 1"),
        ({"marks": np.full((24, 4), 0.5)}, "other than 0 and 1"),
        ({"room": np.full(24, 3)}, "a target is 3. Class numbers run from 0 to 2"),
        ({"room": np.full(24, 0.5)}, "decimal numbers; classes are"),
        ({"room": np.zeros((24, 2))}, "float64"),
        ({"room": np.full(24, -1)}, 'No picture of the train split has a label for "room"'),
        ({"areas": np.full((24, 16, 20), 5)}, "a target is 5"),
        ({"areas": np.zeros((24, 8, 8), np.uint8)}, r"\[24, 8, 8\], 24 pictures are 16 × 20"),
        ({"split": np.zeros(24, int)}, "each at least once"),
        ({"split": np.zeros(5, int)}, r"should be \[24\]"),
        ({"room": np.array([{"a": 1}] * 24, dtype=object)}, "Python objects, which are never read"),
        ({"pictures": np.array([np.zeros((2, 2)), np.zeros((3, 3))] * 12, dtype=object)}, "Python objects"),
    ],
)
def test_unsound_arrays_get_one_sentence(arrays_file, changes, sentence):
    with pytest.raises(DataError, match=sentence) as caught:
        arrays_source(asked(arrays_file(**changes))).dataset()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("file = ", "not valid TOML"),
        ('file = "rooms.npz"', '"tasks" is missing'),
        ('file = "rooms.npz"\n[tasks.a]\nkind = "x"\nn_outputs = 1', '"tasks.a.kind"'),
        ('file = "rooms.npz"\ncolour = 1\n[tasks.a]\nkind = "depth"\nn_outputs = 1', '"colour"'),
        ('file = "rooms.npz"\n[tasks.a]\nkind = "depth"\nn_outputs = 2\n[tasks.b]', '"tasks.b.kind"'),
        ('file = "rooms.npz"\n[tasks]', "describes 0 tasks. Describe 1 to 40"),
        (
            'file = "rooms.npz"\n[tasks.a]\nkind = "classification"\nn_outputs = 3\nclasses = ["x"]\n'
            '[tasks.b]\nkind = "depth"\nn_outputs = 1',
            '1 classes of task "a" and has n_outputs = 3',
        ),
    ],
)
def test_an_unsound_description_gets_one_sentence(arrays_file, toml, sentence):
    with pytest.raises(DataError, match=sentence) as caught:
        read_arrays_file(arrays_file(toml))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(50), None])
def test_what_is_no_npz_gets_a_sentence(arrays_file, content):
    path = arrays_file()
    npz = path.with_name("rooms.npz")
    if content is None:
        npz.unlink()
    else:
        npz.write_bytes(content)
    with pytest.raises(DataError, match=r"can't be read as NPZ|There is no file"):
        arrays_source(asked(path))


def test_a_header_that_promises_too_much_is_refused_before_anything_is_allocated(arrays_file):
    path = arrays_file()
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(4, np.uint8))
    huge = buffer.getvalue().replace(b"(4,), }" + b" " * 14, b"(99999999999999,), }" + b" ")
    with zipfile.ZipFile(path.with_name("rooms.npz"), "a") as archive:
        archive.writestr("more.npy", huge)
    with pytest.raises(DataError, match=r'"more" of rooms\.npz is not as large as its header says'):
        arrays_source(asked(path))


def test_an_npz_outside_the_roots_is_refused(arrays_file, tmp_path, monkeypatch):
    path = arrays_file()
    inside = tmp_path / "in"
    inside.mkdir()
    text = path.read_text().replace("rooms.npz", "../rooms.npz")
    (inside / "rooms.toml").write_text(text)
    arrays_source(asked(inside / "rooms.toml"))
    monkeypatch.setenv(VARIABLE, str(inside))
    with pytest.raises(DataError, match="outside the folders"):
        arrays_source(asked(inside / "rooms.toml"))


def test_a_damaged_npz_is_read_or_refused(arrays_file):
    path = arrays_file()
    npz = path.with_name("rooms.npz")
    whole = npz.read_bytes()

    @settings(max_examples=60)
    @given(place=st.integers(0), change=st.integers(1, 255), cut=st.booleans())
    def check(place, change, cut):
        data = bytearray(whole)
        place %= len(data)
        data[place] ^= change
        npz.write_bytes(data[:place] if cut else data)
        try:
            arrays_source(asked(path)).dataset()
        except DataError as fault:
            assert "\n" not in str(fault)  # noqa: PT017

    check()


FIRST = np.random.default_rng(0).integers(0, 256, (24, 3, 16, 20)).astype(np.uint8)
GREY = FIRST[:, :1]


@pytest.mark.parametrize(
    ("pictures", "same"),
    [
        (GREY, GREY),
        (GREY[:, 0], GREY),
        (np.moveaxis(GREY, 1, 3), GREY),
        (FIRST.astype(np.uint16) * 257, FIRST),
        (FIRST.astype(np.int64), FIRST),
        (FIRST.astype(np.float64), FIRST),
        (FIRST.astype(np.float32) / 255, FIRST),
        (GREY > 127, (GREY > 127) * 255),
        (np.concatenate([FIRST, 0 * GREY + 255], axis=1), FIRST),
        (np.moveaxis(np.concatenate([FIRST, 0 * GREY], axis=1), 1, 3), 0 * FIRST + 255),
    ],
)
def test_pictures_are_read_in_every_form_whose_meaning_is_clear(arrays_file, pictures, same):
    source = arrays_source(asked(arrays_file(pictures=pictures)))
    found = source.pictures(np.arange(24))
    assert found.dtype == np.uint8
    assert np.array_equal(found, np.broadcast_to(same, (24, 3, 16, 20)))


@pytest.mark.parametrize("form", [lambda x: x[:, None], lambda x: np.where(x < 0, np.nan, x), lambda x: x.astype("i1")])
def test_class_numbers_are_read_in_every_form(arrays_file, form):
    plain, other = np.arange(24) % 4 - 1, form(np.arange(24) % 4 - 1)
    one, two = (arrays_source(asked(arrays_file(room=labels))).labels["room"] for labels in (plain, other))
    assert np.array_equal(one, two)


def test_splits_may_be_words(arrays_file):
    words = np.array(["Train", "val", "test"] * 8)
    rows = arrays_source(asked(arrays_file(split=words))).rows
    assert [part.tolist() for part in rows.values()] == [[*range(first, 24, 3)] for first in range(3)]


def test_numbers_and_ordered_classes_are_tasks_of_arrays(arrays_file):
    path = arrays_file(age=np.arange(24) * 1.5, box=np.arange(48.0).reshape(24, 2), stars=np.arange(24) % 5)
    more = '[tasks.age]\nkind = "regression"\nn_outputs = 1\n[tasks.box]\nkind = "regression"\nn_outputs = 2\n'
    path.write_text(f'{path.read_text()}\n{more}[tasks.stars]\nkind = "ordinal"\nn_outputs = 5\n')
    source = arrays_source(asked(path))
    tasks = {task.name: task for task in source.tasks}
    assert source.labels["age"].shape == (24, 1)
    train = source.labels["box"][source.rows["train"]].astype(float)
    assert tasks["box"].mean == pytest.approx(train.mean(axis=0))
    assert tasks["box"].std == pytest.approx(train.std(axis=0))
    assert tasks["stars"].kind is Kind.ORDINAL


@pytest.mark.parametrize("shape", [(24, 16, 20), (24, 16, 20, 1)])
def test_depth_may_have_its_channel_last_or_none(arrays_file, shape):
    depth = np.random.default_rng(0).uniform(1, 2, (24, 1, 16, 20)).astype(np.float32)
    first, other = (arrays_source(asked(arrays_file(depth=d))).labels["depth"] for d in (depth, depth.reshape(shape)))
    np.testing.assert_array_equal(first, other)
