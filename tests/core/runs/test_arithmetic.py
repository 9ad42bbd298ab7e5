import pytest

from core.runs.arithmetic import Arithmetic, counted, instruction_sets
from core.runs.result import Environment


def environment(instructions="AVX2, oneDNN AVX2", device="cpu", torch="2.14.1+cu130"):
    versions = {"torch": torch} if torch else {}
    return Environment(device=device, machine="m", threads=1, versions=versions, instructions=instructions)


def of(*values, **named):
    return Arithmetic.of(environment(*values, **named))


@pytest.mark.parametrize(
    "other",
    [
        of("AVX512, oneDNN AVX512"),
        of("AVX2, oneDNN AVX512"),
        of("AVX512, oneDNN at most AVX2"),
        of(torch="2.9.1"),
        of(device="NVIDIA H100"),
    ],
)
def test_another_set_of_any_library_version_or_device_computes_differently(other):
    assert of().differs(other)
    assert other.differs(of())
    assert not of().is_same(other)


def test_what_both_record_decides():
    """Records of earlier versions name fewer libraries, and the limit of oneDNN instead of what it used."""
    assert of().is_same(of("AVX2, oneDNN at most AVX2"))
    assert of().is_same(of("AVX2, oneDNN AVX2, MKL AVX2"))
    assert of().is_same(of(torch="2.14.1+cpu"))
    assert of("AVX2, MKL AVX2").differs(of("AVX2, MKL AVX512"))


@pytest.mark.parametrize("unknown", [of(""), of(torch=""), of(device="")])
def test_what_is_not_recorded_is_neither_the_same_nor_different(unknown):
    assert not unknown.is_recorded
    assert not unknown.differs(of())
    assert not unknown.is_same(of())
    assert not unknown.is_same(unknown)


def test_a_card_has_no_cpu_instructions():
    assert of("", device="NVIDIA H100").is_same(of(device="NVIDIA H100"))


def test_words():
    assert str(of("AVX2, oneDNN AVX2, MKL AVX2")) == "torch 2.14.1, AVX2"
    assert str(of("")) == "torch 2.14.1, CPU instructions not recorded"
    assert str(of("AVX512, oneDNN at most AVX2")) == "torch 2.14.1, oneDNN AVX2, own kernels AVX512"
    assert str(of(device="NVIDIA H100")) == "torch 2.14.1, NVIDIA H100"
    assert len(str(of("x" * 300))) < 100


@pytest.mark.parametrize("recorded", ["", ",", " , ,", "oneDNN", "MKL at most ", "AVX2, AVX512", "é, x"])
def test_any_record_is_read(recorded):
    assert len(instruction_sets(recorded)) <= 3
    str(of(recorded))


def test_results_are_counted_the_most_frequent_first():
    found = counted([environment(torch="2.9.1"), environment(), environment("AVX2, oneDNN at most AVX2")])
    assert list(found.items()) == [(of(), 2), (of(torch="2.9.1"), 1)]
