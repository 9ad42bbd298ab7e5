"""Training settings of a new study: three presets, or all settings by hand."""

import math
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.jobs.estimate import ROUGH, basis_sentence
from app.studies.data_part import SIZES, has_sizes, model_of, part_of
from app.studies.draft_model import can_train_all, split_sizes
from app.studies.fields import PREFIX, field_inputs, key_of
from app.ui.formatting import count, plural
from app.ui.glossary import explain
from app.ui.own_code import own_code_roots
from core.data.preview import Preview
from core.jobs.calibration import calibrate_in_background
from core.jobs.estimate import Basis, Speed, about, study_speed, workers_here
from core.jobs.presets import (
    ONE_MINUTE,
    OWN,
    TARGETS,
    TEN_MINUTES,
    THOROUGH,
    UNKNOWN_PICTURES,
    Price,
    Recipe,
    recipe_for,
    usual_recipe,
)
from core.layouts.counting import count_layouts
from core.studies.calibration import CalibrationRequest
from core.studies.database import Database
from core.studies.several_specification import DatasetSpecification
from core.studies.specification import TrainingSettings

PRESET = f"{PREFIX}-preset"
N_SEEDS, N_ORACLE = f"{PREFIX}-seeds", f"{PREFIX}-oracle"
PRESETS = {ONE_MINUTE: "One minute", TEN_MINUTES: "Ten minutes", THOROUGH: "Thorough", OWN: "Custom"}
# Beyond this share of its time a preset is not what it is called.
_TOO_LONG = 1.25
UNKNOWN_MEASURING = "How long it takes is being measured: this backbone has not been trained on this machine."
UNKNOWN = "How long it takes is unknown until this backbone is trained on this machine."
MAIN = ("epochs", "batch_size", "learning_rate")
FURTHER = (
    "optimizer", "schedule", "warm_up", "weight_decay", "average", "clip", "patience", "class_weights",
    "label_smoothing", "loss_weights", "augment", "precision", "device", "threads", "instructions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    """Speed and workers of the machine that will train.

    Args:
        speed: From its past runs, or a guess.
        workers: Number of runs in parallel.
        measuring: Whether the speed is being measured.
        is_known: Whether a time can be told: what one backbone takes says little of another.
    """

    speed: Speed
    workers: int
    measuring: bool = False
    is_known: bool = True

    @classmethod
    def here(cls, database: Database, request: CalibrationRequest) -> "Machine":
        """Return this machine, or the cluster of the running host, with its speed for a study's networks."""
        # Measured even where past runs tell the speed: it traces the backbone, whose cost is scaled from another else.
        measuring = calibrate_in_background(database.path.parent, request, own_code_roots())
        known = study_speed(database, request)
        is_rough = known.basis in ROUGH
        # A guess is that of the small network.
        is_known = not is_rough or (not request.backbone.is_traced and known.basis is Basis.GUESS)
        return cls(known, workers_here(database), measuring and is_rough, is_known)

    @property
    def words(self) -> str:
        """Basis of the estimate, as a sentence."""
        if not self.is_known:
            return UNKNOWN_MEASURING if self.measuring else UNKNOWN
        return basis_sentence(self.speed, self.workers, measuring=self.measuring)


@dataclass(frozen=True, slots=True)
class Training:
    """What the form requests for training.

    Args:
        sizes: Numbers of images, where adjustable.
        settings: Fields of the training settings.
        n_seeds: How often the table is trained.
        n_oracle_seeds: How often every layout is trained.
        seconds: Estimated total time; None where it is unknown.
    """

    sizes: dict[str, int]
    settings: dict[str, Any]
    n_seeds: int
    n_oracle_seeds: int
    seconds: float | None


def oracle_input(n_tasks: int, n_blocks: int) -> int:
    """Ask whether to train every layout and return the number of seeds; 0 for no."""
    if not can_train_all(n_tasks, n_blocks):
        st.caption("Too many layouts to train all of them: select some on the Train page later.")
        return 0
    label = f"Train all {count(count_layouts(n_tasks, n_blocks))} layouts to evaluate the predictions"
    if not st.toggle(label, key=N_ORACLE, help=explain("oracle"), persist_state="session"):
        return 0
    st.session_state.setdefault(f"{N_ORACLE}-seeds", 2)
    return int(
        st.number_input(
            "Seeds of every layout",
            1,
            10,
            key=f"{N_ORACLE}-seeds",
            help=explain("seed"),
            persist_state="session",
        )
    )


def is_by_hand() -> bool:
    """Return whether the form asks for all settings."""
    return bool(st.session_state.get(PRESET) == OWN)


def settings_for_speed() -> TrainingSettings:
    """Return the training settings with what the form says of batch, device and threads, which decide the speed."""
    if not is_by_hand():
        return TrainingSettings()
    asked = {name: st.session_state.get(key_of("training", name)) for name in ("batch_size", "device", "threads")}
    return TrainingSettings.model_validate({name: value for name, value in asked.items() if value is not None})


def training_input(
    dataset: DatasetSpecification, found: Preview, price: Price, machine: Machine, n_oracle: int
) -> Training:
    """Ask for the training settings.

    Args:
        dataset: The data set.
        found: What is in it.
        price: Of the study's trainings.
        machine: Where they will run.
        n_oracle: Seeds of the oracle.
    """
    n_pictures = None if has_sizes(dataset.name) else found.sizes["train"]

    def takes(preset: str) -> tuple[Recipe, float | None]:
        if not machine.is_known:
            return usual_recipe(preset, n_pictures=n_pictures), None
        recipe = recipe_for(
            preset, price, machine.speed, machine.workers, n_pictures=n_pictures, n_oracle_seeds=n_oracle
        )
        return recipe, price.seconds(
            recipe, machine.speed, machine.workers, n_pictures=n_pictures or UNKNOWN_PICTURES, n_oracle_seeds=n_oracle
        )

    preset = st.segmented_control(
        "How long",
        list(PRESETS),
        default=ONE_MINUTE,
        required=True,
        key=PRESET,
        format_func=lambda name: PRESETS[name],
        label_visibility="collapsed",
        persist_state="session",
    )
    if preset == OWN:
        return _own(dataset, found, price, machine, n_oracle)
    recipe, duration = takes(preset)
    pictures = recipe.n_train or found.sizes["train"]
    st.caption(
        f"{plural(recipe.epochs, 'epoch')} over {count(pictures)} training images, every pair of tasks at every branch "
        f"point from {plural(recipe.n_seeds, 'seed')}{_time(duration)}. {machine.words}"
    )
    if duration is not None and duration > _TOO_LONG * TARGETS.get(preset, math.inf):
        st.caption(
            f"{PRESETS[preset]} is too short for this backbone, these tasks and this machine: this is the least that "
            "tells layouts apart. A smaller backbone, fewer blocks or fewer tasks take less."
        )
    sizes = split_sizes(recipe.n_train) if recipe.n_train else {}
    return Training(sizes, {"epochs": recipe.epochs}, recipe.n_seeds, n_oracle, duration)


def _time(seconds: float | None) -> str:
    return "" if seconds is None else f": about **{about(seconds)}**"


def _own(dataset: DatasetSpecification, found: Preview, price: Price, machine: Machine, n_oracle: int) -> Training:
    model = model_of(dataset.name)
    sizes: dict[str, int] = {}
    if has_sizes(dataset.name):
        sizes = {name: int(value) for name, value in field_inputs(model, SIZES, part_of(dataset.name)).items()}
    settings = field_inputs(TrainingSettings, MAIN, "training")
    st.session_state.setdefault(N_SEEDS, 3)
    n_seeds = int(
        st.number_input(
            "Seeds of the two-task table",
            1,
            20,
            key=N_SEEDS,
            help=explain("table seeds"),
            persist_state="session",
        )
    )
    with st.expander("Further settings", icon=":material/tune:"):
        settings |= field_inputs(TrainingSettings, FURTHER, "training", columns=2)
    n_train = sizes.get("n_train") or found.sizes["train"]
    recipe = Recipe(n_train, int(settings["epochs"] or 1), n_seeds)
    if not machine.is_known:
        st.caption(machine.words)
        return Training(sizes, settings, n_seeds, n_oracle, None)
    takes = price.seconds(recipe, machine.speed, machine.workers, n_oracle_seeds=n_oracle)
    st.caption(f"About **{about(takes)}**. {machine.words}")
    return Training(sizes, settings, n_seeds, n_oracle, takes)


def remember_seeds(n_seeds: int, n_oracle: int) -> None:
    """Set the controls of seeds; for callbacks."""
    st.session_state[N_SEEDS] = n_seeds
    st.session_state[N_ORACLE] = n_oracle > 0
    if n_oracle:
        st.session_state[f"{N_ORACLE}-seeds"] = n_oracle
    st.session_state[PRESET] = OWN
