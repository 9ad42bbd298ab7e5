"""The trained weights of a layout: one file, joined from those of the separate networks it consists of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.errors import StudyError
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import layout_runs
from core.layouts import Group, Layout
from core.studies.database import Database
from core.studies.specification import StudySpecification

Tensors = dict[str, NDArray[Any]]


class WeightsState(StrEnum):
    """Whether the trained weights of a layout are available; the value is the sentence shown."""

    KEPT = "Trained, and its weights are kept."
    NOT_TRAINED = "Not trained yet. Train it with “Save trained weights” on."
    NOT_KEPT = "Trained without keeping its weights. Train it again with “Save trained weights” on."


@dataclass(frozen=True, slots=True)
class LayoutWeights:
    """Where the trained weights of a layout are.

    Args:
        state: Whether they are there.
        seed: The seed they were trained from; None where they are not there.
        files: One for each of ``layout.components()``, in that order; empty where they are not there.
    """

    state: WeightsState
    seed: int | None = None
    files: tuple[Path, ...] = ()


def weights_of(database: Database, specification: StudySpecification, layout: Layout) -> LayoutWeights:
    """Return the trained weights of a layout from the first seed that has them all, those of trained layouts first.

    Args:
        database: Where the runs are.
        specification: The study.
        layout: A layout of its tasks and blocks.

    Raises:
        StudyError: The layout does not fit the study, or the database can't be used.
    """
    state = WeightsState.NOT_TRAINED
    oracle, table = specification.requested(OracleRequest), specification.requested(TableRequest)
    # Networks of the table are layouts, too: those of one task alone, and of two tasks where there are two.
    for seed in (*(oracle.seeds if oracle else ()), *(table.seeds if table else ())):
        keys = [run.key for run in layout_runs(specification, layout, seed)]
        found = database.kept_weights(keys)
        if len(found) < len(keys):
            continue
        files = tuple(path for key in keys if (path := found[key]) is not None)
        if len(files) == len(keys):
            return LayoutWeights(WeightsState.KEPT, seed, files)
        state = WeightsState.NOT_KEPT
    return LayoutWeights(state)


def joined(layout: Layout, parts: Sequence[Tensors]) -> Tensors:
    """Return the weights of a layout's network, named as in ``core.networks.tree.TreeNetwork``.

    In the whole network a block's copy is called by the place of its group in the partition, and a
    head by its task; in each separate network both are counted anew.

    Args:
        layout: The layout.
        parts: The weights of each of ``layout.components()``, in that order.

    Raises:
        StudyError: There are not as many parts as separate networks, or a part holds other tensors than its network.
    """
    components = layout.components()
    if len(parts) != len(components):
        raise StudyError(
            f"The layout consists of {len(components)} separate networks; the weights of {len(parts)} were given. "
            "Give one part for each."
        )
    whole: Tensors = {}
    for (tasks, own), part in zip(components, parts, strict=True):
        names = dict(_renamed(layout, tasks, own))
        for name, tensor in part.items():
            words = name.split(".")
            depth = 3 if words[0] == "blocks" else 2
            place = ".".join(words[:depth])
            if place not in names:
                raise StudyError(f'The kept weights hold "{name[:80]}", which this layout has not. Train it again.')
            whole[".".join([names[place], *words[depth:]])] = tensor
    return dict(sorted(whole.items()))


def _renamed(layout: Layout, tasks: Group, own: Layout) -> Iterator[tuple[str, str]]:
    """Return the names of a separate network's modules, and what they are called in the whole one."""
    for block, partition in enumerate(own.partitions):
        for place, group in enumerate(partition):
            members = tuple(sorted(tasks[task] for task in group))
            yield f"blocks.{block}.{place}", f"blocks.{block}.{layout.partitions[block].index(members)}"
    for task, name in enumerate(tasks):
        yield f"heads.{task}", f"heads.{name}"


def joined_file(layout: Layout, files: Sequence[Path]) -> bytes:
    """Return the content of a safetensors file with the weights of a layout's network, its layout beside them.

    Args:
        layout: The layout.
        files: As ``weights_of`` returns them.

    Raises:
        StudyError: A file is gone or damaged.
    """
    return save(joined(layout, [_read(path) for path in files]), metadata={"layout": layout.to_text()})


def _read(path: Path) -> Tensors:
    try:
        found: Tensors = load_file(path)
    except (OSError, SafetensorError) as fault:
        raise StudyError(f"The trained weights {path.name} can't be read: {fault}. Train the layout again.") from None
    return found
