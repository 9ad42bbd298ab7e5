import pytest

from core.jobs import this_machine
from core.jobs.instructions import VARIABLE, expected_instructions
from core.jobs.this_machine import arithmetic_here
from core.runs.arithmetic import Arithmetic
from core.runs.settings import TrainingSettings
from core.training.environment import device_of, environment_of

AVX512 = "sse2 avx avx2 avx512f avx512bw avx512dq avx512vl"


@pytest.mark.parametrize(
    ("flags", "chosen", "expected"),
    [
        (AVX512, "avx2", {"torch": "AVX2", "oneDNN": "AVX2"}),
        ("avx avx2", "native", {"torch": "AVX2", "oneDNN": "AVX2"}),
        (AVX512, "native", {"torch": "AVX512", "oneDNN": "AVX512"}),
        (f"{AVX512} avx10_1", "native", {"torch": "AVX512"}),
        ("avx2 avx512f", "native", {}),
        ("neon sve", "avx2", {}),
    ],
)
def test_the_processor_tells_what_a_worker_will_use(tmp_path, monkeypatch, flags, chosen, expected):
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    assert expected_instructions(tmp_path / "cpuinfo", chosen=chosen) == expected


def test_what_is_said_beforehand_agrees_with_what_torch_says(monkeypatch):
    """This process loaded torch without a limit."""
    monkeypatch.setenv(VARIABLE, "native")
    settings = TrainingSettings()
    found = Arithmetic.of(environment_of(device_of(settings), 1))
    assert not arithmetic_here(settings).differs(found)
    assert found.torch == arithmetic_here(settings).torch


def test_a_card_computes_otherwise_than_the_cpu(tmp_path, monkeypatch):
    (tmp_path / "gpus" / "0000:01:00.0").mkdir(parents=True)
    monkeypatch.setattr(this_machine, "_CARDS", tmp_path / "gpus")
    here = arithmetic_here(TrainingSettings(device="auto"))
    assert here.differs(arithmetic_here(TrainingSettings()))
    assert not here.differs(Arithmetic("NVIDIA H100", here.torch))
    assert here.differs(Arithmetic("NVIDIA H100", "1.0"))
