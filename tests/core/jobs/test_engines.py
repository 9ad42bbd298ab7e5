"""One host carries out runs that are held to AVX2 and runs that may use everything."""

import pytest
import torch

from core.jobs.engine import EngineSettings
from core.jobs.host import serve
from core.jobs.instructions import pinned_instructions
from core.jobs.queue import Queue
from core.runs.arithmetic import instruction_sets
from core.studies.expand import trainings
from core.training.prepare_study import prepare_study


@pytest.mark.slow
@pytest.mark.skipif(not pinned_instructions(), reason="this processor has no AVX2")
def test_every_run_computes_with_the_instructions_of_its_study(stored, tiny):
    training = tiny.training.model_copy(update={"instructions": "native", "learning_rate": 0.02})
    free = tiny.model_copy(update={"name": "free", "training": training})
    stored.put(prepare_study(free)[0])
    chosen = {"tiny": trainings(tiny)[0], "free": trainings(free)[0]}
    for name, run in chosen.items():
        Queue(stored).submit(name, [run])
    serve(
        stored,
        EngineSettings(workers=1, memory=2 * 10**9),
        should_stop=lambda: not Queue(stored).n_active(),
    )
    used = {
        name: instruction_sets(stored.results(name)[run.key].environment.instructions) for name, run in chosen.items()
    }
    assert (used["tiny"]["torch"], used["tiny"]["oneDNN"]) == ("AVX2", "AVX2")
    if torch.backends.cpu.get_cpu_capability().startswith("AVX512"):
        assert used["free"]["oneDNN"] == "AVX512"
