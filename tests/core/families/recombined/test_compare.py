import itertools

import numpy as np
import pytest
import torch

from core.affinity import dissimilarities
from core.data import store
from core.errors import AffinityError
from core.families.layouts.request import TableRequest
from core.families.recombined.compare import dissimilarities_of, run_similarity
from core.families.recombined.runs import similarity_run
from core.families.single import train as runs
from core.layouts import Layout
from core.networks.export import save_weights
from core.runs.result import RunState
from core.studies.documents import read_similarity
from core.studies.specification import ScenesSpecification, StudySpecification
from core.studies.specification import TrainingSettings as Settings
from core.training.build import build

DATASET = ScenesSpecification(n_train=64, n_validation=12, n_test=8, size=16)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return store.load(DATASET, folder=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def specification():
    return StudySpecification(
        name="tiny",
        dataset=DATASET,
        tasks=("depth", "edges", "segmentation"),
        training=Settings(batch_size=32, epochs=2),
        table=TableRequest(seeds=(3, 0)),
    )


@pytest.fixture(scope="module")
def asked(specification):
    return similarity_run(specification)


@pytest.fixture(scope="module")
def measure(data, tmp_path_factory):
    """Give the function that measures in a folder of its own, or in a given one."""

    def run(asked, folder=None, **options):
        place = folder or tmp_path_factory.mktemp("home")
        return run_similarity(asked, data, lambda key: place / f"{key}.safetensors", drafts=place, **options)

    return run


@pytest.fixture(scope="module")
def measured(asked, measure):
    return measure(asked)


def values(result):
    return np.array(result.payload["similarity"]["values"])


def test_there_is_one_table_per_block_from_the_first_seed(measured):
    found = read_similarity(measured.payload["similarity"], 3, 5)
    assert (found.seed, found.n_pictures) == (3, 12)
    assert (np.abs(found.values[:, [0, 0, 1], [1, 2, 2]]) < 1).all()
    # All networks of a seed start from the same weights, so the first block has had least time to part.
    assert found.values[0, 0, 1] > found.values[-1, 0, 1]


def test_an_interrupted_measurement_goes_on_and_equals_one_in_a_single_go(asked, measure, measured, tmp_path):
    def interrupt(step, steps, _):
        if step > steps / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(asked, tmp_path, progress=interrupt)
    assert len(list(tmp_path.iterdir())) == 1
    seen = []
    again = measure(asked, tmp_path, progress=lambda step, steps, _: seen.append(step / steps))
    np.testing.assert_array_equal(values(again), values(measured))
    assert not list(tmp_path.iterdir())
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_kept_weights_of_the_runs_are_used(asked, measure, measured, data, tmp_path):
    for source in asked.sources:
        runs.train_network(
            source, data=data, keep=lambda net, key=source.key: save_weights(net, tmp_path / f"{key}.safetensors")
        )

    def no_training(*_):
        raise AssertionError("a network was trained again")

    again = measure(asked, tmp_path, should_stop=no_training)
    np.testing.assert_array_equal(values(again), values(measured))
    assert len(list(tmp_path.iterdir())) == 3


def test_damaged_weights_are_as_good_as_none(asked, measure, measured, tmp_path):
    (tmp_path / f"{asked.sources[0].key}.safetensors").write_bytes(b"no weights")
    np.testing.assert_array_equal(values(measure(asked, tmp_path)), values(measured))


def test_a_stopped_measurement_gives_nothing(asked, measure):
    counter = itertools.count()
    found = measure(asked, should_stop=lambda: next(counter) > 0)
    assert found.state is RunState.CANCELLED
    assert found.payload is None


def test_the_networks_are_those_of_the_runs(specification, data):
    asked = similarity_run(specification).sources[0]
    device = torch.device("cpu")
    with runs.threads(1):
        _, outcome = runs.train(asked, data, device)
        found = runs.evaluate(outcome.network, data, (data.task("depth"),), device)
    assert found.metrics == runs.train_network(asked, data=data).metrics


def test_features_are_taken_after_every_block(specification, data):
    task = data.task("depth")
    network = build(specification.backbone, Layout.all_shared(1, 5), (task,), data.size, 0).eval()
    pictures = torch.rand(6, 3, 16, 16)
    found = dissimilarities_of(network, pictures)
    assert found.shape == (5, 6, 6)
    with torch.no_grad():
        last = network.features(pictures)[0].flatten(1).numpy()
    np.testing.assert_allclose(found[-1], dissimilarities(last), atol=1e-5)


def test_a_training_that_diverges_gets_a_sentence(specification, measure):
    hot = Settings(batch_size=8, epochs=40, learning_rate=10.0, optimizer="sgd", schedule="step", average=0.0)
    with pytest.raises(AffinityError, match="not-a-number"):
        measure(similarity_run(specification.model_copy(update={"training": hot})))
