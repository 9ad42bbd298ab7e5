"""The data sets of a TreeDNN study, with example images and labels."""

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
    """Show every branch of a TreeDNN with its example images."""
    gallery = study.gallery
    with st.container(border=True):
        st.markdown("**Data sets**", help=explain("task", "branch"))
        for branch in tree.branches:
            own = own_examples(gallery, branch.name)[:_EXAMPLES] if gallery is not None else ()
            label, strip, facts = st.columns([4, 4, 10], vertical_alignment="center")
            label.markdown(f"**{escape(branch.name)}**" + ("  \n:gray[grafted]" if branch.is_graft else ""))
            if own and gallery is not None:
                with strip:
                    st.image(
                        strip_png(gallery.inputs[list(own)]),
                        alt=f"Example images of {branch.name}",
                        width=_PIXELS * len(own),
                    )
            facts.markdown(_facts(study, branch, _answers(gallery, branch.name, own)))


def own_examples(gallery: Gallery, name: str) -> tuple[int, ...]:
    """Return the indices of the example images of one task: those with a label for it."""
    answers = gallery.labels.get(name, ())
    return tuple(place for place, answer in enumerate(answers) if answer != _NO_ANSWER and place < len(gallery.inputs))


def _answers(gallery: Gallery | None, name: str, own: Sequence[int]) -> str:
    return answer_words([gallery.labels[name][place] for place in own]) if gallery is not None and own else ""


def _facts(study: Study, branch: BranchScores, answers: str) -> str:
    noise = noise_of(study, branch.name)
    parts = [
        escape(branch.dataset),
        f"{count(branch.n_train)} training images",
        f"noise added, σ\u00a0=\u00a0{noise:g} (range 0 to 1)" if noise else "",
    ]
    line = ":gray[" + " · ".join(filter(None, parts)) + "]"
    return f"Labels: {answers}  \n{line}" if answers else line


def noise_of(study: Study, name: str) -> float:
    """Return the standard deviation of the noise added to a task's images, range 0 to 1; 0 if unknown."""
    asked = study.specification
    sets = getattr(asked.dataset, "sets", ()) if asked is not None else ()
    return next((float(getattr(each.dataset, "noise", 0.0) or 0.0) for each in sets if each.name == name), 0.0)
