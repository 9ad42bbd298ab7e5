"""What papers print of networks, cost and gain over their own single-task networks: ``assets/published.toml``."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import core
from core.costs import CostQuestion, Unit

# ``assets`` is next to ``core``, in a checkout as well as in an installed package.
FILE: Final = Path(core.__file__).parent.parent / "assets" / "published.toml"
_STORED: Final = (CostQuestion.STORED, Unit.PARAMETERS)
_ALL_TASKS: Final = (CostQuestion.ALL_TASKS, Unit.MACS)


@dataclass(frozen=True, slots=True)
class PublishedNetwork:
    """One network of a table.

    Args:
        table: Where it is printed.
        name: As the paper calls it.
        shares: (question, unit) → cost as a fraction of the paper's single-task networks together.
        gains: Δ of each task, percent.
        gain: Their mean, as printed where it is.
    """

    table: "PublishedTable"
    name: str
    shares: Mapping[tuple[CostQuestion, Unit], float]
    gains: tuple[float, ...]
    gain: float


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table of a paper that has points for the plane.

    Args:
        paper: Short name of the paper.
        number: Of the table.
        data: Data set.
        backbone: As the paper calls it.
        tasks: In the order of gains.
        conditions: What a reader must know of its figures.
    """

    paper: str
    number: str
    data: str
    backbone: str
    tasks: tuple[str, ...]
    conditions: str

    @property
    def source(self) -> str:
        """Paper and table in words."""
        return f"{self.paper}, Table {self.number}"


@dataclass(frozen=True, slots=True)
class WithoutPoint:
    """A table of a paper that has no point for the plane.

    Args:
        paper: Short name of the paper.
        number: Of the table.
        reason: What it prints, and what it lacks.
    """

    paper: str
    number: str
    reason: str


@cache
def published_networks() -> tuple[PublishedNetwork, ...]:
    """Return every network that a paper prints with a cost and a gain, in the order of papers and tables."""
    return tuple(network for table in _document()["table"] for network in _networks(table))


@cache
def tables_without_point() -> tuple[WithoutPoint, ...]:
    """Return the tables that have no point, with what they lack."""
    return tuple(WithoutPoint(**each) for each in _document()["without"])


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _networks(entry: Mapping[str, Any]) -> list[PublishedNetwork]:
    words = {key: entry[key] for key in ("paper", "number", "data", "backbone", "conditions")}
    table = PublishedTable(**words, tasks=tuple(entry["tasks"]))
    found = []
    for each in entry["network"]:
        gains = tuple(each["gains"]) if "gains" in each else _gains(entry, each["values"])
        gain = each.get("gain", math.fsum(gains) / len(gains))
        found.append(PublishedNetwork(table, each["name"], _shares(entry, each), gains, gain))
    return found


def _gains(table: Mapping[str, Any], values: list[float]) -> tuple[float, ...]:
    """Return Δ of each task from its one metric, percent."""
    signs = [1 if better == "higher" else -1 for better in table["better"]]
    return tuple(
        100 * sign * (value - single) / single
        for sign, value, single in zip(signs, values, table["single"], strict=True)
    )


def _shares(table: Mapping[str, Any], network: Mapping[str, Any]) -> dict[tuple[CostQuestion, Unit], float]:
    if "parameters_millions" in network:
        return {_STORED: network["parameters_millions"] / table["single_parameters"]}
    return {_STORED: 1 + network["parameters"] / 100, _ALL_TASKS: 1 + network["macs"] / 100}
