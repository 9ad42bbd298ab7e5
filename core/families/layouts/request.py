"""What a study file may request of layouts: the two-task table and layouts to train."""

from typing import ClassVar, Literal

from core.errors import BranchwiseError, StudyError
from core.layouts import Layout
from core.layouts.counting import count_layouts
from core.runs.frozen import Frozen
from core.studies.fields import Names, Seeds
from core.studies.specification import StudySpecification


class TableRequest(Frozen):
    """The two-task table: every pair at every branch point, from each of ``seeds``.

    Args:
        seeds: One training of everything for each.
    """

    words: ClassVar[str] = "the two-task table"

    seeds: Seeds = (0, 1, 2)


class OracleRequest(Frozen):
    """Layouts trained to evaluate predictions.

    Args:
        seeds: One training of everything for each; others than those of the table.
        layouts: Either ``all``, or a list in text or JSON form.
    """

    words: ClassVar[str] = "the measured layouts"

    seeds: Seeds = (100, 101)
    layouts: Literal["all"] | Names = "all"


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the table or the layouts that a study requests, as a sentence; None if there is none."""
    table, oracle = study.requested(TableRequest), study.requested(OracleRequest)
    if oracle and oracle.layouts != "all":
        try:
            for text in oracle.layouts:
                _check_blocks(text, Layout.parse(text, study.tasks), study.backbone.blocks)
        except BranchwiseError as fault:
            return str(fault)
    if table and oracle and (both := sorted({*table.seeds} & {*oracle.seeds})):
        return f"seed {both[0]} is in the table and in the oracle that evaluates it. Use different seeds for the two"
    return None


def _check_blocks(text: str, layout: Layout, n_blocks: int) -> None:
    if layout.n_blocks != n_blocks:
        raise StudyError(f'Oracle layout "{text}" has {layout.n_blocks} blocks, the backbone {n_blocks}.')


def count_trainings(study: StudySpecification) -> int:
    """Return how many networks are requested, those of an oracle's layouts counted once per layout."""
    n, blocks, total = len(study.tasks), study.backbone.blocks, 0
    if table := study.requested(TableRequest):
        total += len(table.seeds) * (n + blocks * n * (n - 1) // 2)
    if oracle := study.requested(OracleRequest):
        layouts = oracle.layouts
        total += len(oracle.seeds) * (count_layouts(n, blocks) if layouts == "all" else len(layouts))
    return total
