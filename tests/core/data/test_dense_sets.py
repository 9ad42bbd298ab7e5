"""NYUv2, Taskonomy, Cityscapes and SUN RGB-D in the form that they have on disk, made small."""

import numpy as np
import pytest
from PIL import Image
from scipy import io

from core.data.catalogue import files_of, source_of
from core.data.cityscapes import CLASSES as STREET
from core.data.cityscapes import FOCAL_BASELINE, LABEL_IDS, depth_of, ways_to_centres
from core.data.dense_set import nearest, numbered, unit_normals
from core.data.fingerprint import with_fingerprint
from core.data.missing import MISSING_PIXEL
from core.data.store import load
from core.data.sunrgbd import CLASSES as ROOM
from core.data.sunrgbd import SCENES
from core.errors import DataError
from core.studies.dataset_specification import DenseSpecification

HIGH, WIDE = 20, 28


def png(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def npy(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, values)


def nyuv2(root, rng):
    for split, n in (("train", 12), ("val", 5)):
        for i in range(n):
            npy(root / split / "image" / f"{i}.npy", np.full((HIGH, WIDE, 3), i / 20, np.float32))
            npy(root / split / "label" / f"{i}.npy", np.full((HIGH, WIDE), i % 14 - 1.0, np.float32))
            npy(root / split / "depth" / f"{i}.npy", np.full((HIGH, WIDE, 1), float(i), np.float32))
            normal = rng.normal(size=(HIGH, WIDE, 3))
            normal[0, 0] = 0
            npy(
                root / split / "normal" / f"{i}.npy",
                normal / np.maximum(np.linalg.norm(normal, axis=2), 1e-9)[..., None],
            )


def taskonomy(root, rng, *, by_building=False):
    for building, n in (("hanson", 9), ("merom", 3), ("darden", 5), ("ihlen", 4), ("elsewhere", 2)):
        for i in range(n):
            view = f"point_{i}_view_1"

            def at(domain, building=building, view=view):
                folder = root / building / domain if by_building else root / domain / building
                return folder / f"{view}_domain_{domain}.png"

            png(at("rgb"), np.full((HIGH, WIDE, 3), 10 * i, np.uint8))
            png(at("segment_semantic"), np.full((HIGH, WIDE), i, np.uint8))
            png(at("normal"), np.full((HIGH, WIDE, 3), (255, 128, 128), np.uint8))
            png(at("depth_zbuffer"), np.full((HIGH, WIDE), 512 * (i + 1), np.uint16))
            png(at("edge_texture"), rng.integers(0, 65536, (HIGH, WIDE)).astype(np.uint16))
            png(at("keypoints2d"), np.full((HIGH, WIDE), 65535, np.uint16))


def cityscapes(root, rng):  # noqa: ARG001
    for split, n in (("train", 12), ("val", 5)):
        for i in range(n):
            stem = f"aachen_{i:06d}_000019"
            png(
                root / "leftImg8bit" / split / "aachen" / f"{stem}_leftImg8bit.png",
                np.full((HIGH, WIDE, 3), i, np.uint8),
            )
            labels = np.full((HIGH, WIDE), LABEL_IDS[i], np.uint8)
            labels[0] = 3
            png(root / "gtFine" / split / "aachen" / f"{stem}_gtFine_labelIds.png", labels)
            instances = np.full((HIGH, WIDE), 7, np.uint16)
            instances[4:8, 6:10] = 26_001
            png(root / "gtFine" / split / "aachen" / f"{stem}_gtFine_instanceIds.png", instances)
            png(
                root / "disparity" / split / "aachen" / f"{stem}_disparity.png",
                np.full((HIGH, WIDE), 256 * i + 1, np.uint16),
            )


def sunrgbd(root, rng):  # noqa: ARG001
    names = [f"kv1/NYUdata/NYU{i:04d}" for i in range(17)]
    for i, name in enumerate(names):
        folder = root / name
        png(folder / "image" / "a.jpg", np.full((HIGH, WIDE, 3), 10 * i, np.uint8))
        millimetres = np.full((HIGH, WIDE), 1000 * (i + 1), np.uint16)
        png(folder / "depth_bfx" / "a.png", millimetres << 3 | millimetres >> 13)
        labels = np.ones((HIGH, WIDE), np.uint8)
        labels[0], labels[1] = 0, 2
        io.savemat(folder / "seg.mat", {"names": np.array([[ROOM[i]], ["unheard of"]], object), "seglabel": labels})
        (folder / "scene.txt").write_text(SCENES[i % 3] if i else "attic")
    maker = "/n/fs/sun3d/data/SUNRGBD/"
    splits = {"alltrain": names[:12], "alltest": names[12:]}
    path = root / "SUNRGBDtoolbox" / "traintestSUNRGBD" / "allsplit.mat"
    path.parent.mkdir(parents=True)
    io.savemat(path, {key: np.array([maker + name for name in own], object)[None] for key, own in splits.items()})


WRITERS = {"nyuv2": nyuv2, "taskonomy": taskonomy, "cityscapes": cityscapes, "sunrgbd": sunrgbd}
TASKS = {
    "nyuv2": ["segmentation", "depth", "normals"],
    "taskonomy": ["segmentation", "normals", "depth", "edges", "keypoints"],
    "cityscapes": ["segmentation", "depth", "instances"],
    "sunrgbd": ["segmentation", "depth", "scene"],
}


def asked(name, root, **fields):
    return DenseSpecification(
        name=name, path=str(root), **({"n_train": 8, "n_validation": 4, "n_test": 4, "size": 16} | fields)
    )


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    found = {name: tmp_path_factory.mktemp(name) for name in WRITERS}
    for name, write in WRITERS.items():
        write(found[name], np.random.default_rng(0))
    return found


@pytest.mark.parametrize("name", WRITERS)
def test_a_set_is_read_whole(roots, name, tmp_path):
    specification = with_fingerprint(asked(name, roots[name]))
    data = load(specification, folder=tmp_path)
    assert [task.name for task in data.tasks] == TASKS[name]
    assert [len(split) for split in (data.train, data.validation, data.test)] == [8, 4, 4]
    for task in data.tasks:
        target = data.train.targets[task.name]
        channels = task.n_outputs if task.kind.value in ("normals", "depth", "regression map") else None
        assert target.shape == (
            (8,) if task.name == "scene" else (8, 16, 16) if channels is None else (8, channels, 16, 16)
        )
    rows = source_of(specification).rows
    together = np.concatenate(list(rows.values()))
    assert len(set(together.tolist())) == len(together)
    assert rows["test"].min() > max(rows["train"].max(), rows["validation"].max())
    assert all(path.is_file() for path in files_of(specification))


def test_pictures_and_targets_of_nyuv2_belong_together(roots):
    data = source_of(asked("nyuv2", roots["nyuv2"])).dataset()
    for samples in (data.train, data.validation, data.test):
        number = np.rint(samples.pictures[:, 0, 0, 0] / 255 * 20)
        depth = samples.targets["depth"][:, 0, 0, 0]
        assert np.array_equal(np.isnan(depth), number == 0)
        assert np.array_equal(depth[number > 0], number[number > 0])
        labels = samples.targets["segmentation"][:, 3, 3]
        assert np.array_equal(labels, np.where(number == 0, MISSING_PIXEL, number - 1))
        assert np.isnan(samples.targets["normals"][:, :, 0, 0]).all()


@pytest.mark.parametrize("by_building", [False, True])
def test_taskonomy_is_split_by_building(tmp_path, by_building):
    taskonomy(tmp_path, np.random.default_rng(0), by_building=by_building)
    source = source_of(asked("taskonomy", tmp_path, n_train=200))
    assert {split: len(rows) for split, rows in source.rows.items()} == {"train": 12, "validation": 4, "test": 4}
    samples = source.samples(np.sort(source.rows["test"]))
    number = samples.pictures[:, 0, 0, 0] // 10
    assert np.array_equal(samples.targets["depth"][:, 0, 0, 0], number + 1.0)
    assert np.array_equal(samples.targets["segmentation"][:, 0, 0], np.where(number == 0, MISSING_PIXEL, number - 1))
    assert np.allclose(samples.targets["normals"][0, :, 0, 0], (1, 0.004, 0.004), atol=1e-3)
    assert np.array_equal(samples.targets["keypoints"], np.ones((4, 1, 16, 16)))


def test_cityscapes_has_classes_depth_and_instances(roots):
    source = source_of(asked("cityscapes", roots["cityscapes"], n_train=200))
    samples = source.samples(source.rows["train"])
    number = samples.pictures[:, 0, 0, 0]
    assert np.array_equal(samples.targets["segmentation"][:, 8, 8], number)
    assert (samples.targets["segmentation"][:, 0] == MISSING_PIXEL).all()
    depth = samples.targets["depth"][:, 0, 0, 0]
    assert np.allclose(depth[number > 0], FOCAL_BASELINE / number[number > 0])
    assert np.isnan(depth[number == 0]).all()
    assert len(STREET) == len(LABEL_IDS) == 19


def test_ways_lead_to_the_centre_of_each_instance():
    instances = np.full((4, 6), 26, np.uint16)
    instances[0, 1:4], instances[3, 5] = 26_000, 24_001
    across, down = ways_to_centres(instances)
    assert np.allclose(across[0, 1:4], np.array([1, 0, -1]) / 6)
    assert np.allclose(down[0, 1:4], 0)
    assert across[3, 5] == down[3, 5] == 0
    assert np.isnan(across).sum() == np.isnan(down).sum() == 20


def test_depth_of_disparity():
    found = depth_of(np.array([[0, 1, 257]], np.uint16))
    assert np.isnan(found[0, 0, :2]).all()
    assert found[0, 0, 2] == pytest.approx(FOCAL_BASELINE)


def test_sun_rgbd_knows_rooms_and_names(roots):
    source = source_of(asked("sunrgbd", roots["sunrgbd"], n_test=200))
    samples = source.samples(source.rows["test"])
    number = np.rint(samples.pictures[:, 0, 8, 8] / 10).astype(int)
    assert np.array_equal(samples.targets["scene"], number % 3)
    assert np.array_equal(samples.targets["segmentation"][:, 8, 8], number)
    assert (samples.targets["segmentation"][:, 0] == MISSING_PIXEL).all()
    assert np.allclose(samples.targets["depth"][:, 0, 8, 8], np.minimum(number + 1, 8))


@pytest.mark.parametrize(
    ("name", "gone", "words"),
    [
        ("nyuv2", "train/image", "train/image"),
        ("nyuv2", "val/depth", "val/depth"),
        ("nyuv2", "val/depth/3.npy", r"3\.npy"),
        ("taskonomy", "rgb", "rgb/BUILDING"),
        ("taskonomy", "rgb/ihlen", "tiny test split"),
        ("taskonomy", "normal/darden/point_0_view_1_domain_normal.png", "normal for point_0_view_1 of darden"),
        ("cityscapes", "leftImg8bit", "leftImg8bit/train"),
        ("cityscapes", "disparity/val/aachen/aachen_000001_000019_disparity.png", "aachen_000001_000019_disparity"),
        ("sunrgbd", "SUNRGBDtoolbox", "allsplit"),
        ("sunrgbd", "kv1/NYUdata/NYU0003/seg.mat", "NYU0003/seg.mat"),
        ("sunrgbd", "kv1/NYUdata/NYU0003/image/a.jpg", "NYU0003/image"),
    ],
)
def test_what_is_missing_is_said(tmp_path, name, gone, words):
    WRITERS[name](tmp_path, np.random.default_rng(0))
    path = tmp_path / gone
    path.rename(tmp_path / "elsewhere.away")
    with pytest.raises(DataError, match=words):
        source_of(asked(name, tmp_path))


@pytest.mark.parametrize(
    ("name", "file", "values", "words"),
    [
        ("nyuv2", "train/label/3.npy", np.full((HIGH, WIDE), 13), "hold 13"),
        ("nyuv2", "train/label/3.npy", np.full((HIGH, WIDE), 0.5), "whole numbers"),
        ("nyuv2", "train/label/3.npy", np.array([object()] * 4), "numbers only|damaged"),
        ("nyuv2", "train/image/3.npy", np.full((HIGH, WIDE, 3), 2.5), "from 0 to 1"),
        ("nyuv2", "train/image/3.npy", np.full((HIGH, WIDE, 4), 0.5), r"\[height, width, 3\]"),
        ("nyuv2", "train/normal/3.npy", b"\x93NUMPY", "damaged"),
        (
            "taskonomy",
            "depth_zbuffer/hanson/point_3_view_1_domain_depth_zbuffer.png",
            np.zeros((9, 9), np.uint8),
            "16 bits and one channel; it is uint8",
        ),
        ("taskonomy", "normal/hanson/point_3_view_1_domain_normal.png", np.zeros((9, 9), np.uint8), "in colour"),
        ("cityscapes", "disparity/train/aachen/aachen_000003_000019_disparity.png", b"no picture", "no picture"),
        ("sunrgbd", "kv1/NYUdata/NYU0003/seg.mat", b"no matlab", "no MATLAB file"),
        ("sunrgbd", "kv1/NYUdata/NYU0003/scene.txt", b"\xff\xfe", "plain text"),
        ("sunrgbd", "kv1/NYUdata/NYU0003/depth_bfx/a.png", np.zeros((9, 9), np.uint8), "16 bits"),
    ],
)
def test_what_is_damaged_is_said(tmp_path, name, file, values, words):
    WRITERS[name](tmp_path, np.random.default_rng(0))
    path = tmp_path / file
    if isinstance(values, bytes):
        path.write_bytes(values)
    elif path.suffix == ".npy":
        np.save(path, values, allow_pickle=True)
    else:
        png(path, values)
    with pytest.raises(DataError, match=words):
        source_of(asked(name, tmp_path, n_train=200)).dataset()


def test_maps_of_other_sizes_take_the_nearest_pixel():
    values = np.arange(12).reshape(3, 4)
    assert np.array_equal(nearest(values, 12)[::4, ::3], values)
    assert set(np.unique(nearest(np.array([[0, 9]]), 7))) == {0, 9}


def test_numbers_that_are_no_class_are_missing():
    assert numbered(np.array([[-1, 0, 7, 33, 34, 255]]), (7, 33)).tolist() == [[255, 255, 0, 1, 255, 255]]
    found = unit_normals(np.array([[[0, 0, 2.0], [0, 0, 0.1]]]))
    assert found[:, 0, 0].tolist() == [0, 0, 1]
    assert np.isnan(found[:, 0, 1]).all()
