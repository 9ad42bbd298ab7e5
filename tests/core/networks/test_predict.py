"""The program beside a network that was taken home: pictures and folders in, answers out, without this project."""

import csv
import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from branchwise import load_module
from core.networks.predict import short
from core.tasks import Kind
from tests.core.networks.conftest import CLASSES, TASKS


@pytest.fixture(scope="module")
def folder(taken_home):
    return taken_home


@pytest.fixture
def predict(folder, torch_process, tmp_path):
    def run(*words, code=0):
        found = torch_process.run(folder / "predict.py", *words, cwd=tmp_path)
        assert found.returncode == code, found.stderr
        return found

    return run


@pytest.fixture(scope="module")
def wanted(folder):
    """What network.py itself answers, file by file."""
    module = load_module(folder)
    network = module.build(folder / "weights.safetensors")
    files = sorted((folder / "pictures").rglob("*.[pj][np]g"))
    return {str(file): {task: answer[0] for task, answer in module.predict(network, [file]).items()} for file in files}


def test_every_kind_of_task_is_among_them():
    assert {kind for kind, _ in TASKS.values()} == {*Kind}


def test_folders_are_answered_as_network_py_answers_their_pictures(predict, folder, wanted):
    told = json.loads(predict(folder / "pictures", "--json").stdout)
    assert told["tasks"] == [*TASKS]
    assert [each["file"] for each in told["pictures"]] == [*wanted]
    for each in told["pictures"]:
        said = each["answers"]
        for task in ("what", "has", "grade"):
            assert said[task]["answer"] == wanted[each["file"]][task]
        for task in ("age", "corner"):
            assert said[task] == {"answer": pytest.approx(wanted[each["file"]][task], abs=1e-4)}
        assert [*said["what"]["probabilities"]] == [*CLASSES["what"]]
        assert said["has"]["answer"] == [name for name, chance in said["has"]["probabilities"].items() if chance > 0.5]


def test_maps_are_pictures_that_hold_the_answers(predict, folder, wanted, tmp_path):
    told = json.loads(predict(folder / "pictures", "--json", "--maps", "out").stdout)
    named = []
    for each in told["pictures"]:
        said, want = each["answers"], wanted[each["file"]]
        named += [said[task]["map"] for task in ("parts", "normals", "depth")]
        named += [layer["map"] for layer in said["edges"]["maps"]]
        parts = np.asarray(Image.open(tmp_path / said["parts"]["map"]))
        assert np.array_equal(parts, want["parts"].numpy())
        assert sum(said["parts"]["shares"].values()) == pytest.approx(1)
        assert set(said["parts"]["shares"]) <= {*CLASSES["parts"]}
        normals = np.asarray(Image.open(tmp_path / said["normals"]["map"])) / 127.5 - 1
        assert np.abs(normals.transpose(2, 0, 1) - want["normals"].numpy()).max() < 0.01
        for layer, values in zip(
            (said["depth"], *said["edges"]["maps"]), (*want["depth"], *want["edges"]), strict=True
        ):
            with Image.open(tmp_path / layer["map"]) as image:
                assert float(image.text["least"]) == layer["least"]
                read = layer["least"] + np.asarray(image) / 65535 * (layer["most"] - layer["least"])
            assert np.abs(read - values.numpy()).max() <= (layer["most"] - layer["least"]) / 65535
        assert said["depth"]["least"] > 0
    # Two pictures have the same name; no map is written over another.
    assert len({*named}) == len(named) == len([*(tmp_path / "out").iterdir()])


def test_a_table_has_a_row_for_each_picture_and_no_formula(predict, folder, wanted):
    rows = list(csv.DictReader(io.StringIO(predict(folder / "pictures", "--csv", "--task", "what").stdout)))
    assert [(row["file"], row["what"].removeprefix("'")) for row in rows] == [
        (file, answers["what"]) for file, answers in wanted.items()
    ]
    assert all(not row["what"].startswith("=") for row in rows)


def test_a_damaged_picture_is_said_and_the_others_are_answered(predict, folder, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    good = folder / "pictures" / "a.png"
    found = predict(bad, good, "--task", "what", code=1)
    assert str(good) in found.stdout
    assert "what: " in found.stdout
    assert "bad.png can't be read as a picture" in found.stderr
    first, second = json.loads(predict(bad, good, "--task", "what", "--json", code=1).stdout)["pictures"]
    assert "can't be read" in first["error"]
    assert first["answers"] == {}
    assert "what" in second["answers"]


def test_what_is_wrong_is_one_sentence(predict, folder, tmp_path, torch_process):
    (tmp_path / "empty").mkdir()
    picture = folder / "pictures" / "a.png"
    for words, expected in (
        ((tmp_path / "none.png",), "There is no file or folder"),
        ((tmp_path / "empty",), "There is no picture in the folder"),
        ((picture, "--task", "who"), "There is no task 'who'. Choose from: what, has"),
    ):
        said = predict(*words, code=2).stderr.strip()
        assert expected in said
        assert "\n" not in said
    shutil.copy(folder / "predict.py", tmp_path)
    found = torch_process.run(tmp_path / "predict.py", picture, cwd=tmp_path)
    assert "neither network.py nor load.py" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1000420.0, "1000420"),
        (-1600000128.0, "-1600000128"),
        (999999.5, "1000000"),
        (99999.5, "99999.5"),
        (0.125, "0.125"),
        (1e30, "1e+30"),
    ],
)
def test_no_digit_before_the_decimal_point_is_lost(number, words):
    assert short({"answer": number}) == words
