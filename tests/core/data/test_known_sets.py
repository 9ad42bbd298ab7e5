"""SVHN, STL-10, Caltech and CelebA in the form torchvision leaves them in."""

import numpy as np
import pytest
from PIL import Image
from scipy import io

from core.data.caltech import caltech_source, outline
from core.data.catalogue import source_of
from core.data.celeba import celeba_source
from core.data.cifar import cifar_source
from core.data.stl10 import stl10_source
from core.data.svhn import svhn_source
from core.errors import DataError
from core.studies.dataset_specification import CelebaSpecification, ClassesSpecification, SvhnSpecification

SIZES = {"n_train": 16, "n_validation": 10, "n_test": 10}


def svhn(root, **fields):
    return SvhnSpecification(name="svhn", path=str(root), **(SIZES | fields))


def classes(name, root, **fields):
    return ClassesSpecification(name=name, path=str(root), **(SIZES | fields))


def celeba(root, **fields):
    return CelebaSpecification(name="celeba", path=str(root), **(SIZES | fields))


def test_svhn_pictures_belong_to_their_digits(known_root):
    source = svhn_source(svhn(known_root("svhn"), n_train=40))
    data = source.dataset()
    for samples in (data.train, data.validation, data.test):
        assert np.array_equal(samples.pictures[:, 0, 0, 0], samples.targets["class"])
    assert set(data.train.targets["class"]) == set(range(10))
    assert (source.rows["test"] >= 60).all()
    assert [task.name for task in data.tasks][:4] == ["class", "parity", "magnitude", "loop"]


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        (b"no matlab", "damaged or no MATLAB file"),
        (b"", "damaged or no MATLAB file"),
        ({"y": np.ones((4, 1))}, r"should hold X \[32, 32, 3, n\]"),
        ({"X": np.zeros((32, 32, 3, 5), np.uint8), "y": np.ones((4, 1))}, "should hold X"),
        ({"X": np.zeros((32, 32, 3, 4), np.uint8), "y": np.full((4, 1), 11)}, "label outside 0 to 10"),
    ],
)
def test_unsound_svhn_gets_a_sentence(write_known, arrays, sentence):
    root = write_known("svhn")
    path = root / "test_32x32.mat"
    if isinstance(arrays, bytes):
        path.write_bytes(arrays)
    else:
        io.savemat(path, arrays)
    with pytest.raises(DataError, match=sentence):
        svhn_source(svhn(root))
    path.unlink()
    with pytest.raises(DataError, match=r"SVHN should have test_32x32\.mat in"):
        svhn_source(svhn(root))


def test_stl10_pictures_belong_to_their_classes(known_root):
    data = stl10_source(classes("stl10", known_root("stl10"), n_train=20, size=96)).dataset()
    assert data.size == (96, 96)
    for samples in (data.train, data.test):
        assert np.array_equal(samples.pictures[:, 0, 0, 5], samples.targets["class"])
    assert stl10_source(classes("stl10", known_root("stl10"))).dataset().size == (32, 32)


def test_stl10_cut_short_gets_a_sentence(write_known):
    root = write_known("stl10")
    path = root / "stl10_binary" / "train_X.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"train_X\.bin has 829,439 bytes; 30 pictures take 829,440"):
        stl10_source(classes("stl10", root))
    (root / "stl10_binary" / "train_y.bin").write_bytes(bytes(30))
    with pytest.raises(DataError, match="one byte from 1 to 10"):
        stl10_source(classes("stl10", root))


def test_caltech101_has_classes_and_outlines(known_root):
    data = caltech_source(classes("caltech101", known_root("caltech101"), n_train=20, size=20)).dataset()
    assert data.class_names["class"] == ("Faces", "anchor", "ant", "barrel", "zebra")
    assert [task.name for task in data.tasks] == ["class", *(f"part {i}" for i in range(1, 6)), "outline"]
    # 30 × 20 pixels from (15, 10) of 60 × 40, seen at a third of the width and half of the height.
    expected = np.zeros((20, 20))
    expected[5:16, 5:16] = 1
    assert np.array_equal(data.train.targets["outline"][0], expected)


def test_an_outline_of_a_triangle(tmp_path):
    contour = np.array([[0.0, 8.0, 0.0], [0.0, 0.0, 8.0]])
    io.savemat(tmp_path / "a.mat", {"obj_contour": contour, "box_coord": np.array([[2, 10, 4, 12]])})
    found = outline(tmp_path / "a.mat", (16, 16), 16)
    rows, columns = np.nonzero(found)
    assert (rows.min(), columns.min()) == (2, 4)
    assert ((rows - 2) + (columns - 4)).max() <= 8
    assert found.sum() == pytest.approx(45, abs=4)
    io.savemat(tmp_path / "a.mat", {"obj_contour": contour[:1], "box_coord": np.array([[2, 10, 4, 12]])})
    with pytest.raises(DataError, match=r"a\.mat holds no outline"):
        outline(tmp_path / "a.mat", (16, 16), 16)


def test_caltech101_without_annotations_has_no_outlines(write_known):
    root = write_known("caltech101")
    (root / "caltech101" / "Annotations").rename(root / "elsewhere")
    assert "outline" not in [task.name for task in caltech_source(classes("caltech101", root)).tasks]


def test_caltech256_ignores_what_is_no_picture(known_root):
    source = caltech_source(classes("caltech256", known_root("caltech256")))
    assert source.class_names["class"] == ("ak47", "american-flag", "backpack", "bat", "bath")
    assert len(source.labels["class"]) == 40
    assert source.dataset().size == (32, 32)


def test_caltech_without_its_folder_gets_a_sentence(tmp_path):
    with pytest.raises(DataError, match="Caltech-256 should have caltech256/256_ObjectCategories in"):
        caltech_source(classes("caltech256", tmp_path))
    (tmp_path / "caltech256" / "256_ObjectCategories").mkdir(parents=True)
    with pytest.raises(DataError, match="0 categories with pictures"):
        caltech_source(classes("caltech256", tmp_path))


def test_celeba_keeps_its_own_splits(known_root):
    root = known_root("celeba")
    source = celeba_source(celeba(root, n_train=100))
    assert sorted(source.rows["train"].tolist()) == list(range(24))
    assert all(24 <= row < 32 for row in source.rows["validation"])
    data = source.dataset()
    assert [task.name for task in data.tasks] == ["5 o Clock Shadow", "Bald", "Smiling"]
    row = source.rows["test"][0]
    line = (root / "celeba" / "list_attr_celeba.txt").read_text().splitlines()[2 + row].split()
    assert line[0] == f"{row + 1:06d}.jpg"
    assert [int(data.test.targets[task.name][0]) for task in data.tasks] == [int(flag == "1") for flag in line[1:]]


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("list_attr_celeba.txt", "", "should have a count"),
        ("list_attr_celeba.txt", "2\nA B\na.jpg 1 -1\nb.jpg 1\n", "damaged"),
        ("list_attr_celeba.txt", "2\nA B\na.jpg 1 2\nb.jpg 1 1\n", "other than −1 and 1"),
        ("list_attr_celeba.txt", "2\nA B\na.jpg 1 1 1\nb.jpg 1 1 1\n", "has 3 numbers per picture; 2 are due"),
        ("list_attr_celeba.txt", "2\nA B\n../a.jpg 1 1\nb.jpg 1 1\n", "outside img_align_celeba"),
        ("list_eval_partition.txt", "a.jpg 0\n", "does not give 0, 1 or 2"),
        ("list_eval_partition.txt", "a.jpg zero\n", "damaged"),
        ("list_eval_partition.txt", "\xe9", "plain text"),
    ],
)
def test_unsound_celeba_gets_a_sentence(write_known, file, text, sentence):
    root = write_known("celeba")
    (root / "celeba" / file).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=sentence):
        source_of(celeba(root))


def _moved(root, places):
    for name, place in places.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / "celeba" / name).rename(root / place)


def _rewritten(root, name, change):
    path = root / "celeba" / name
    path.write_bytes(change(path.read_text()).encode())


def _as_csv(text):
    lines = [line for line in text.splitlines() if len(line.split()) > 1]
    head = [] if lines[0].split()[0].endswith(".jpg") else [f"image_id,{','.join(lines.pop(0).split())}"]
    return "\n".join([*(head or ["image_id,partition"]), *(",".join(line.split()) for line in lines)])


ATT, EVAL, IMG = "list_attr_celeba.txt", "list_eval_partition.txt", "img_align_celeba"


@pytest.mark.parametrize(
    "change",
    [
        lambda root: _rewritten(root, ATT, lambda text: text.replace("\n", "\r\n")),
        lambda root: _rewritten(root, ATT, lambda text: text.replace("-1", " 0")),
        lambda root: _rewritten(root, ATT, lambda text: text.replace(" ", "   ").replace("\n", "  \n")),
        lambda root: _rewritten(root, EVAL, lambda text: "\n".join(reversed(text.split("\n")))),
        lambda root: _rewritten(root, EVAL, lambda text: f"{text}999999.jpg 2\n"),
        lambda root: _moved(root, {IMG: f"x/{IMG}"}) or (root / "x").rename(root / "celeba" / IMG),
        lambda root: _moved(root, {ATT: f"Anno/{ATT}", EVAL: f"Eval/{EVAL}", IMG: f"Img/{IMG}"}),
        lambda root: _moved(root, {name: name for name in (ATT, EVAL, IMG)}),
        lambda root: [
            _rewritten(root, name, _as_csv) or _moved(root, {name: name.replace("txt", "csv")}) for name in (ATT, EVAL)
        ],
        lambda root: [picture.rename(picture.with_suffix(".png")) for picture in (root / "celeba" / IMG).iterdir()],
    ],
)
def test_celeba_is_the_same_in_every_form_it_is_handed_on_in(known_root, write_known, change):
    plain, root = celeba_source(celeba(known_root("celeba"))), write_known("celeba")
    change(root)
    source = celeba_source(celeba(root))
    assert [task.name for task in source.tasks] == [task.name for task in plain.tasks]
    assert all(np.array_equal(source.rows[split], plain.rows[split]) for split in plain.rows)
    assert all(np.array_equal(source.labels[name], plain.labels[name]) for name in plain.labels)
    assert source.dataset().size == (source.dataset().size[0],) * 2
    assert source.remarks == ()


def test_pictures_of_celeba_that_are_not_there_are_left_out_and_counted(write_known):
    root = write_known("celeba")
    for number in (3, 30):
        (root / "celeba" / IMG / f"{number:06d}.jpg").unlink()
    source = celeba_source(celeba(root, n_train=100))
    assert sorted(source.rows["train"].tolist()) == [row for row in range(24) if row != 2]
    assert source.remarks[0].startswith("2 of 40 pictures")


def test_a_split_of_celeba_without_pictures_is_drawn_from_training(write_known):
    root = write_known("celeba")
    for number in range(25, 41):
        (root / "celeba" / IMG / f"{number:06d}.jpg").unlink()
    source = celeba_source(celeba(root, n_train=100))
    assert sorted(np.concatenate([*source.rows.values()]).tolist()) == [*range(24)]
    assert all(len(rows) for rows in source.rows.values())
    assert len(source.remarks) == 3


@pytest.mark.parametrize("place", ["{inner}", "archive/{inner}", "{inner}/{inner}"])
def test_cifar_is_found_where_archives_unpack_it(write_known, tmp_path, place):
    inner, root = "cifar-10-batches-py", write_known("cifar10")
    (root / inner).rename(tmp_path / "moved")
    target = root / place.format(inner=inner)
    target.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "moved").rename(target)
    assert cifar_source(classes("cifar10", root)).name == "CIFAR-10"
    assert cifar_source(classes("cifar10", target)).name == "CIFAR-10"


def test_a_picture_of_celeba_that_is_not_there_is_named(write_known):
    root = write_known("celeba")
    source = celeba_source(celeba(root))
    (root / "celeba" / "img_align_celeba" / f"{source.rows['test'][0] + 1:06d}.jpg").unlink()
    with pytest.raises(DataError, match=r"\d+\.jpg is missing"):
        source.dataset()


def test_a_bomb_among_the_pictures_is_refused(write_known):
    root = write_known("caltech256")
    path = root / "caltech256" / "256_ObjectCategories" / "004.bat" / "0000.jpg"
    image = Image.new("1", (60_000, 1000))
    image.save(path.with_suffix(".png"))
    path.with_suffix(".png").rename(path)
    with pytest.raises(DataError, match=r"0000\.jpg claims 60,000 × 1,000 pixels"):
        caltech_source(classes("caltech256", root)).dataset()
