"""Studies of own pictures made on the Studies page: what the labels are taken for is seen, and can be changed."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.studies.database import Database
from tests.pages.studies.studies_page import CREATE, faults, fine, opened, words


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Give a folder of forty pictures with two tasks, of which some labels are missing."""
    folder, rng = tmp_path / "pictures", np.random.default_rng(0)
    folder.mkdir()
    lines = ["file,shape,*size*"]
    for number in range(40):
        Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{'round' if number % 2 else 'square'},{'' if number % 5 == 0 else number % 3}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder


def test_own_pictures_are_looked_at_and_made_into_a_study(home: Database, pictures: Path) -> None:
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value("folder")
    fine(at.run())
    at.text_input(key="new-data-folder-path").set_value(str(pictures))
    fine(at.run())
    assert faults(at) == []
    pictures_shown = at.table[0].value
    assert "stretched" in words(at)
    assert all(cell.startswith("![picture, example ") for cell in pictures_shown.loc[0].iloc[1:])
    labels = re.search(r"\*\*shape\*\* (.*)", words(at))[1]
    assert set(labels.strip().split(" · ")) <= {"round", "square"}
    assert "**shape**: classification, 2 classes, all labelled" in words(at)
    some, of_all = map(int, re.search(r"\*\*\\\*size\\\*\*\*: .*?, (\d+) of (\d+) labelled", words(at)).groups())
    assert 0 < some < of_all
    fine(at.button(key="create-study").click().run())
    assert faults(at) == []
    assert "is stored" in words(at)
    (line,) = home.studies()
    stored = home.record(line.name)
    assert stored.specification.dataset.fingerprint
    assert stored.gallery is not None
    fine(at.button(key="made-look").click().run())
    assert at.title[0].value == "Overview"
    assert at.session_state["study"] == line.name


def test_what_a_column_is_can_be_changed_and_is_asked_where_it_is_in_doubt(home: Database, pictures: Path) -> None:
    lines = (pictures / "labels.csv").read_text().splitlines()
    aged = [lines[0] + ",age", *(f"{line},{20 + number}" for number, line in enumerate(lines[1:]))]
    (pictures / "labels.csv").write_text("\n".join(aged))
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value("folder")
    fine(at.run())
    at.text_input(key="new-data-folder-path").set_value(str(pictures))
    fine(at.run())
    assert any("age" in warning.value and "Numbers to predict, or classes" in warning.value for warning in at.warning)
    assert "40 different values; 40 labelled" in words(at)
    assert not at.table
    at.selectbox(key="new-data-folder-kind-age").set_value("regression")
    at.selectbox(key="new-data-folder-kind-*size*").set_value("ordinal")
    fine(at.run())
    assert faults(at) == []
    assert "MAE" in words(at)
    fine(at.button(key="create-study").click().run())
    assert faults(at) == []
    (line,) = home.studies()
    stored = home.record(line.name).specification
    assert dict(stored.dataset.kinds) == {"age": "regression", "*size*": "ordinal"}
    fill_at = opened(CREATE)
    fill_at.session_state["new-data-folder-kinds"] = 'age = "regression"'
    fill_at.selectbox(key="new-data").set_value("folder")
    fine(fill_at.run())
    fill_at.text_input(key="new-data-folder-path").set_value(str(pictures))
    fine(fill_at.run())
    assert fill_at.selectbox(key="new-data-folder-kind-age").value == "regression"


def test_a_class_that_training_never_shows_is_named_before_and_after_the_study_is_made(
    home: Database, pictures: Path
) -> None:
    header, *rows = (pictures / "labels.csv").read_text().splitlines()
    splits = ["train"] * 24 + ["validation"] * 8 + ["test"] * 8
    lines = [f"{row.replace('round', 'oval') if n in (25, 27) else row},{splits[n]}" for n, row in enumerate(rows)]
    (pictures / "labels.csv").write_text("\n".join([f"{header},split", *lines]))
    at = opened(CREATE)
    at.selectbox(key="new-data").set_value("folder")
    fine(at.run())
    at.text_input(key="new-data-folder-path").set_value(str(pictures))
    fine(at.run())
    assert any("oval" in warning.value and "2 validation" in warning.value for warning in at.warning)
    fine(at.button(key="create-study").click().run())
    assert "is stored" in words(at)
    assert any("oval" in warning.value for warning in at.warning)
    fine(at.button(key="made-close").click().run())
    assert home.studies()
