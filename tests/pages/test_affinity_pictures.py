"""The pictures on which two encoders differ, found anew from the losses, on real handwritten digits."""

import io
import shutil

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import app_test

from core.backbones import Backbone, Block
from core.data.store import load
from core.families.layouts.request import TableRequest
from core.families.recombined.payloads import SampleLosses
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import recombined_runs
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.dataset_specification import DigitsSpecification, FolderSpecification
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification

DIGITS = DigitsSpecification(name="digits", size=16, n_train=40)
OTHERS = DIGITS.model_copy(update={"seed": 1})
NAMES = ("parity", "class", "loop")
MOST = 6


def loss_of(seed, depth, source, target, n):
    """Losses that depend on nothing but what the network is."""
    rng = np.random.default_rng([seed, depth, NAMES.index(source), NAMES.index(target)])
    return rng.lognormal(0.0, 0.5, n).astype(np.float32)


def put(home, name, dataset, tasks, n):
    """Store a study of which every recombined network "was trained" from two seeds, with losses of n pictures."""
    asked = StudySpecification(
        name=name, tasks=NAMES, dataset=dataset, backbone=BackboneSpecification(blocks=3),
        table=TableRequest(seeds=(0,)), affinity=AffinityRequest(seeds=(0, 1)),
    )  # fmt: skip
    environment = Environment(device="cpu", machine="a test", threads=1, versions={"torch": "2"})
    results = {
        run.key: RunResult(
            state=RunState.DONE, seconds=1.0, params=5, head_params=1, environment=environment,
            losses=SampleLosses.of(
                {t: loss_of(run.source.seed, run.depth, run.source.tasks[0], t, n) for t in NAMES}
            ),
        )
        for run in recombined_runs(asked)
    }  # fmt: skip
    backbone = Backbone("made-up", tuple(Block(f"block{i}", 1000, 10**6, (8, 16, 16)) for i in range(3)))
    Database(home / DATABASE_FILE).put(StudyRecord(name, NAMES, backbone, asked, tasks), results)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Give the digits, and a folder with studies that were measured on them."""
    home = tmp_path_factory.mktemp("digits")
    data = load(DIGITS, folder=home / "cache")
    kinds = tuple(next(task for task in data.tasks if task.name == name) for name in NAMES)
    put(home, "digits", DIGITS, kinds, len(data.validation))
    put(home, "fewer", OTHERS, kinds, len(data.validation) - 1)
    put(home, "gone", FolderSpecification(name="folder", path=str(home / "moved away")), kinds, 50)
    return data, home


@pytest.fixture
def drawn(monkeypatch):
    """Keep the pictures that a page shows: address → pixels."""
    kept = {}

    class Keeping(MemoryMediaFileStorage):
        def load_and_get_id(self, path_or_data, mimetype, kind, filename=None):
            found = super().load_and_get_id(path_or_data, mimetype, kind, filename)
            if mimetype.startswith("image/"):
                kept[self.get_url(found)] = np.asarray(Image.open(io.BytesIO(path_or_data)).convert("RGBA"))
            return found

    monkeypatch.setattr(app_test, "MemoryMediaFileStorage", Keeping)
    return kept


@pytest.fixture
def opened(visit, digits):
    """Open the section of pictures for class and loop after block 2."""

    def page(home=digits[1], study="digits", **address):
        place = {"depth": "1", "pair": "1-2"} | address
        at = visit("affinity", home=home, study=study, affinity_part="Pictures that differ", **place)
        assert not at.exception
        return at

    return page


def images(at):
    return [each.proto.imgs[0] for each in at.main.image]


def said(at):
    return [each.value for each in (*at.main.markdown, *at.main.caption)]


def most_different(target, source, depth, n):
    """Which pictures target's own blocks solve far better than source's, and the reverse; how large the gap is."""
    gap = np.mean([loss_of(s, depth, source, target, n) - loss_of(s, depth, target, target, n) for s in (0, 1)], axis=0)
    places = sorted(range(n), key=lambda place: -gap[place])
    return places[:MOST], places[::-1][:MOST], gap


@pytest.mark.parametrize(("depth", "pair"), [(1, "1-2"), (2, "0-1")])
def test_the_pictures_are_those_on_which_the_losses_differ_most(opened, digits, drawn, depth, pair):
    data, _ = digits
    at = opened(depth=str(depth), pair=pair)
    assert not at.error
    one, other = (NAMES[int(task)] for task in pair.split("-"))
    wanted = []
    for target, source in ((one, other), (other, one)):
        own, others, gap = most_different(target, source, depth, len(data.validation))
        wanted += [(target, own), (target, others)]
        assert f"Loss lower by {gap[own[-1]]:.3g} to {gap[own[0]]:.3g}" in said(at)
        assert f"Loss lower by {-gap[others[-1]]:.3g} to {-gap[others[0]]:.3g}" in said(at)
    shown = images(at)
    assert len(shown) == len(wanted) == 4
    for picture, (_, places) in zip(shown, wanted, strict=True):
        strip = drawn[picture.url]
        # Enlarged without blur, on transparent ground.
        found = [strip[:, list(columns)] for columns in runs(np.flatnonzero(strip[..., 3].any(axis=0)))]
        assert len(found) == MOST
        for each, place in zip(found, places, strict=True):
            grey = data.validation.pictures[place][0]
            factor = len(each) // len(grey)
            np.testing.assert_array_equal(each[::factor, ::factor, 0], grey)
    # Below each strip stands what is right for the task that is to be solved.
    words = said(at)
    for target, places in wanted:
        answers = [data.class_names[target][data.validation.targets[target][place]] for place in places]
        assert " · ".join(answers) in [each.replace("\\", "") for each in words]


def runs(columns):
    """Give columns that stand side by side."""
    return np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)


def test_pictures_that_are_not_at_hand_are_loaded_when_asked_for(opened, digits, tmp_path, drawn):
    home = tmp_path / "without pictures"
    shutil.copytree(digits[1], home, ignore=shutil.ignore_patterns("cache"))
    at = opened(home)
    assert not at.error
    assert any("not loaded yet" in each for each in said(at))
    assert images(at) == []
    (button,) = [each for each in at.button if each.label == "Load images"]
    assert not button.disabled
    button.click().run()
    assert not at.exception
    assert not at.error
    assert len(images(at)) == 4
    assert drawn
    assert [each for each in at.button if each.label == "Load images"] == []


def test_data_that_are_gone_are_one_sentence(opened):
    at = opened(study="gone")
    next(each for each in at.button if each.label == "Load images").click().run()
    assert not at.exception
    (fault,) = at.error
    assert "moved away" in fault.value.replace("\\", "")
    assert fault.value.endswith(".")
    assert images(at) == []


def test_other_data_than_were_measured_are_one_sentence(opened, digits):
    at = opened(study="fewer")
    next(each for each in at.button if each.label == "Load images").click().run()
    (fault,) = at.error
    n = len(digits[0].validation)
    assert f"{n} validation images, but {n - 1} were measured" in fault.value.replace("\\", "")
    assert images(at) == []
