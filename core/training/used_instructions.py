"""Which CPU instructions torch and the libraries it calls use in this process, as they say themselves."""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from typing import Final

import torch
from torch.backends import mkl, mkldnn

from core.runs.arithmetic import short_set

_ONEDNN: Final = re.compile(r"^onednn_verbose.*\bcpu,isa:(.+)$", re.MULTILINE)
# On processors of other makers MKL names no set: it can't be limited there either.
_MKL: Final = re.compile(r"^MKL_VERBOSE oneMKL.*architecture (.+?) enabled processors", re.MULTILINE)
# Where output goes belongs to the whole process.
_ONE_AT_A_TIME: Final = threading.Lock()


@cache
def used_instructions() -> str:
    """Return the instruction sets in use, such as "AVX2, oneDNN AVX2"; they never change within a process.

    Results of two sets differ about as much as results of two seeds. torch says what its own kernels use. oneDNN and
    MKL say it where their work is printed, so each does a little work and what it prints is read.
    """
    parts = [torch.backends.cpu.get_cpu_capability()]
    with _ONE_AT_A_TIME:
        said = _printed(_little_work)
    for library, pattern in (("oneDNN", _ONEDNN), ("MKL", _MKL)):
        if found := pattern.search(said):
            parts.append(f"{library} {short_set(found[1])}")
    return ", ".join(parts)


def _little_work() -> None:
    if mkldnn.is_available():  # type: ignore[no-untyped-call]
        with mkldnn.verbose(mkldnn.VERBOSE_ON):  # type: ignore[no-untyped-call]
            torch.zeros(1, 1, 8, 8).to_mkldnn()
    if mkl.is_available():  # type: ignore[no-untyped-call]
        with mkl.verbose(mkl.VERBOSE_ON):  # type: ignore[no-untyped-call]
            torch.zeros(8, 8) @ torch.zeros(8, 8)


def _printed(work: Callable[[], None]) -> str:
    """Return what work prints on the standard output of the process, which libraries in C write to directly."""
    if sys.stdout is not None:
        sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:
        return ""  # the process has no standard output
    try:
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), 1)
            try:
                work()
            finally:
                os.dup2(kept, 1)
            file.seek(0)
            return file.read().decode(errors="replace")
    finally:
        os.close(kept)
