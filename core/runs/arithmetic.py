"""What decides the roundings of a result: device, version of torch, and the CPU instructions of its libraries."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.runs.result import Environment

TORCH: Final = "torch"
ANY_CARD: Final = "cuda"
# A result from elsewhere may hold any text.
_LONGEST: Final = 60
# "AVX2, oneDNN at most AVX2" was written before oneDNN was asked what it uses.
_NAMED: Final = re.compile(r"(oneDNN|MKL) (?:at most )?(.+)")
# What a name of an instruction set begins with; what follows names numbers that training does not use.
_SET: Final = re.compile(r"AVX10|AVX-?512|AVX-?2|AVX|SSE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How the numbers of a result were computed, as far as its record says.

    Results of one run are equal bit for bit only where this is the same.

    Args:
        device: ``cpu``, the name of the GPU, or ``cuda`` for any; empty where not recorded.
        torch: Version of torch, without its build; empty where not recorded.
        instructions: Library → CPU instruction set that it used, in the order torch, oneDNN, MKL; none on a GPU.
    """

    device: str
    torch: str
    instructions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, environment: Environment) -> "Arithmetic":
        """Return the arithmetic that an environment records."""
        device = environment.device[:_LONGEST]
        version = environment.versions.get(TORCH, "").partition("+")[0][:_LONGEST]
        recorded = instruction_sets(environment.instructions) if device == "cpu" else {}
        return cls(device, version, tuple(recorded.items()))

    @property
    def is_recorded(self) -> bool:
        """Whether everything that counts is recorded."""
        return bool(self.device and self.torch and (self.device != "cpu" or self.instructions))

    def differs(self, other: "Arithmetic") -> bool:
        """Return whether the two are known to compute differently; what one of them does not record is passed over."""
        here, there = dict(self.instructions), dict(other.instructions)
        return (
            _differ(self.torch, other.torch)
            or (_differ(self.device, other.device) and not self._may_be_one_card(other))
            or any(here[library] != there[library] for library in here.keys() & there.keys())
        )

    def _may_be_one_card(self, other: "Arithmetic") -> bool:
        return ANY_CARD in (self.device, other.device) and "cpu" not in (self.device, other.device)

    def is_same(self, other: "Arithmetic") -> bool:
        """Return whether the two are known to compute the same."""
        return self.is_recorded and other.is_recorded and not self.differs(other)

    def is_of(self, here: "Arithmetic") -> bool:
        """Return whether a result is known to be computed as a machine does it.

        Args:
            here: Of the machine, as far as that is known beforehand.
        """
        return self.is_recorded and not self.differs(here)

    def __str__(self) -> str:
        """Return it in words, such as "torch 2.14.1, AVX2"."""
        version = f"torch {self.torch}" if self.torch else "torch of an unrecorded version"
        if self.device != "cpu":
            return f"{version}, {self.device or 'device not recorded'}"
        if not self.instructions:
            return f"{version}, CPU instructions not recorded"
        sets = dict(self.instructions)
        if len({*sets.values()}) == 1:
            return f"{version}, {next(iter(sets.values()))}"
        return ", ".join([version, *(f"{library} {found}" for library, found in sets.items() if library != TORCH)]) + (
            f", own kernels {sets[TORCH]}" if TORCH in sets else ""
        )


def instruction_sets(recorded: str) -> Mapping[str, str]:
    """Return library → instruction set of a record, such as "AVX2, oneDNN AVX2".

    >>> dict(instruction_sets("AVX512, oneDNN at most AVX2"))
    {'torch': 'AVX512', 'oneDNN': 'AVX2'}
    """
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in recorded.split(","))):
        named = _NAMED.fullmatch(part)
        found.setdefault(named[1] if named else TORCH, short_set(named[2] if named else part))
    return MappingProxyType(found)


def short_set(name: str) -> str:
    """Return the short name of an instruction set; what is not known by name stays as it is, at most 40 letters.

    >>> short_set("Intel AVX-512 with Intel DL Boost and bfloat16 support"), short_set("Intel AVX2")
    ('AVX512', 'AVX2')
    """
    known = _SET.search(name)
    return known[0].upper().replace("-", "") if known else name.replace(",", " ").strip()[:40]


def counted(environments: Iterable[Environment]) -> Mapping[Arithmetic, int]:
    """Return arithmetic → number of results, the most frequent first."""
    found: dict[Arithmetic, int] = {}
    for environment in environments:
        arithmetic = Arithmetic.of(environment)
        found[arithmetic] = found.get(arithmetic, 0) + 1
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: -item[1])))


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)
