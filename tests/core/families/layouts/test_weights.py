"""Joining the weights of separate networks, and loading them into the file people take away."""

import importlib.util

import numpy as np
import pytest
import torch
from safetensors.torch import load, load_file

from core.backbones.source import standalone_source
from core.errors import StudyError
from core.families.layouts.runs import expand as layout_trainings
from core.families.layouts.runs import layout_runs
from core.families.layouts.weights import WeightsState, joined, joined_file, weights_of
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.networks.export import profile_of, to_bytes
from core.networks.tree import TreeNetwork
from core.studies.database import Database
from core.studies.specification import BackboneSpecification
from core.tasks import Kind, Metric, Task
from core.training.build import build

TASKS = (
    Task("classes", Kind.SEGMENTATION, (Metric("mIoU", True),), 4),
    Task("kind", Kind.CLASSIFICATION, (Metric("accuracy", True),), 3),
    Task("far", Kind.DEPTH, (Metric("error", False),), 1),
)
BACKBONE = BackboneSpecification(width=2)
LAYOUTS = tuple(enumerate_layouts(3, 5))
X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def trained(layout: Layout, tasks: tuple[Task, ...], place: int) -> TreeNetwork:
    """Give a network whose every weight, copies of one block included, differs."""
    network = build(BACKBONE, layout, tasks, (16, 16), 0)
    with torch.random.fork_rng():
        torch.manual_seed(place)
        network.train()(torch.randn(4, 3, 16, 16))
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
    return network.eval()


def parts_of(layout: Layout) -> list[TreeNetwork]:
    return [
        trained(own, tuple(TASKS[t] for t in tasks), place) for place, (tasks, own) in enumerate(layout.components())
    ]


def arrays(network: TreeNetwork) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def module_of(layout: Layout, folder) -> torch.nn.Module:
    """Give the network of the exported file, imported as people would."""
    blocks = build(BACKBONE, Layout.all_shared(1, 5), TASKS[:1], (16, 16), 0).blocks
    profile = profile_of([block[0] for block in blocks], X, name="small", builder="small_residual(width=2)")
    source = standalone_source(
        profile,
        layout.to_json(),
        [task.name for task in TASKS],
        outputs=[task.n_outputs for task in TASKS],
        kinds=[task.kind for task in TASKS],
    )
    path = folder / "network.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("network", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build()


@pytest.mark.parametrize("layout", LAYOUTS[::8], ids=str)
def test_the_joined_weights_fit_the_exported_file_and_answer_alike(layout, tmp_path):
    parts = parts_of(layout)
    files = []
    for place, part in enumerate(parts):
        files.append(tmp_path / f"{place}.safetensors")
        files[-1].write_bytes(to_bytes(part))
    network = module_of(layout, tmp_path)
    network.load_state_dict(load(joined_file(layout, files)), strict=True)
    network.eval()
    with torch.no_grad():
        answers = network(X)
        for (tasks, _), part in zip(layout.components(), parts, strict=True):
            part = part.to(memory_format=torch.channels_last)
            for place, answer in part(X).items():
                assert torch.equal(answers[TASKS[tasks[place]].name], answer)


@pytest.mark.parametrize("layout", LAYOUTS[::5], ids=str)
def test_nothing_is_lost_and_nothing_is_there_twice(layout):
    parts = parts_of(layout)
    whole = joined(layout, [arrays(part) for part in parts])
    own = build(BACKBONE, layout, TASKS, (16, 16), 0).state_dict()
    assert {name: tensor.shape for name, tensor in whole.items()} == {n: tuple(t.shape) for n, t in own.items()}
    total = sum(float(np.abs(tensor).sum(dtype=np.float64)) for part in parts for tensor in arrays(part).values())
    assert sum(float(np.abs(tensor).sum(dtype=np.float64)) for tensor in whole.values()) == pytest.approx(total)


def test_a_connected_layout_keeps_its_names():
    layout = Layout.parse("0,1,2 | 0,1,2 | 0,1;2 | 0,1;2 | 0;1;2")
    part = arrays(parts_of(layout)[0])
    assert {name: id(tensor) for name, tensor in joined(layout, [part]).items()} == {
        name: id(tensor) for name, tensor in sorted(part.items())
    }


def test_parts_of_another_layout_are_refused():
    shared, split = Layout.all_shared(3, 5), Layout.all_split(3, 5)
    with pytest.raises(StudyError, match="3 separate networks; the weights of 1"):
        joined(split, [arrays(parts_of(shared)[0])])
    with pytest.raises(StudyError, match="which this layout has not"):
        joined(shared, [arrays(parts_of(Layout.parse("0,1,2|0;1;2|0;1;2|0;1;2|0;1;2"))[0])])


@pytest.fixture
def stored(database: Database, record):
    database.put(record)
    return database, record.specification


def keep(database: Database, keys, result_of, specification, *, weights: bool) -> None:
    runs = {run.key: run for run in layout_trainings(specification)}
    with database.writing() as connection:
        connection.executemany(
            "UPDATE runs SET state = 'done', result = ?, weights = ? WHERE key = ?",
            [(result_of(runs[key]).model_dump_json(), f"{key}.safetensors" if weights else None, key) for key in keys],
        )


@pytest.mark.parametrize("text", ["0,1,2 | 0,1,2", "0,1;2 | 0;1;2", "0;1;2 | 0;1;2"])
def test_weights_are_found_where_one_seed_has_them_all(stored, result_of, text):
    database, asked = stored
    layout = Layout.parse(text)
    first, second = ([run.key for run in layout_runs(asked, layout, seed)] for seed in (7, 8))
    assert weights_of(database, asked, layout).state is WeightsState.NOT_TRAINED
    keep(database, first[:-1], result_of, asked, weights=True)
    assert weights_of(database, asked, layout).state is WeightsState.NOT_TRAINED
    keep(database, first, result_of, asked, weights=False)
    assert weights_of(database, asked, layout).state is WeightsState.NOT_KEPT
    keep(database, second, result_of, asked, weights=True)
    found = weights_of(database, asked, layout)
    assert (found.state, found.seed) == (WeightsState.KEPT, 8)
    assert [path.name for path in found.files] == [f"{key}.safetensors" for key in second]
    assert all(path.parent == database.path.parent / "weights" for path in found.files)


def test_a_lost_file_is_one_sentence(tmp_path):
    (tmp_path / "damaged.safetensors").write_bytes(b"no tensors")
    layout = Layout.all_shared(1, 1)
    for name in ("damaged", "lost"):
        with pytest.raises(StudyError, match=f"{name}.safetensors can't be read.*Train the layout again"):
            joined_file(layout, [tmp_path / f"{name}.safetensors"])


def test_the_file_says_its_layout(tmp_path):
    layout = LAYOUTS[3]
    files = [tmp_path / f"{place}.safetensors" for place in range(len(layout.components()))]
    for path, part in zip(files, parts_of(layout), strict=True):
        path.write_bytes(to_bytes(part))
    (tmp_path / "whole.safetensors").write_bytes(joined_file(layout, files))
    assert (
        load_file(tmp_path / "whole.safetensors").keys()
        == build(BACKBONE, layout, TASKS, (16, 16), 0).state_dict().keys()
    )
    assert layout.to_text().encode() in (tmp_path / "whole.safetensors").read_bytes()
