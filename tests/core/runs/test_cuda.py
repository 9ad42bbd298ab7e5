"""Every kind of training on a graphics card, where there is one."""

import pytest
import torch

from core.runs.result import RunState
from core.studies.family import kinds
from core.training.execute import execute
from core.training.workplace import Workplace
from tests.core.runs.test_every_kind import SAMPLES

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is present")
TRAININGS = sorted(kind for kind, run in kinds().items() if run.is_training or kind == "similarity")


@pytest.mark.parametrize("device", ["cuda", "auto"])
@pytest.mark.parametrize("kind", TRAININGS)
def test_it_is_carried_out_on_the_card(kind, device, tmp_path):
    run = SAMPLES[kind]
    done, weights = execute(kind, run.model_dump_json(), Workplace(tmp_path, keep_weights=True), device=device)
    assert done.state is RunState.DONE, done.sentence
    assert done.environment.device == torch.cuda.get_device_name(0)
    assert (weights is not None) == run.can_keep_weights
    run.check(done)
