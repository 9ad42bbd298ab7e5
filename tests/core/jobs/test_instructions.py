import pytest

from core.jobs.instructions import VARIABLE, pinned_instructions


def processor(tmp_path, flags):
    path = tmp_path / "cpuinfo"
    path.write_text(f"model name\t: A processor\nflags\t\t: fpu {flags}\n", encoding="utf-8")
    return path


def test_workers_are_held_to_one_set_of_instructions(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    pin = pinned_instructions(processor(tmp_path, "sse2 avx avx2 avx512f"))
    assert set(pin) == {"ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS"}
    assert {value.lower() for value in pin.values()} == {"avx2"}


@pytest.mark.parametrize("flags", ["sse2 avx", "avx512f", ""])
def test_a_processor_without_them_is_left_alone(tmp_path, monkeypatch, flags):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert pinned_instructions(processor(tmp_path, flags)) == {}


def test_who_asks_for_all_of_the_processor_gets_it(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "native")
    assert pinned_instructions(processor(tmp_path, "avx2")) == {}


def test_a_system_that_does_not_say_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert pinned_instructions(tmp_path / "none") == {}
