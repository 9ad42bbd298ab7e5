import itertools

import numpy as np
import pytest
import torch

from core.affinity import dissimilarities
from core.data import store
from core.errors import AffinityError, StudyError
from core.layouts import Layout
from core.studies.similarity import source_runs
from core.studies.specification import DatasetSpecification, StudySpecification, TableRequest
from core.studies.specification import TrainingSettings as Settings
from core.training import run as runs
from core.training.build import build
from core.training.similarity import dissimilarities_of, measure_similarity

DATASET = DatasetSpecification(n_train=64, n_validation=12, n_test=8, size=16)


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
def measured(specification, data):
    return measure_similarity(specification, data)


def interrupt_at(wanted):
    def interrupt(task, _):
        if task == wanted:
            raise KeyboardInterrupt

    return interrupt


def test_there_is_one_table_per_block_from_the_first_seed(measured):
    measured.check_fits(3, 5)
    assert (measured.seed, measured.n_pictures) == (3, 12)
    assert (np.abs(measured.values[:, [0, 0, 1], [1, 2, 2]]) < 1).all()
    # All networks of a seed start from the same weights, so the first block has had least time to part.
    assert measured.values[0, 0, 1] > measured.values[-1, 0, 1]


def test_an_interrupted_measurement_goes_on_and_equals_one_in_a_single_go(specification, data, measured, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        measure_similarity(specification, data, progress=interrupt_at("edges"), checkpoints=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    seen = []
    again = measure_similarity(
        specification, data, progress=lambda task, done: seen.append((task, done)), checkpoints=tmp_path
    )
    np.testing.assert_array_equal(again.values, measured.values)
    assert not list(tmp_path.iterdir())
    assert "depth" not in dict(seen), "the finished network was trained again"
    shares = [done for _, done in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_stopped_measurement_gives_nothing(specification, data):
    counter = itertools.count()
    assert measure_similarity(specification, data, should_stop=lambda: next(counter) > 0) is None


def test_a_network_that_stopped_early_is_not_trained_on_after_an_interruption(specification, data, tmp_path):
    settings = Settings(batch_size=32, epochs=8, patience=1, learning_rate=0.2, average=0.0)
    patient = specification.model_copy(update={"training": settings})
    first = source_runs(patient)[0]
    trainer, outcome = runs.train(first, data, torch.device("cpu"))
    assert outcome.step < trainer.n_steps
    with pytest.raises(KeyboardInterrupt):
        measure_similarity(patient, data, progress=interrupt_at("segmentation"), checkpoints=tmp_path)
    again = measure_similarity(patient, data, checkpoints=tmp_path)
    np.testing.assert_array_equal(again.values[:, 0, 1], measure_similarity(patient, data).values[:, 0, 1])


def test_the_networks_are_those_of_the_runs(specification, data):
    asked = source_runs(specification)[0]
    device = torch.device("cpu")
    with runs.threads(1):
        _, outcome = runs.train(asked, data, device)
        metrics = runs.evaluate(outcome.network, data, (data.task("depth"),), device)
    assert metrics == runs.run(asked, data=data).metrics


def test_features_are_taken_after_every_block(specification, data):
    task = data.task("depth")
    network = build(specification.backbone, Layout.all_shared(1, 5), (task,), data.size, 0).eval()
    pictures = torch.rand(6, 3, 16, 16)
    found = dissimilarities_of(network, pictures)
    assert found.shape == (5, 6, 6)
    with torch.no_grad():
        last = network.features(pictures)[0].flatten(1).numpy()
    np.testing.assert_allclose(found[-1], dissimilarities(last), atol=1e-5)


def test_a_study_without_runs_gets_a_sentence(specification, data):
    with pytest.raises(StudyError, match="asks for no run"):
        measure_similarity(specification.model_copy(update={"table": None}), data)


def test_a_training_that_diverges_gets_a_sentence(specification, data):
    hot = Settings(batch_size=8, epochs=40, learning_rate=10.0, optimizer="sgd", schedule="step", average=0.0)
    with pytest.raises(AffinityError, match="not-a-number"):
        measure_similarity(specification.model_copy(update={"training": hot}), data)
