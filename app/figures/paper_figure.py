"""A figure for a paper with everything that belongs to it: caption, data and references."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from app.figures.bibliography import entries
from app.figures.parts import Part
from core.csv_text import csv_text
from core.plain_text import printable
from core.studies.study import Study


@dataclass(frozen=True, slots=True, eq=False)
class PaperFigure:
    """One figure.

    Args:
        title: What it shows.
        source: Study, estimator, weighting, split and seeds of its numbers, in one line below the title.
        parts: Side by side.
        caption: What is to be seen, in sentences.
        columns: Of the data.
        rows: The data that are drawn, with seeds and intervals; None where something is not known.
        papers: Keys of ``assets/papers.bib``.
        provenance: Where the numbers come from, in sentences, as ``provenance_of`` returns them.
        signs: What marks in the figure mean, below it.
        note: What a person wrote below it.
    """

    title: str
    source: str
    parts: tuple[Part, ...]
    caption: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = field(default=(), repr=False)
    papers: tuple[str, ...] = ()
    provenance: str = ""
    signs: str = ""
    note: str = ""

    def csv(self) -> str:
        """Return the data as CSV."""
        return csv_text([self.columns, *self.rows])

    def bibtex(self) -> str:
        """Return the references as BibTeX."""
        found = entries()
        return "\n\n".join(found[key] for key in self.papers) + "\n"

    def words(self) -> str:
        """Return the caption with everything that a reader needs to know about the numbers."""
        parts = [f"{self.title}.", self.caption, self.signs, f"{self.source}.", self.provenance, self.note]
        return printable(" ".join(part.strip() for part in parts if part.strip(" ."))) + "\n"


def provenance_of(study: Study) -> str:
    """Return study, seeds, versions and the program that drew a figure, in sentences."""
    # A name may be a sentence of its own.
    parts = [f'Study "{study.title}" ({study.name})' if study.title != study.name else f"Study {study.name}"]
    parts[0] += f": {study.backbone.name} with {study.n_blocks} blocks."
    if seeds := seeds_of(study):
        parts.append(f"Seeds {seeds}.")
    versions = ", ".join(f"{name} {found}" for name, found in study.provenance.versions.items())
    computed = "; ".join(str(each) for each in study.provenance.arithmetics)
    if versions or computed:
        parts.append(f"Measured with {', '.join(filter(None, [versions, computed]))}.")
    parts.append(f"Drawn by Branchwise {_version('branchwise')} with Matplotlib {_version('matplotlib')}.")
    return " ".join(parts)


def seeds_of(study: Study) -> str:
    """Return the seeds of a study by what they were used for; empty where none are known."""
    requests = study.specification.requests if study.specification is not None else {}
    found = {
        str(getattr(request, "words", section)): seeds
        for section, request in requests.items()
        if (seeds := getattr(request, "seeds", ()))
    }
    return "; ".join(f"{_numbers(seeds)} ({words})" for words, seeds in found.items())


def _numbers(seeds: Sequence[int]) -> str:
    return ", ".join(str(seed) for seed in seeds)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(unknown version)"
