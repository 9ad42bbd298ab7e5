import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backbones.catalogue import load_backbone
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import expand as layout_trainings
from core.jobs.estimate import REFERENCE, Speed, work_of
from core.jobs.presets import (
    ONE_MINUTE,
    TARGETS,
    TEN_MINUTES,
    THOROUGH,
    Price,
    Recipe,
    recipe_for,
    rough_backbone,
    torchvision_backbones,
    usual_recipe,
)
from core.studies.bundled import open_bundled
from core.studies.expand import expand
from core.studies.specification import BackboneSpecification, StudySpecification

STUDY = StudySpecification(name="x", tasks=("a", "b", "c"), table=TableRequest(seeds=(0, 1)))
BACKBONE = rough_backbone(STUDY.backbone, (32, 32))
PRICE = Price.of(STUDY, BACKBONE)


def test_a_price_is_what_the_runs_themselves_add_up_to():
    study = STUDY.with_request(OracleRequest(seeds=(7, 8, 9)))
    price = Price.of(study, BACKBONE)
    runs = expand(study)
    recipe = Recipe(study.dataset.n_train, study.training.epochs, 2)
    takes = price.seconds(recipe, Speed(0.5, 1), 1, n_oracle_seeds=3)
    assert takes == pytest.approx(0.5 * sum(map(work_of(BACKBONE), runs)))
    assert Price.of(STUDY, BACKBONE).oracle == ()


@given(st.integers(1, 100_000), st.integers(1, 50), st.integers(1, 9), st.integers(1, 64), st.floats(1e-3, 10.0))
def test_more_takes_longer_and_more_workers_never_do(n_train, epochs, n_seeds, workers, pace):
    speed = Speed(pace, 1)
    takes = PRICE.seconds(Recipe(n_train, epochs, n_seeds), speed, workers)
    assert takes <= PRICE.seconds(Recipe(n_train + 1, epochs, n_seeds), speed, workers)
    assert takes <= PRICE.seconds(Recipe(n_train, epochs + 1, n_seeds), speed, workers)
    assert takes <= PRICE.seconds(Recipe(n_train, epochs, n_seeds + 1), speed, workers)
    assert takes >= PRICE.seconds(Recipe(n_train, epochs, n_seeds), speed, workers + 1)


@given(st.floats(1e-4, 1e3), st.integers(1, 64), st.none() | st.integers(10, 10_000))
def test_a_preset_takes_its_time_or_is_the_least_there_is(pace, workers, n_pictures):
    speed = Speed(pace, 1)

    def takes(recipe):
        return PRICE.seconds(recipe, speed, workers, n_pictures=n_pictures or 1000)

    short, longer, thorough = (
        recipe_for(preset, PRICE, speed, workers, n_pictures=n_pictures)
        for preset in (ONE_MINUTE, TEN_MINUTES, THOROUGH)
    )
    least = recipe_for(ONE_MINUTE, PRICE, Speed(math.inf, 1), 1, n_pictures=n_pictures)
    for preset, recipe in ((ONE_MINUTE, short), (TEN_MINUTES, longer)):
        assert takes(recipe) <= TARGETS[preset] or recipe == least
    assert takes(short) <= takes(longer) <= takes(thorough)
    assert (short.n_train is None) == (n_pictures is not None)


def test_nothing_is_known_of_a_new_machine_but_what_measured_the_bundled_study():
    opened = open_bundled("scenes")
    size = work_of(opened.record.backbone)
    runs = {run.key: run for run in layout_trainings(opened.record.specification)}
    paces = [opened.results[key].seconds / size(run) for key, run in runs.items()]
    assert REFERENCE.seconds == pytest.approx(statistics.median(paces), rel=0.1)
    assert recipe_for(ONE_MINUTE, PRICE, REFERENCE, 2).n_seeds == 1
    assert recipe_for(TEN_MINUTES, PRICE, REFERENCE, 2).n_train == 4000


def test_a_backbone_is_priced_by_its_width_and_the_pictures():
    small = rough_backbone(BackboneSpecification(), (32, 32))
    assert small == load_backbone("small_residual_8")
    assert rough_backbone(BackboneSpecification(), (64, 64)).macs == 4 * small.macs
    # Doubling every channel is about four times the work; the first convolution reads three channels all the same.
    wide = rough_backbone(BackboneSpecification(width=16), (32, 32))
    assert wide.macs == pytest.approx(load_backbone("small_residual_16").macs, rel=0.05)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2"])
def test_a_torchvision_network_is_merged_and_scaled(name):
    asked = BackboneSpecification(name=f"torchvision:{name}", blocks=4, stem="original")
    assert name in torchvision_backbones()
    assert rough_backbone(asked, (224, 224)).macs == load_backbone(name).macs
    assert rough_backbone(asked, (224, 224)).n_blocks == 4
    assert rough_backbone(asked, (112, 112)).macs == pytest.approx(load_backbone(name).macs / 4, rel=1e-6)


def test_every_offered_network_has_a_name_a_study_can_ask_for():
    for name in torchvision_backbones():
        BackboneSpecification(name=f"torchvision:{name}")


@pytest.mark.parametrize("n_pictures", [None, 1, 180, 10**6])
def test_a_preset_of_an_unknown_backbone_is_neither_the_least_nor_all(n_pictures):
    found = [usual_recipe(preset, n_pictures=n_pictures) for preset in (ONE_MINUTE, TEN_MINUTES, THOROUGH)]
    sizes = [(each.n_train or 1) * each.epochs * each.n_seeds for each in found]
    assert sizes == sorted(set(sizes))
    assert found[0].epochs > 2
