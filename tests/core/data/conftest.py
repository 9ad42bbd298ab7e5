"""Small data sets in the form the real ones have on disk."""

import pickle

import numpy as np
import pytest
from PIL import Image
from scipy import io

from core.data.caltech import ANNOTATIONS
from core.data.cifar import ANIMALS, PLANTS, THINGS
from core.data.stl10 import INNER
from core.studies.home import VARIABLE

SUPERCLASSES = sorted(f"{ANIMALS},{PLANTS},{THINGS}".split(","))
TEN = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def _pictures(rng, n):
    return rng.integers(0, 256, (n, 3072)).astype(np.uint8)


def _dump(path, entries, protocol=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(entries, protocol=protocol))


def write_cifar10(root, rng, protocol=2):
    folder = root / "cifar-10-batches-py"
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        classes = rng.permutation(np.arange(20) % 10)
        _dump(folder / name, {"data": _pictures(rng, 20), "labels": classes.tolist(), "batch_label": name}, protocol)
    _dump(folder / "batches.meta", {"label_names": TEN, "num_vis": 3072})


def write_cifar100(root, rng):
    folder = root / "cifar-100-python"
    for name, n in (("train", 300), ("test", 100)):
        fine = rng.permutation(np.arange(n) % 100)
        entries = {"data": _pictures(rng, n), "fine_labels": fine.tolist(), "coarse_labels": (fine % 20).tolist()}
        _dump(folder / name, entries)
    names = [f"thing {i}" for i in range(100)]
    _dump(folder / "meta", {"fine_label_names": names, "coarse_label_names": SUPERCLASSES})


def write_svhn(root, rng):
    root.mkdir(parents=True, exist_ok=True)
    for name, n in (("train_32x32.mat", 60), ("test_32x32.mat", 30)):
        digits = rng.permutation(np.arange(n) % 10 + 1).astype(np.uint8)
        pictures = rng.integers(0, 256, (32, 32, 3, n)).astype(np.uint8)
        # The first pixel tells the digit, so that a test can see that the two belong together.
        pictures[0, 0, 0] = digits % 10
        io.savemat(root / name, {"X": pictures, "y": digits[:, None]})


def write_stl10(root, rng):
    folder = root / INNER
    folder.mkdir(parents=True, exist_ok=True)
    for split, n in (("train", 30), ("test", 20)):
        classes = rng.permutation(np.arange(n) % 10 + 1).astype(np.uint8)
        pictures = rng.integers(0, 256, (n, 3, 96, 96)).astype(np.uint8)
        pictures[:, 0, 5, 0] = classes - 1  # column 0, row 5 once read column by column
        pictures.transpose(0, 1, 2, 3).tofile(folder / f"{split}_X.bin")
        classes.tofile(folder / f"{split}_y.bin")


def write_caltech101(root, rng):
    for category in ("Faces", "anchor", "ant", "barrel", "zebra", "BACKGROUND_Google"):
        pictures = root / "caltech101" / "101_ObjectCategories" / category
        drawn = root / "caltech101" / ANNOTATIONS / {"Faces": "Faces_2"}.get(category, category)
        for folder in (pictures, drawn):
            folder.mkdir(parents=True)
        for number in range(1, 9):
            content = rng.integers(0, 256, (40, 60, 3)).astype(np.uint8)
            Image.fromarray(content).save(pictures / f"image_{number:04d}.jpg")
            contour = np.array([[0, 30, 30, 0], [0, 0, 20, 20]], dtype=np.float64)
            box = np.array([[10, 30, 15, 45]], dtype=np.uint16)  # top, bottom, left, right
            io.savemat(drawn / f"annotation_{number:04d}.mat", {"obj_contour": contour, "box_coord": box})


def write_caltech256(root, rng):
    for category in ("001.ak47", "002.american-flag", "003.backpack", "004.bat", "005.bath"):
        folder = root / "caltech256" / "256_ObjectCategories" / category
        folder.mkdir(parents=True)
        for number in range(8):
            Image.fromarray(rng.integers(0, 256, (20, 30)).astype(np.uint8)).save(folder / f"{number:04d}.jpg")
        (folder / "RENAME2").write_text("left over")


def write_celeba(root, rng):
    folder = root / "celeba"
    (folder / "img_align_celeba").mkdir(parents=True)
    names, n = ["5_o_Clock_Shadow", "Bald", "Smiling"], 40
    flags = rng.choice([-1, 1], (n, len(names)))
    files = [f"{number:06d}.jpg" for number in range(1, n + 1)]
    for file in files:
        Image.fromarray(rng.integers(0, 256, (22, 18, 3)).astype(np.uint8)).save(folder / "img_align_celeba" / file)
    rows = [f"{file} {' '.join(f'{flag:2d}' for flag in row)}" for file, row in zip(files, flags, strict=True)]
    (folder / "list_attr_celeba.txt").write_text("\n".join([str(n), " ".join(names) + " ", *rows]) + "\n")
    splits = [f"{file} {0 if i < 24 else 1 if i < 32 else 2}" for i, file in enumerate(files)]
    (folder / "list_eval_partition.txt").write_text("\n".join(splits) + "\n")


WRITERS = {
    "cifar10": write_cifar10,
    "cifar100": write_cifar100,
    "svhn": write_svhn,
    "stl10": write_stl10,
    "caltech101": write_caltech101,
    "caltech256": write_caltech256,
    "celeba": write_celeba,
}


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """A folder of Branchwise for each test: digests of files are kept there."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


@pytest.fixture(scope="session")
def known_root(tmp_path_factory):
    """Give the folder of a small well-known set, written once; tests leave it as it is."""
    made = {}

    def root(name):
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name)
            WRITERS[name](made[name], np.random.default_rng(0))
        return made[name]

    return root


@pytest.fixture
def write_known(tmp_path):
    """Write a small well-known set that a test may change, and give its folder."""

    def write(name, **options):
        WRITERS[name](tmp_path / name, np.random.default_rng(0), **options)
        return tmp_path / name

    return write


@pytest.fixture
def picture_folder(tmp_path):
    """Write pictures of several sizes and a label file with the given text, or a sound one."""

    def write(text=None, n=30):
        rng = np.random.default_rng(1)
        folder = tmp_path / "own"
        (folder / "birds").mkdir(parents=True, exist_ok=True)
        rows = ["file,kind,number,marks"]
        for i in range(n):
            file = f"birds/{i:02d}.png"
            size = (20 + i % 3, 30 - i % 4, 3)
            Image.fromarray(rng.integers(0, 256, size).astype(np.uint8)).save(folder / file)
            marks = ("", ";", "red", "red;blue")[i % 4]
            rows.append(f"{file},{('owl', 'wren', 'crow')[i % 3]},{'' if i % 5 == 0 else 9 + i % 2},{marks}")
        (folder / "labels.csv").write_text("\n".join(rows) if text is None else text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def arrays_file(tmp_path):
    """Write an NPZ with a target of every kind and the TOML that describes it; arrays may be replaced."""

    def write(toml=None, n=24, **changes):
        rng = np.random.default_rng(2)
        normals = rng.normal(size=(n, 3, 16, 20))
        arrays = {
            "pictures": rng.integers(0, 256, (n, 16, 20, 3)).astype(np.uint8),
            "room": np.where(np.arange(n) % 8 == 0, -1, np.arange(n) % 3),
            "marks": rng.integers(0, 2, (n, 4)).astype(np.float32),
            "areas": rng.integers(0, 5, (n, 16, 20)).astype(np.uint8),
            "normals": normals / np.linalg.norm(normals, axis=1, keepdims=True),
            "depth": rng.uniform(1, 5, (n, 1, 16, 20)),
            "flow": rng.normal(size=(n, 2, 16, 20)).astype(np.float16),
            "split": np.arange(n) % 4 % 3,
        }
        arrays["depth"][:, :, :2] = np.nan
        arrays["areas"][:, 3] = 255
        arrays = {name: array for name, array in (arrays | changes).items() if array is not None}
        np.savez_compressed(tmp_path / "rooms.npz", **arrays)
        (tmp_path / "rooms.toml").write_text(ARRAYS_TOML if toml is None else toml, encoding="utf-8")
        return tmp_path / "rooms.toml"

    return write


ARRAYS_TOML = """
file = "rooms.npz"
split = "split"

[tasks.room]
kind = "classification"
n_outputs = 3
classes = ["kitchen", "bath", "hall"]

[tasks.marks]
kind = "multi-label"
n_outputs = 4

[tasks."floor plan"]
kind = "segmentation"
n_outputs = 5
target = "areas"

[tasks.normals]
kind = "normals"
n_outputs = 3

[tasks.depth]
kind = "depth"
n_outputs = 1

[tasks.flow]
kind = "regression map"
n_outputs = 2
"""
