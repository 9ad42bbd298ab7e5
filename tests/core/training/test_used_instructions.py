import json
import subprocess
import sys

import pytest
import torch

from core.jobs.instructions import pinned_instructions
from core.runs.arithmetic import instruction_sets
from core.training.used_instructions import used_instructions

ASK = """
import json, torch
before = torch.get_rng_state()
print("a library prints, too", end="")
from core.training.used_instructions import used_instructions
found = used_instructions()
print(json.dumps([found, bool((torch.get_rng_state() == before).all())]))
"""
ONLY_ONEDNN = {"ONEDNN_MAX_CPU_ISA": "AVX2"}


def answer(monkeypatch, variables):
    for name in ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("a library prints, too[")
    found, untouched = json.loads(done.stdout.removeprefix("a library prints, too"))
    assert untouched
    return instruction_sets(found)


@pytest.mark.slow
@pytest.mark.skipif(not pinned_instructions(), reason="this processor has no AVX2")
def test_a_limit_on_any_library_is_seen_and_one_without_effect_is_not(monkeypatch):
    pinned = answer(monkeypatch, pinned_instructions())
    assert (pinned["torch"], pinned["oneDNN"]) == ("AVX2", "AVX2")
    assert answer(monkeypatch, ONLY_ONEDNN)["oneDNN"] == "AVX2"
    free, misspelt = answer(monkeypatch, {}), answer(monkeypatch, {"ONEDNN_MAX_CPU_ISA": "AVX-2"})
    assert free == misspelt
    if torch.backends.cpu.get_cpu_capability().startswith("AVX512"):
        assert free["oneDNN"] == "AVX512"


def test_it_is_asked_once_and_prints_nothing(capfd):
    assert used_instructions() is used_instructions()
    assert capfd.readouterr().out == ""
