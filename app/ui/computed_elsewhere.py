"""A line on results that another environment computed: they differ as much as those of other seeds."""

from collections.abc import Mapping

import streamlit as st

from app.ui import cached
from app.ui.formatting import count, escape, listed, plural
from core.jobs.this_machine import arithmetic_here
from core.runs.arithmetic import Arithmetic
from core.studies.bundled import bundled_studies
from core.studies.study import Provenance, Study

_HELP = (
    "Another version of torch, other CPU instructions or a GPU round otherwise: after some epochs metrics differ as "
    "much as between seeds. Runs trained here join these results in the same figures. "
    "`branchwise run STUDY.toml --again` trains them anew on this machine."
)


# Further groups are counted.
_NAMED = 3


def show_computed_elsewhere(study: Study) -> None:
    """Show how many results of a study were computed otherwise than here; nothing where none was."""
    if study.specification is None:
        return
    here = arithmetic_here(study.specification.training)
    sentences = elsewhere_sentences(study.provenance.arithmetics, here)
    if not sentences:
        return
    if apart := study.provenance.n_apart:
        sentences.append(f"Not counted: {plural(apart, 'result')} that other pages read only where they are shown.")
    if study.name in bundled_studies() and cached.version_of(study.name):
        sentences.append("This is the study stored here, not the bundled one of the same name.")
    st.caption(f":material/memory: {escape(' '.join(sentences))}", help=_HELP)


def elsewhere_sentences(found: Mapping[Arithmetic, int], here: Arithmetic) -> list[str]:
    """Return sentences on results of another environment, and on those that do not record theirs.

    Args:
        found: How results were computed → how many.
        here: How this machine would compute them.
    """
    other = {each: n for each, n in found.items() if each.differs(here)}
    unknown = {each: n for each, n in found.items() if each not in other and not each.is_of(here)}
    total = sum(found.values())
    sentences = []
    for group, words in (
        (other, "measured elsewhere"),
        (unknown, "measured in an environment that is not fully recorded, perhaps another one than this"),
    ):
        if group:
            n = sum(group.values())
            were = "was" if n == 1 else "were"
            sentences.append(f"{count(n)} of {plural(total, 'result')} {were} {words}: {_groups(group)}.")
    if sentences:
        sentences.append(f"Runs here compute with {here}; where that differs, results differ as much as between seeds.")
    return sentences


def computed_words(made: Provenance) -> str:
    """Return what the results of a study were computed with; empty where there are none."""
    return _groups(made.arithmetics)


def _groups(found: Mapping[Arithmetic, int]) -> str:
    if len(found) < 2:
        return "".join(map(str, found))
    named = [f"{count(n)} with {each}" for each, n in [*found.items()][:_NAMED]]
    rest = sum([*found.values()][_NAMED:])
    return listed([*named, f"{count(rest)} with others"] if rest else named)
