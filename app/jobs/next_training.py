"""What to train next of a study, computed once for all pages and users of this server."""

from dataclasses import replace

import streamlit as st

from app.jobs.trainable_study import trainable_study
from app.plane.scene import Scene
from app.ui import cached
from core.estimators.prediction import Estimator
from core.families.layouts.next_training import layout_advice
from core.jobs.jobs_reader import JobsReader
from core.jobs.training_time import training_time
from core.studies.advice import Advice, Goal
from core.studies.database import Database

MOST_NEXT = 10


def goal_of(scene: Scene, budget: float) -> Goal:
    """Return the goal of finding the best layout of a plane within a budget, given as a fraction."""
    return Goal(weights=str(scene.view.weights.rule), unit=scene.view.unit, budget=budget)


def next_trainings(scene: Scene, budget: float) -> Advice:
    """Return what to train next, the most useful per second first.

    Args:
        scene: The plane.
        budget: As a fraction of single-task networks.

    Raises:
        BranchwiseError: The budget excludes every layout, or there are too many tasks.
    """
    name = scene.view.study.name
    queue = tuple(JobsReader(Database.at_home()).counts(study=name).values())
    goal = goal_of(scene, budget)
    return _as_on_pages(scene, _advice(name, cached.version_of(name), goal, queue), goal)


def _as_on_pages(scene: Scene, advice: Advice, goal: Goal) -> Advice:
    """Return advice that is as sure as other pages are of the same layout: advice draws its own tables."""
    view = scene.view
    if view.estimator is not Estimator.BAYES or not view.knows_noise:
        return advice
    return replace(advice, probability=view.certainty.near(advice.layout, goal.budget, goal.tolerance))


@st.cache_resource(max_entries=64, show_spinner="Weighing possible trainings …", show_time=True)
def _advice(name: str, version: str, goal: Goal, queue: tuple[int, ...]) -> Advice:  # noqa: ARG001  # parts of the key
    study = cached.study(name)
    if study.specification is None:
        return layout_advice(study, goal, lambda _: 1.0, MOST_NEXT, batch=False)
    found = trainable_study(name)
    time = training_time(Database.at_home(), found.record, found.results)
    return layout_advice(study, goal, time, MOST_NEXT, batch=False)
