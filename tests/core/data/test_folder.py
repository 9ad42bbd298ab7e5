import numpy as np
import pytest
from PIL import Image

from core.data.folder import folder_source
from core.data_roots import VARIABLE
from core.errors import DataError
from core.studies.dataset_specification import FolderSpecification
from core.tasks import Kind


def asked(path, **fields):
    return FolderSpecification(name="folder", path=str(path), size=16, **fields)


def test_pictures_of_several_sizes_with_three_tasks(picture_folder):
    folder = picture_folder()
    source = folder_source(asked(folder))
    data = source.dataset()
    assert [(task.name, task.kind) for task in data.tasks] == [
        ("kind", Kind.CLASSIFICATION),
        ("number", Kind.CLASSIFICATION),
        ("marks", Kind.MULTI_LABEL),
    ]
    assert data.class_names == {"kind": ("crow", "owl", "wren"), "number": ("9", "10"), "marks": ("blue", "red")}
    assert [len(s) for s in (data.train, data.validation, data.test)] == [18, 6, 6]
    assert sum(data.n_labelled(split, "number") for split in ("train", "validation", "test")) == 24
    row = source.rows["train"][0]
    picture = Image.open(folder / f"birds/{row:02d}.png").resize((16, 16), Image.Resampling.BILINEAR, reducing_gap=3.0)
    assert np.array_equal(data.train.pictures[0], np.asarray(picture).transpose(2, 0, 1))
    assert data.train.targets["kind"][0] == (1, 2, 0)[row % 3]


def test_own_splits_are_kept(picture_folder):
    picture_folder()
    rows = "".join(
        f"birds/{i:02d}.png,{i % 2},{i % 3},{('train', 'test', 'validation')[min(i // 6, 2)]}\n" for i in range(18)
    )
    source = folder_source(asked(picture_folder("file,a,b,split\n" + rows)))
    found = {split: part.tolist() for split, part in source.rows.items()}
    assert found == {"train": [*range(6)], "validation": [*range(12, 18)], "test": [*range(6, 12)]}


def test_missing_pictures_are_counted_and_named(picture_folder):
    folder = picture_folder()
    (folder / "birds" / "07.png").unlink()
    (folder / "birds" / "08.png").unlink()
    with pytest.raises(DataError, match=r'names 2 pictures that are not in .*, such as "birds/07\.png"'):
        folder_source(asked(folder))
    with pytest.raises(DataError, match=r'such as "cats/1\.png"'):
        folder_source(asked(picture_folder("file,a,b\ncats/1.png,1,1\nbirds/01.png,2,2\n")))


def test_a_damaged_picture_is_named_when_it_is_read(picture_folder):
    folder = picture_folder()
    source = folder_source(asked(folder))
    (folder / "birds" / "07.png").write_bytes(b"hello")
    with pytest.raises(DataError, match=r"07\.png is no picture"):
        source.dataset()


def test_a_missing_folder_and_one_outside_the_roots_get_a_sentence(tmp_path, picture_folder, monkeypatch):
    with pytest.raises(DataError, match="There is no folder"):
        folder_source(asked(tmp_path / "none"))
    folder = picture_folder()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    with pytest.raises(DataError, match="outside the folders"):
        folder_source(asked(folder))


def test_only_multi_label_columns_are_split_at_random(picture_folder):
    picture_folder()
    rows = "".join(f"birds/{i:02d}.png,a;b,{'a;' if i % 2 else ';'}\n" for i in range(20))
    source = folder_source(asked(picture_folder("file,a,b\n" + rows)))
    assert [len(part) for part in source.rows.values()] == [12, 4, 4]
