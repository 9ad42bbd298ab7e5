"""Compile the inner loops with numba where it works; run them as plain Python where it does not."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])
_COVERAGE: Final = "coverage"


def _numba_njit() -> Callable[..., Any] | None:
    # numba asks for the package coverage, and would find benchmarks/coverage.py beside a script of that folder.
    not_there = sys.modules.setdefault(_COVERAGE, cast("ModuleType", None)) is None
    try:
        from numba import njit
    except Exception:  # a broken numba (wrong numpy, missing llvmlite) raises far more than ImportError
        return None
    finally:
        if not_there:
            del sys.modules[_COVERAGE]
    compiler: Callable[..., Any] = njit
    return compiler


_njit = _numba_njit()
HAS_NUMBA = _njit is not None


def compiled(function: F) -> F:
    """Return ``function`` compiled and cached on disk; without numba, ``function`` itself.

    The compiled loops release the interpreter lock, so a search in one thread of a server
    does not hold up the others.
    """
    if _njit is None:
        return function
    try:
        result: F = _njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no directory for the cache can be written: compile afresh in each process
        result = _njit(nogil=True)(function)
    return result
