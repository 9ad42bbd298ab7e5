"""A class that only validation shows is said on the Train page, for studies that were made elsewhere, too."""

import pytest

from core.backbones import Backbone, Block
from core.families.layouts.request import TableRequest
from core.studies.database import Database
from core.studies.dataset_specification import FolderSpecification
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification
from core.tasks import Kind, Task

SPLITS = ["train"] * 20 + ["validation"] * 10 + ["test"] * 10


@pytest.fixture
def home(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rows = "".join(
        f"{n}.png,{'*rare*' if n in (20, 21) else 'ab'[n % 2]},{n % 2},{split}\n" for n, split in enumerate(SPLITS)
    )
    (pictures / "labels.csv").write_text(f"file,colour,side,split\n{rows}")
    for n in range(len(SPLITS)):
        (pictures / f"{n}.png").write_bytes(b"")
    asked = StudySpecification(
        name="own", tasks=("colour", "side"), dataset=FolderSpecification(name="folder", path=str(pictures))
    ).with_request(TableRequest(seeds=(0,)))
    tasks = tuple(Task.usual(name, Kind.CLASSIFICATION, n) for name, n in (("colour", 3), ("side", 2)))
    blocks = Backbone("net", tuple(Block(f"b{i}", 10, 100, (4, 4)) for i in range(5)))
    Database(tmp_path / "home" / "studies.sqlite").put(StudyRecord("own", asked.tasks, blocks, asked, tasks))
    return tmp_path / "home"


def test_a_class_that_training_never_shows_is_said_before_it_is_trained(visit, home):
    at = visit("train", home=home, study="own")
    (said,) = [warning.value for warning in at.warning if "No training image" in warning.value]
    assert "rare" in said
    assert "*rare*" not in said
    assert "2 validation" in said
