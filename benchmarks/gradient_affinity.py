"""Does gradient affinity tell which layouts gain: by itself, before pairs are trained, or with few trained layouts?

Run: python benchmarks/gradient_affinity.py [NAME …] [--seeds 0 1 2 3 4] [--keep FOLDER]. Prints Markdown; tables of
docs/results.md are its output. Effects of mnist5k4 are bundled; for the others it trains one fully shared network per
study and seed, and nothing else; with ``--keep`` what was measured is used again. All 15 took 27 minutes beside some
twenty other processes on two cores.

Every layout is judged by its mean Δ on test samples, over the tasks and the seeds of the trained layouts, none of which
is a seed of the effects. Strata are quarters of similar MACs.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from affinity_prior import judged, parts
from estimators import STRATA
from numpy.typing import NDArray

from core.affinity.distance import distances
from core.affinity.gradient import GradientEffects
from core.costs import Unit, block_costs, layout_cost
from core.estimators.agreement import Estimate, rank_correlations
from core.estimators.baselines import dissimilarity
from core.estimators.basis import without_holes
from core.estimators.correlation import correlation, stratified_correlation
from core.estimators.prediction import Estimator, estimates
from core.families.gradient_affinity.request import GradientAffinityRequest
from core.families.gradient_affinity.results import gradient_effects
from core.families.gradient_affinity.runs import gradient_runs
from core.families.gradient_affinity.train import train_measured
from core.families.recombined.losses import bundled_losses
from core.layouts import Layout
from core.runs.result import RunResult
from core.studies.bundled import load_bundled, open_bundled
from core.studies.home import write_whole
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.training.workplace import Workplace

Array = NDArray[np.float64]

TRAINED, SPLITS = (4, 8, 16), 100
PENALTIES = np.array([0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0])


def main() -> None:
    """Train what is missing, and print three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=["scenes", "digits", "mnist5k4"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--keep", type=Path, help="folder for checkpoints and results")
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        place, studies = chosen.keep or Path(folder), {}
        for name in chosen.names:
            study = load_bundled(name)
            if study.oracle is None or study.specification is None:
                parser.error(f"{name} has no trained layouts to compare with.")
            studies[name] = study, trained(study.specification, tuple(chosen.seeds), place)
    print("| study | layouts ranked by | Spearman | in cost strata |\n|---|---|---|---|")
    for study, effects in studies.values():
        print_ranks(study, effects)
    print("\n| study | trainings | Spearman | with affinity | in cost strata | with | off by, points | with |")
    print("|---|---|---|---|---|---|---|---|")
    for study, effects in studies.values():
        print_priors(study, effects)
    print("\n| study | trained layouts | pairs alone | cost and pairs | gradient affinity and pairs |")
    print("|---|---|---|---|---|")
    for study, effects in studies.values():
        print_corrected(study, effects)


def trained(study: StudySpecification, seeds: tuple[int, ...], place: Path) -> GradientEffects:
    """Return the effects of steps in a study, measured here where a folder does not keep them."""
    requested, results = study.with_request(GradientAffinityRequest(seeds=seeds)), {}
    bundled = open_bundled(study.name).results
    place.mkdir(parents=True, exist_ok=True)
    for run in gradient_runs(requested):
        if run.key in bundled:
            results[run.key] = bundled[run.key]
            continue
        file, begun = place / f"{run.key}.json", time.perf_counter()
        if not file.is_file():
            result, _ = train_measured(run, Workplace(place))
            write_whole(file, result.model_dump_json().encode())
            print(f"{study.name}, seed {run.seed}: {time.perf_counter() - begun:.0f} s", flush=True)
        results[run.key] = RunResult.model_validate_json(file.read_text())
    found = gradient_effects(requested, results)
    assert found is not None
    return found


def help_of(effects: GradientEffects) -> Array:
    """Return what steps of another task do to a task in proportion to its own, Z[b, other, task] / Z[b, task, task].

    Returns:
        ``[n_blocks, n_tasks, n_tasks (other)]``, of the mean effects over seeds.
    """
    mean = effects.mean().swapaxes(1, 2)
    return mean / np.einsum("btt->bt", mean)[:, :, None]


def effect_score(layout: Layout, helped: Array) -> float:
    """Return what steps of others do to the tasks of a layout.

    The sum over blocks and tasks of the mean over the others of its group; a task alone counts 0.

    Args:
        layout: A layout.
        helped: What ``help_of`` returns.
    """
    total = 0.0
    for block, groups in enumerate(layout.partitions):
        for group in groups:
            for task in group:
                others = [other for other in group if other != task]
                if others:
                    total += helped[block, task, others].mean()
    return float(total)


def print_ranks(study: Study, effects: GradientEffects) -> None:
    """Print how well layouts are ranked without any training of pairs or layouts, and what a whole table reaches."""
    oracle, losses = study.oracle, bundled_losses(study.name)
    assert oracle is not None
    costs = _costs(study)
    ways = {
        "gradient affinity, sum of effects": _of(effect_score, oracle.layouts, help_of(effects)),
        "gradient affinity, dissimilarity": -_of(dissimilarity, oracle.layouts, distances(effects.affinity())),
        "low cost": -costs,
    }
    if losses is not None:
        ways["affinity of recombined networks, dissimilarity"] = -_of(
            dissimilarity, oracle.layouts, distances(losses.affinity())
        )
    if study.similarity is not None:
        ways["RSA, dissimilarity (What-to-Share)"] = -_of(dissimilarity, oracle.layouts, study.similarity.distances)
    filled = without_holes(study.table, Estimator.BAYES).values
    ways["`bayes`, whole table"] = np.array(
        [estimates(filled, layout, Estimator.BAYES).mean() for layout in oracle.layouts]
    )
    weights = np.full(study.n_tasks, 1 / study.n_tasks)
    for way, scores in ways.items():
        rank, strata = rank_correlations(scores, oracle.test, weights, rng=np.random.default_rng(0), costs=costs)
        print(f"| {study.name} | {way} | {_written(rank.mean)} | {_written(strata.mean)} |", flush=True)


def print_priors(study: Study, effects: GradientEffects) -> None:
    """Print what `bayes` predicts from few trainings, and where gradient affinity tells the mean of steps."""
    for design in parts(study.n_blocks)[:4]:
        without, with_ = (
            np.mean([judged(study, table, values) for table in design.tables(study.table)], axis=0)
            for values in (None, help_of(effects))
        )
        cells = [f"{one:.2f} | {other:.2f}" for one, other in zip(without, with_, strict=True)]
        print(f"| {study.name} | {design.trainings(study.table)} | {' | '.join(cells)} |", flush=True)


def print_corrected(study: Study, effects: GradientEffects) -> None:
    """Print how well few trained layouts predict the others, from no score, cost or gradient affinity.

    Gains are fitted as a line in the score plus a ridge regression on which pair shares which block, its penalty
    chosen by leaving one out. In brackets: within cost strata.

    Reference:
        ETAP, ICLR 2026: gradient-based affinity, corrected by ridge regression on few trained groups. Theirs are
        groups of tasks, these are layouts.
    """
    oracle, costs = study.oracle, _costs(study)
    assert oracle is not None
    pairs = np.array([_shared(layout) for layout in oracle.layouts])
    starts = (None, costs, _of(effect_score, oracle.layouts, help_of(effects)))
    gains, judging = oracle.validation.mean(axis=(0, 2)), oracle.test.mean(axis=(0, 2))
    for n in TRAINED:
        if len(gains) - n < 5:
            continue
        cells = []
        for start in starts:
            found = np.array([
                _ranked(_fitted(pairs, start, gains, used)[left], judging[left], costs[left])
                for used, left in _splits(len(gains), n)
            ])  # fmt: skip
            # Few layouts left leave strata in which nothing can be ranked.
            rank, strata = (f"{np.nanmean(each):.2f}" if np.isfinite(each).any() else "–" for each in found.T)
            cells.append(f"{rank} ({strata})")
        print(f"| {study.name} | {n} | {' | '.join(cells)} |", flush=True)


def _splits(n_layouts: int, n_used: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    rng = np.random.default_rng(0)
    for _ in range(SPLITS):
        order = rng.permutation(n_layouts)
        yield order[:n_used], order[n_used:]


def _fitted(pairs: Array, start: Array | None, gains: Array, used: NDArray[np.intp]) -> Array:
    """Return predicted gains of all layouts from those of some."""
    constant = np.ones(len(gains))
    lines = np.stack([constant] if start is None else [constant, (start - start.mean()) / start.std()], axis=1)
    x, free = np.hstack([lines, pairs - pairs.mean(axis=0)]), lines.shape[1]
    errors, fits = [], []
    for penalty in PENALTIES:
        shrunk = np.diag(np.r_[np.zeros(free), np.full(pairs.shape[1], penalty)])
        inverse = np.linalg.pinv(x[used].T @ x[used] + shrunk)
        hat = x[used] @ inverse @ x[used].T
        left_out = (gains[used] - hat @ gains[used]) / np.maximum(1 - np.diag(hat), 1e-6)
        errors.append(float((left_out**2).mean()))
        fits.append(x @ (inverse @ x[used].T @ gains[used]))
    return fits[int(np.argmin(errors))]


def _ranked(predicted: Array, trained_: Array, costs: Array) -> tuple[float, float]:
    predicted = predicted.round(10)
    rank, strata = (
        correlation("spearman", predicted, trained_),
        stratified_correlation("spearman", predicted, trained_, costs, STRATA),
    )
    return np.nan if rank is None else rank, np.nan if strata is None else strata


def _shared(layout: Layout) -> Array:
    points = layout.branch_points()
    return np.array([
        points[i, j] > block for i, j in combinations(range(layout.n_tasks), 2) for block in range(layout.n_blocks)
    ], dtype=np.float64)  # fmt: skip


def _costs(study: Study) -> Array:
    assert study.oracle is not None
    blocks = block_costs(study.backbone, Unit.MACS)
    return np.array([layout_cost(layout, blocks) for layout in study.oracle.layouts])


def _of(score: Callable[[Layout, Array], float], layouts: Sequence[Layout], values: Array) -> Array:
    return np.array([score(layout, values) for layout in layouts])


def _written(found: Estimate) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "–"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"


if __name__ == "__main__":
    main()
