"""CPU instructions that workers may use: the same on every machine, so that results are reproduced bit for bit."""

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from core.runs.settings import Instructions

# Set to ``native``, workers use all that the processor has: a little faster, and other results on other machines.
VARIABLE: Final = "BRANCHWISE_INSTRUCTIONS"
_PIN: Final = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
_PINNED: Final = "AVX2"
_AVX512: Final = frozenset({"avx512f", "avx512bw", "avx512dq", "avx512vl"})


def pinned_instructions(cpu: Path = Path("/proc/cpuinfo"), *, chosen: Instructions = "avx2") -> dict[str, str]:
    """Return variables that hold torch, oneDNN and MKL to AVX2; none where the processor lacks it or native is set.

    They must be set before torch is loaded. Kernels of AVX512 give other roundings than those of AVX2, and after some
    epochs metrics that differ as much as those of two seeds.

    Args:
        cpu: Where the system lists what the processor can do.
        chosen: Of the study.
    """
    if chosen == "native" or os.environ.get(VARIABLE, "").strip().lower() == "native":
        return {}
    return dict(_PIN) if "avx2" in _flags(cpu) else {}


def expected_instructions(cpu: Path = Path("/proc/cpuinfo"), *, chosen: Instructions = "avx2") -> dict[str, str]:
    """Return library → instruction set that a worker will use, as far as the processor tells without torch.

    Args:
        cpu: Where the system lists what the processor can do.
        chosen: Of the study.
    """
    flags = _flags(cpu)
    if pinned_instructions(cpu, chosen=chosen) or ("avx2" in flags and not flags & _AVX512):
        return {"torch": "AVX2", "oneDNN": "AVX2"}
    if flags >= _AVX512:
        # What oneDNN makes of processors with AVX10 is not known beforehand.
        later = any(flag.startswith("avx10") for flag in flags)
        return {"torch": "AVX512"} if later else {"torch": "AVX512", "oneDNN": "AVX512"}
    return {}


@lru_cache(maxsize=4)
def _flags(cpu: Path) -> frozenset[str]:
    try:
        return frozenset(cpu.read_text(encoding="utf-8").split())
    except OSError:
        return frozenset()


def hold_to(chosen: Instructions, cpu: Path = Path("/proc/cpuinfo")) -> str:
    """Hold this process to the instructions of a study; return what a study may use and it can't, or an empty text.

    For a worker that somebody else started: whichever run comes first decides, and what is set in its environment
    stays. A study that is held to instructions which this process exceeds is refused; see ``wrong_instructions``.

    Args:
        chosen: Of the study.
        cpu: Where the system lists what the processor can do.
    """
    pin = pinned_instructions(cpu, chosen=chosen)
    if "torch" not in sys.modules:
        _Held.chosen = chosen
        for name, value in pin.items():
            os.environ.setdefault(name, value)
        return ""
    if chosen != "native" or _Held.chosen in ("", chosen) or not pinned_instructions(cpu):
        return ""
    return (
        f"Its worker trained a study with instructions = {_Held.chosen!r} before and computes with them until it is "
        f"started again; this study requests {chosen!r}."
    )


def wrong_instructions(used: str, chosen: Instructions, cpu: Path = Path("/proc/cpuinfo")) -> str:
    """Return which instructions a process uses though a study is held to others; an empty text where all is well.

    Args:
        used: What torch and the libraries it calls say of themselves, such as "AVX512, oneDNN AVX512".
        chosen: Of the study.
        cpu: Where the system lists what the processor can do.
    """
    if not pinned_instructions(cpu, chosen=chosen):
        return ""
    # MKL is not asked: on processors of other makers it can't be limited.
    parts = [part for part in used.split(", ") if part and not part.startswith("MKL")]
    return ", ".join(part for part in parts if part.split()[-1].upper() != _PINNED)


class _Held:
    """What this process was held to by its first run; empty where torch was loaded before."""

    chosen: Instructions | Literal[""] = ""


def lift_limit() -> None:
    """Let this process use every instruction, where torch is not loaded yet.

    The variables of one worker are left in its host, from where those of others inherit them.
    """
    if "torch" not in sys.modules:
        for name in _PIN:
            os.environ.pop(name, None)
