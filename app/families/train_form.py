"""The Train page's form: what each family offers to train of a study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import streamlit as st

from app.ui.formatting import count, escape, listed
from app.ui.glossary import explain
from core.jobs.submission import FamilySubmission
from core.studies.advice import Goal
from core.studies.family import Family, families
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.studies.submission import Submission

MOST_SEEDS = 10


@dataclass(frozen=True, slots=True)
class FormChoice:
    """What the form requests, or why it requests nothing.

    Args:
        request: What to train, or None.
        reason: Why there is no request; empty where there is one.
        note: What these runs lead to and what they leave to do, said above the button.
        auto: Until when trainings are chosen one after the other; None where the request says what is trained.
    """

    request: tuple[Submission, ...] | None
    reason: str = ""
    note: str = ""
    auto: Goal | None = None


@dataclass(frozen=True, slots=True)
class TrainOption:
    """One thing that can be trained of a study.

    Args:
        code: In the URL.
        label: Shown on the screen.
        form: Draws its controls and returns what they request.
        term: Explains it, in the glossary; empty where nothing does.
        comes_first: Whether it is preselected because everything else needs its results.
    """

    code: str
    label: str
    form: Callable[[Study, StudySpecification], FormChoice]
    term: str = ""
    comes_first: bool = False


def train_options(study: Study, specification: StudySpecification) -> list[TrainOption]:
    """Return what can be trained of a study, over all families.

    A family says so in ``app.families.NAME.train_form``, with a function ``train_options``; one
    without such a module is trained as the study file requests it.
    """
    found: list[TrainOption] = []
    for family in families():
        if not family.takes(several=specification.has_several):
            continue
        module = f"app.families.{family.name}"
        if find_spec(module) is not None and find_spec(f"{module}.train_form") is not None:
            found += import_module(f"{module}.train_form").train_options(study)
        elif family.sections.keys() & specification.requests.keys():
            found.append(TrainOption(family.name, family.name.capitalize(), _whole(family)))
    return found


def _whole(family: Family) -> Callable[[Study, StudySpecification], FormChoice]:
    def form(study: Study, specification: StudySpecification) -> FormChoice:  # noqa: ARG001  # as the others
        n = len(family.expand(specification))
        say(f"All runs of {family.name} in the study file: {count(n)} run{'' if n == 1 else 's'}.")
        return FormChoice((FamilySubmission(family.name),))

    return form


def seeds_input(what: str, study: Study, own: int, *, least: int = 1) -> int:
    """Ask how many seeds are trained.

    Args:
        what: Code of the option.
        study: The study.
        own: How many it has, or the usual number.
        least: Not fewer.
    """
    n = st.number_input(
        "Seeds", least, max(MOST_SEEDS, own), own, key=f"seeds-{what}-{study.name}-{least}", width=130,
        help=explain("seed"),
    )  # fmt: skip
    return int(n)


def say_seeds(seeds: Sequence[int], why: str) -> None:
    """Show which seeds are trained, and why these."""
    say(f"Seed{'s' if len(seeds) > 1 else ''} {listed([str(seed) for seed in seeds])}; {why}.")


def say(text: str) -> None:
    """Show a caption with Markdown escaped."""
    st.caption(escape(text))
