import pytest
import torch

from core.errors import StudyError
from core.families.layouts.request import TableRequest
from core.families.layouts.runs import pair_run
from core.families.recombined.runs import similarity_run
from core.families.single.runs import single_run
from core.networks.export import load_weights
from core.runs.result import RunState
from core.studies.specification import ScenesSpecification, StudySpecification, TrainingSettings
from core.studies.weights_file import origin_of
from core.training.build import build
from core.training.evaluation import evaluate
from core.training.execute import execute
from core.training.workplace import Workplace


@pytest.fixture
def specification():
    return StudySpecification(
        name="tiny",
        dataset=ScenesSpecification(n_train=32, n_validation=8, n_test=8, size=16),
        tasks=("depth", "edges"),
        training=TrainingSettings(batch_size=8, epochs=2),
        table=TableRequest(seeds=(0,)),
    )


@pytest.fixture
def executed(tmp_path):
    def carry(run, *, keep_weights=False, device=""):
        return execute(run.kind, run.model_dump_json(), Workplace(tmp_path, keep_weights), device=device)

    return carry


def test_kept_weights_are_those_that_were_measured(specification, executed, tmp_path):
    from core.data import store

    run = pair_run(specification, 0, 1, 2, 0)
    result, name = executed(run, keep_weights=True)
    assert name == f"{run.key}.safetensors"
    data = store.load(run.dataset, folder=tmp_path / "cache")
    tasks = tuple(data.task(task) for task in run.tasks)
    network = build(run.backbone, run.tree, tasks, data.size, seed=99)
    load_weights(network, tmp_path / "weights" / name)
    origin = origin_of(tmp_path / "weights" / name)
    assert (origin.key, origin.metrics, origin.environment) == (run.key, result.metrics, result.environment)
    assert evaluate(network, data, tasks, torch.device("cpu")).metrics == result.metrics


def test_weights_are_not_kept_unasked(specification, executed, tmp_path):
    result, name = executed(single_run(specification, 0, 0))
    assert (result.state, name) == (RunState.DONE, None)
    assert not (tmp_path / "weights").exists()


def test_a_measurement_is_a_run_too(specification, executed):
    result, _ = executed(similarity_run(specification))
    assert result.state is RunState.DONE
    assert len(result.payload["similarity"]["values"]) == 5


def test_a_fault_of_the_world_is_a_sentence(specification, executed):
    run = single_run(specification, 0, 0)
    if torch.cuda.is_available():
        pytest.skip("there is a graphics card")
    result, _ = executed(run, device="cuda")
    assert result.state is RunState.FAILED
    assert "no CUDA device is present" in result.sentence


def test_what_is_no_specification_is_refused(tmp_path):
    with pytest.raises(StudyError, match="damaged"):
        execute("layout", "{}", Workplace(tmp_path))
