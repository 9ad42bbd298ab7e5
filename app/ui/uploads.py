"""Uploads: study archives, tables, profiles, block costs. Checked completely before anything is written."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import partial

from app.ui.formatting import plural, units_of
from core.backbones import Backbone, Block
from core.backbones.backbone import MAX_BLOCKS
from core.backbones.stages import stage_starts
from core.costs import Unit
from core.errors import BackboneError, StudyError
from core.estimators import TwoTaskTable
from core.jobs.quota import check_quota
from core.studies.archive import import_archive, open_archive
from core.studies.bundled import bundled_studies
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.study_rows import free_name as free_name

MAX_MB = 20
MAX_TITLE = 120
# What a backbone of typed costs is called.
TYPED = "typed block costs"
_NAME_LENGTH = 36  # leaves room for "-2"
_SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
_COST = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?\s*([kmg]?)", re.IGNORECASE | re.ASCII)
_LARGEST_COST = 2.0**53


def safe_name(title: str) -> str:
    """Return the short name of a study called ``title``: lower case, digits, ``-`` and ``_``.

    Raises:
        StudyError: Nothing is left of it, or it is too long.

    >>> safe_name("Meine Räume, 2. Versuch")
    'meine-raume-2-versuch'
    """
    if len(title) > MAX_TITLE:
        raise StudyError(f"The name has {len(title)} characters. Use at most {MAX_TITLE}.")
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:_NAME_LENGTH].rstrip("-_")
    if not name:
        raise StudyError(
            f'The name "{title[:60]}" has no letter a to z and no digit. Give the study a name that has one.'
        )
    return name


def backbone_of_costs(text: str, unit: Unit, name: str = TYPED) -> Backbone:
    """Return the backbone of typed costs: one number per block, from the input.

    Args:
        text: Numbers apart by spaces, commas, semicolons or lines; ``k``, ``M`` and ``G`` are understood.
        unit: What they count: parameters, MACs, or latency in milliseconds.
        name: Of the backbone.

    Raises:
        BackboneError: There is no number, a word is none, or a number is negative or too large.

    >>> [block.params for block in backbone_of_costs("9.5k, 222k 1.1M", Unit.PARAMETERS).blocks]
    [9500, 222000, 1100000]
    """
    words = [word for word in re.split(r"[,;\s]+", re.sub(r"(?<=\d)\s+(?=[kmgKMG]\b)", "", text)) if word]
    if not 1 <= len(words) <= MAX_BLOCKS:
        raise BackboneError(
            f"{len(words)} block costs found. Write 1 to {MAX_BLOCKS} numbers, one per block, from the input."
        )
    costs = [_cost(word, place) for place, word in enumerate(words, start=1)]
    # Parameters and multiply-accumulates are whole numbers.
    if not any(costs if unit is Unit.LATENCY else map(round, costs)):
        raise BackboneError("Every block costs 0. Write at least one cost above zero; counts are whole numbers.")
    return Backbone(name, tuple(_block(f"block {place}", cost, unit) for place, cost in enumerate(costs, start=1)))


def _cost(word: str, place: int) -> float:
    found = _COST.fullmatch(word)
    value = float(found[1] + (found[2] or "")) * _SUFFIXES[found[3].lower()] if found else -1.0
    if not 0 <= value < _LARGEST_COST:
        raise BackboneError(
            f'The cost of block {place} is "{word[:40]}". '
            "Write a number from 0 to 9 million billion, as in 9536, 222k or 1.1M."
        )
    return value


def _block(name: str, cost: float, unit: Unit) -> Block:
    whole = round(cost)
    if unit is Unit.LATENCY:
        return Block(name, 0, 0, latency=cost / 1000)
    return Block(name, whole, 0) if unit is Unit.PARAMETERS else Block(name, 0, whole)


def fitted(backbone: Backbone, n_blocks: int, starts: Sequence[int] = ()) -> Backbone:
    """Return a backbone merged to the number of blocks a table has.

    Args:
        backbone: The blocks.
        n_blocks: How many blocks the table has.
        starts: Where the merged blocks start; by default at stages where there are as many, else by equal MACs.

    Raises:
        BackboneError: It has fewer blocks than the table, or no cost above zero, or others start than the table has.
    """
    if backbone.n_blocks < n_blocks and backbone.name == TYPED:
        lacks = n_blocks - backbone.n_blocks
        raise BackboneError(
            f"The table has branch points 0 to {n_blocks}, so {plural(n_blocks, 'block')}, and "
            f"{plural(backbone.n_blocks, 'cost')} {'is' if backbone.n_blocks == 1 else 'are'} typed. Type "
            f"{plural(lacks, 'more number')}, one per block, from the input."
        )
    if backbone.n_blocks < n_blocks:
        raise BackboneError(
            f'The table has branch points 0 to {n_blocks}, so {plural(n_blocks, "block")}; "{backbone.name}" has only '
            f"{backbone.n_blocks}. Choose a backbone with {plural(n_blocks, 'block')} or more."
        )
    if not units_of(backbone):
        raise BackboneError(f'No block of "{backbone.name}" has a cost above zero. Give parameters, MACs or latency.')
    if backbone.n_blocks == n_blocks:
        return backbone
    chosen = tuple(starts) or stage_starts(backbone, n_blocks)
    if chosen is not None and len(chosen) != n_blocks:
        raise BackboneError(
            f"The table has {plural(n_blocks, 'block')}, so {n_blocks - 1} of the backbone's branching points are "
            f"kept. Found {len(chosen) - 1}. Choose {n_blocks - 1}."
        )
    return backbone.merged_to(n_blocks) if chosen is None else backbone.merged(chosen)


def own_study(
    title: str, backbone: Backbone, table: TwoTaskTable, taken: Collection[str], starts: Sequence[int] = ()
) -> StudyRecord:
    """Return the study of somebody's own table and backbone, checked and not yet stored.

    Args:
        title: Shown on the screen.
        backbone: The blocks; more than the table has are merged.
        table: The two-task table.
        taken: Names that are in use.
        starts: Where the merged blocks start, as in ``fitted``.

    Raises:
        BackboneError: The backbone does not fit the table.
        StudyError: The title gives no name.
    """
    shown = " ".join(title.split())
    record = StudyRecord(
        name=free_name(safe_name(shown), taken),
        task_names=table.tasks,
        backbone=fitted(backbone, table.n_blocks, starts),
        table=table,
        title=shown,
        description="An imported two-task table and backbone profile.",
    )
    record.study({})
    return record


def taken_names(database: Database) -> set[str]:
    """Return the names of all studies, bundled and stored."""
    return {*bundled_studies(), *(line.name for line in database.studies())}


def store_own(
    title: str, backbone: Backbone, table: TwoTaskTable, database: Database, *, session: str = "",
    starts: Sequence[int] = (),
) -> str:  # fmt: skip
    """Store somebody's own case and give its name.

    Raises:
        BranchwiseError: Something does not fit; nothing is written then.
    """
    check_quota(database)
    record = own_study(title, backbone, table, (), starts)
    return database.add(record, reserved=bundled_studies(), session=session)


def store_archive(data: bytes, database: Database, *, session: str = "") -> str:
    """Store the study of an uploaded archive and give its name.

    Raises:
        BranchwiseError: It is no sound study; nothing is written then.
    """
    if len(data) > MAX_MB * 1_000_000:
        raise StudyError(
            f"The file has {len(data) / 1e6:.0f} MB. An upload has at most {MAX_MB} MB; use branchwise import."
        )
    admit = partial(check_quota, database)
    study = open_archive(data, lazy=True, admit=admit).study()
    if not units_of(study.backbone):
        raise StudyError(f'No block of "{study.backbone.name}" has a cost above zero, so nothing can be compared.')
    return import_archive(data, database, reserved=bundled_studies(), session=session, admit=admit)
