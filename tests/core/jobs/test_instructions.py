import json
import os
import subprocess
import sys

import pytest

from core.jobs.instructions import VARIABLE, pinned_instructions, wrong_instructions


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


def held(*chosen, before=""):
    """Return what a worker's process says of each run, and how it is limited at the end."""
    return (
        "import json, os, sys; from core.jobs.instructions import hold_to\n"
        f"{before}\nfound = []\n"
        f"for chosen in {chosen!r}:\n    found.append(hold_to(chosen, sys.argv[1]))\n    sys.modules['torch'] = sys\n"
        "print(json.dumps([found, os.environ.get('ATEN_CPU_CAPABILITY')]))"
    )


def said_by(tmp_path, program):
    cpu = processor(tmp_path, "sse2 avx avx2 avx512f")
    environment = {name: value for name, value in os.environ.items() if name not in (VARIABLE, "ATEN_CPU_CAPABILITY")}
    command = [sys.executable, "-c", program.replace("sys.argv[1]", f"__import__('pathlib').Path({str(cpu)!r})")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_worker_elsewhere_is_held_before_it_loads_torch(tmp_path):
    assert said_by(tmp_path, held("avx2", "avx2")) == [["", ""], "avx2"]
    assert said_by(tmp_path, held("native")) == [[""], None]


def test_what_is_set_where_a_worker_was_started_stays(tmp_path):
    program = held("avx2", before="os.environ['ATEN_CPU_CAPABILITY'] = 'default'")
    assert said_by(tmp_path, program) == [[""], "default"]


def test_a_worker_that_can_not_use_all_of_the_processor_says_so(tmp_path):
    (sentences, _) = said_by(tmp_path, held("avx2", "native"))
    assert sentences[0] == ""
    assert "instructions = 'avx2'" in sentences[1]
    assert "requests 'native'" in sentences[1]


@pytest.mark.parametrize(
    ("used", "chosen", "flags", "wrong"),
    [
        ("AVX512, oneDNN AVX512", "avx2", "avx2 avx512f", "AVX512, oneDNN AVX512"),
        ("AVX2, oneDNN AVX512", "avx2", "avx2", "oneDNN AVX512"),
        ("DEFAULT, oneDNN AVX2", "avx2", "avx2", "DEFAULT"),
        ("AVX2, oneDNN AVX2, MKL AVX512", "avx2", "avx2", ""),
        ("AVX2", "avx2", "avx2", ""),
        ("AVX512, oneDNN AVX512", "native", "avx2", ""),
        ("DEFAULT", "avx2", "sse2", ""),
    ],
)
def test_a_study_is_computed_with_what_it_is_held_to_or_all_of_the_processor(
    tmp_path, monkeypatch, used, chosen, flags, wrong
):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert wrong_instructions(used, chosen, processor(tmp_path, flags)) == wrong
