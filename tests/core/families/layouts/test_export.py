"""What an exported layout says and does: raw pictures are read as in training, figures are those of its seeds."""

import importlib.util

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import save

from core.data.membership import membership_of, preprocessing_of
from core.data.picture_file import read_picture
from core.errors import StudyError
from core.families.layouts.export import describe
from core.families.layouts.runs import layout_runs
from core.families.layouts.weights import LayoutWeights, WeightsState
from core.families.single.runs import single_run
from core.layouts import Layout
from core.studies.dataset_specification import FolderSpecification, PhotographsSpecification, ScenesSpecification
from core.studies.study import SPLITS
from core.studies.weights_file import with_origin

LAYOUT = Layout.parse("0,1,2 | 0;1;2")


@pytest.fixture
def module(tmp_path):
    """The exported file, whose pictures are those of a folder."""
    from core.backbones.source import standalone_source
    from core.networks.export import profile_of
    from core.networks.small import small_residual

    folder = FolderSpecification(name="folder", path="/nowhere", size=32)
    source = standalone_source(
        profile_of(small_residual(2), torch.zeros(1, 3, 32, 32), name="small", builder="small_residual(width=2)"),
        Layout.all_shared(2, 5).to_json(),
        ["a", "b"],
        preprocessing=preprocessing_of(folder, (32, 32)).model_dump(mode="json"),
    )
    path = tmp_path / "network.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location("network", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def pictures(rng):
    colour = rng.integers(0, 256, (90, 130, 3)).astype(np.uint8)
    alpha = np.dstack([colour, rng.integers(0, 256, (90, 130)).astype(np.uint8)])
    turned = Image.Exif()
    turned[0x0112] = 6
    return {
        "colour.png": (Image.fromarray(colour), {}),
        "large.jpg": (Image.fromarray(colour).resize((900, 700)), {}),
        "turned.jpg": (Image.fromarray(colour), {"exif": turned}),
        "grey.png": (Image.fromarray(colour[..., 0]), {}),
        "deep.png": (Image.fromarray(rng.integers(0, 65536, (90, 130)).astype(np.uint16)), {}),
        "clear.png": (Image.fromarray(alpha), {}),
        "palette.gif": (Image.fromarray(colour).quantize(16), {}),
        "small.png": (Image.fromarray(colour[:9, :7]), {}),
    }


@pytest.mark.parametrize("name", list(pictures(np.random.default_rng(0))))
def test_raw_pictures_are_read_as_in_training(module, name, tmp_path):
    image, options = pictures(np.random.default_rng(0))[name]
    image.save(tmp_path / name, **options)
    mine = read_picture(tmp_path / name, 32)
    theirs = module.read(tmp_path / name)
    assert np.array_equal(theirs.transpose(2, 0, 1), mine)
    prepared = module.prepare(theirs[None])
    assert torch.equal(prepared[0], (torch.from_numpy(mine.copy()).float() - 110) / 60)
    assert prepared.is_contiguous(memory_format=torch.channels_last)


def test_other_arrays_are_refused(module):
    with pytest.raises(ValueError, match="uint8"):
        module.prepare(np.zeros((1, 16, 16, 3), dtype=np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        module.prepare(np.zeros((1, 32, 32, 3), dtype=np.float32))


def test_sets_that_were_drawn_in_one_size_refuse_others():
    assert preprocessing_of(ScenesSpecification(), (32, 32)).resize == "none"
    assert preprocessing_of(PhotographsSpecification(name="photographs"), (32, 32)).resize == "bicubic"


def test_names_and_counts_are_those_of_the_data():
    found = membership_of(PhotographsSpecification(name="photographs", n_train=20, n_validation=10, n_test=12))
    assert found.class_names["photograph"] == ("temple", "dahlia")
    assert found.splits.counts == {"train": 20, "validation": 10, "test": 12}
    scenes = membership_of(ScenesSpecification(n_train=16))
    assert scenes.class_names["segmentation"][0] == "floor"
    assert scenes.splits.rule["n_train"] == 16


def test_metrics_are_means_over_the_seeds_or_those_of_the_weights(record, result_of, tmp_path):
    runs = {seed: layout_runs(record.specification, LAYOUT, seed) for seed in (7, 8)}
    results = {run.key: result_of(run) for found in runs.values() for run in found}
    (run,) = runs[8]
    path = tmp_path / "weights.safetensors"
    path.write_bytes(save({"w": np.zeros(1)}))
    weights = LayoutWeights(WeightsState.KEPT, 8, (path,))
    both, one = (describe(record, LAYOUT, results, given).manifest for given in (None, weights))
    for task, alone in zip(both.tasks, one.tasks, strict=True):
        assert {metric.seeds for metric in task.metrics} == {(7, 8)}
        assert {metric.seeds for metric in alone.metrics} == {(8,)}
    first = one.tasks[0].metrics[0]
    assert first.value == results[run.key].metrics[first.split][one.tasks[0].name][first.name]
    assert {metric.of for task in (*both.tasks, *one.tasks) for metric in task.metrics} == {"run"}
    # The run is trained again: the weights are those of now, the result is the first one.
    again = {
        split: {task: dict.fromkeys(m, 0.25) for task, m in t.items()} for split, t in results[run.key].metrics.items()
    }
    path.write_bytes(with_origin(path.read_bytes(), run.key, results[run.key].model_copy(update={"metrics": again})))
    anew = describe(record, LAYOUT, results, weights).manifest
    assert {(m.value, m.of, m.seeds) for task in anew.tasks for m in task.metrics} == {(0.25, "weights", (8,))}
    assert not any(task.metrics for task in describe(record, LAYOUT, {}).manifest.tasks)


def test_a_manifest_says_what_its_metrics_have_to_be_compared_with(record, results):
    constant = {split: {task.name: {m.name: 0.5 for m in task.metrics} for task in record.tasks} for split in SPLITS}
    results = {key: result.model_copy(update={"constant": constant}) for key, result in results.items()}
    for place, task in enumerate(describe(record, LAYOUT, results).manifest.tasks):
        alone = [results[single_run(record.specification, place, seed).key] for seed in (0, 1, 7, 8)]
        for metric in task.single_task:
            values = [result.metrics[metric.split][task.name][metric.name] for result in alone]
            assert metric.value == pytest.approx(np.mean(values))
            assert set(metric.seeds) == {0, 1, 7, 8}
        assert len(task.single_task) == len(task.constant) == 2 * len(record.tasks[place].metrics)
        assert {metric.value for metric in task.constant} == {0.5}


def test_what_has_no_networks_is_refused(table_record):
    with pytest.raises(StudyError, match="no networks that share pictures"):
        describe(table_record, LAYOUT, {})
