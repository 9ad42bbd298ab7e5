"""The data sets of a study whose tasks have pictures of their own: each with its pictures and what is right."""

from collections.abc import Sequence

import streamlit as st

from app.ui.formatting import count, escape
from app.ui.glossary import explain
from app.ui.picture_strip import answer_words, strip_png
from core.families.treednn.results import BranchScores, TreeResults
from core.studies.study import Gallery, Study

_NO_ANSWER = "–"
_EXAMPLES = 3
_PIXELS = 64  # of a picture on the screen


def show_data_sets(study: Study, tree: TreeResults) -> None:
    """Show every branch of a tree with its own pictures, where the study has such."""
    gallery = study.gallery
    with st.container(border=True):
        st.markdown("**Data sets**", help=explain("task", "branch"))
        for branch in tree.branches:
            own = own_examples(gallery, branch.name)[:_EXAMPLES] if gallery is not None else ()
            label, strip, facts = st.columns([4, 4, 10], vertical_alignment="center")
            label.markdown(f"**{escape(branch.name)}**" + ("  \n:gray[grafted later]" if branch.is_graft else ""))
            if own and gallery is not None:
                with strip:
                    st.image(
                        strip_png(gallery.inputs[list(own)]),
                        alt=f"Example pictures of {branch.name}",
                        width=_PIXELS * len(own),
                    )
            facts.markdown(_facts(study, branch, _answers(gallery, branch.name, own)))


def own_examples(gallery: Gallery, name: str) -> tuple[int, ...]:
    """Return which of the example pictures are those of one task: the ones that have an answer to it."""
    answers = gallery.labels.get(name, ())
    return tuple(place for place, answer in enumerate(answers) if answer != _NO_ANSWER and place < len(gallery.inputs))


def _answers(gallery: Gallery | None, name: str, own: Sequence[int]) -> str:
    return answer_words([gallery.labels[name][place] for place in own]) if gallery is not None and own else ""


def _facts(study: Study, branch: BranchScores, answers: str) -> str:
    noise = noise_of(study, branch.name)
    parts = [
        escape(branch.dataset),
        f"{count(branch.n_train)} training pictures",
        f"noise added, σ\u00a0=\u00a0{noise:g} of full brightness" if noise else "",
    ]
    line = ":gray[" + " · ".join(filter(None, parts)) + "]"
    return f"Right answers: {answers}  \n{line}" if answers else line


def noise_of(study: Study, name: str) -> float:
    """Return the noise added to a task's pictures, in full brightnesses; 0 where none is known."""
    asked = study.specification
    sets = getattr(asked.dataset, "sets", ()) if asked is not None else ()
    return next((float(getattr(each.dataset, "noise", 0.0) or 0.0) for each in sets if each.name == name), 0.0)
