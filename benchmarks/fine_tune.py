"""Tops of recombined networks that start anew against fine-tuned ones: the same steps, the same affinities?

Run: python benchmarks/fine_tune.py [STUDY] [--seeds 0] [--keep FOLDER]. Trains the fine-tuned ones of these seeds
(`scenes`: about ten minutes of one core for each) and prints Markdown; a table of docs/results.md is its output. Those
that start anew are the bundled study's own. With `--keep` an interrupted training goes on.
"""

import argparse
import time
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from core.affinity.distance import distances, proportions
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import order_kept
from core.backbones.downsampling import downsamplings
from core.data import store
from core.estimators.correlation import correlation
from core.families.layouts.results import LayoutResults, Oracle
from core.families.recombined.losses import bundled_losses, losses_of
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import recombined_runs
from core.families.recombined.train import run_recombined
from core.families.single.trained import Sources
from core.runs.result import RunResult
from core.selection.branched import alpha_path
from core.selection.branched_case import BranchedCase
from core.studies.bundled import load_bundled
from core.studies.home import write_whole
from core.studies.specification import StudySpecification
from core.training.environment import device_of, threads

Array = NDArray[np.float64]
ALPHAS = (0.0, 0.02, 0.05, 0.1)


def main() -> None:
    """Train what is missing, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", nargs="?", default="scenes")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--keep", type=Path, help="folder for networks and losses")
    chosen = parser.parse_args()
    study, anew = load_bundled(chosen.study), bundled_losses(chosen.study)
    assert study.specification is not None
    assert anew is not None
    seeds = tuple(chosen.seeds)
    with TemporaryDirectory() as folder:
        place = chosen.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        tuned = trained(study.specification.with_request(AffinityRequest(seeds=seeds, fine_tune=True)), place)
    places = [anew.seeds.index(seed) for seed in seeds]
    same = RecombinedLosses(anew.tasks, seeds, anew.values[places])
    print_affinities(same, tuned)
    alone = [
        proportions(RecombinedLosses(anew.tasks, (0,), anew.values[[place]]).affinity())
        for place in range(len(anew.seeds))
    ]
    for a, b in combinations(range(len(alone)), 2):
        print(f"Anew, seeds {anew.seeds[a]} and {anew.seeds[b]}: {alike(alone[a], alone[b])}.")
    print()
    layouts = study.result(LayoutResults)
    if layouts is not None and layouts.oracle is not None:
        columns = {"anew": same, "fine-tuned": tuned}
        if len(seeds) < len(anew.seeds):
            columns[f"anew, {len(anew.seeds)} seeds"] = anew
        print_agreement(layouts.oracle, downsamplings(study.backbone), columns)


def trained(study: StudySpecification, place: Path) -> RecombinedLosses:
    """Return the losses of a study's recombined networks, trained here."""
    data = store.load(study.dataset, folder=place / "cache")
    runs, results = recombined_runs(study), {}

    def weights(key: str) -> Path:
        return place / f"{key}.safetensors"

    for single in {parent.key: parent for run in runs for parent in run.parents}.values():
        # What is made stays beside the losses, under the name that all its children look for.
        with threads(1):
            assert Sources(data, device_of(single.training), weights, weights).network(single, lambda *_: None)
    for run in runs:
        file, begun = place / f"{run.key}.json", time.perf_counter()
        if not file.is_file():
            result = run_recombined(run, data, weights, drafts=place)
            write_whole(file, result.model_dump_json().encode())
            print(f"{run.label}: {time.perf_counter() - begun:.0f} s", flush=True)
        results[run.key] = RunResult.model_validate_json(file.read_text())
    found = losses_of(study, results)
    assert found is not None
    return found


def print_affinities(anew: RecombinedLosses, tuned: RecombinedLosses) -> None:
    """Print, after each block, the normalised affinities of both kinds and how alike they rank pairs."""
    one, other = proportions(anew.affinity()), proportions(tuned.affinity())
    first, second = np.triu_indices(len(anew.tasks), 1)
    a, b = one[:, first, second], other[:, first, second]
    print(
        "| after block | affinity, anew | fine-tuned | largest difference | features of others win, anew | fine-tuned |"
    )
    print("|---|---|---|---|---|---|")
    for depth in range(anew.n_depths):
        gap = float(np.abs(a[depth] - b[depth]).max())
        lost = [f"{100 * _wins_of_others(each)[depth]:.0f} %" for each in (anew, tuned)]
        print(f"| {depth + 1} | {a[depth].mean():.2f} | {b[depth].mean():.2f} | {gap:.2f} | {lost[0]} | {lost[1]} |")
    print(f"\nAnew and fine-tuned: {alike(one, other)}.")


def alike(one: Array, other: Array) -> str:
    """Return how alike two tensors rank pairs, in words."""
    first, second = np.triu_indices(one.shape[1], 1)
    ranks = correlation("spearman", one[:, first, second].ravel(), other[:, first, second].ravel())
    kept = f", order of two pairs at a depth kept in {100 * order_kept(one, other):.0f} %" if one.shape[1] > 2 else ""
    return f"Spearman over pairs and depths {ranks:.2f}{kept}"


def _wins_of_others(losses: RecombinedLosses) -> Array:
    """Return on which share of samples another task's features beat the own ones, the mean of a depth."""
    found = np.einsum("dtst->dts", losses.shares())
    others = ~np.eye(len(losses.tasks), dtype=bool)
    return np.asarray(found[:, others].mean(axis=1))


def print_agreement(oracle: Oracle, downs: tuple[float, ...], kinds: Mapping[str, RecombinedLosses]) -> None:
    """Print how well each kind ranks the trained layouts, and what its trees have gained."""
    measured = dict(zip(oracle.layouts, oracle.test.mean(axis=(0, 2)).tolist(), strict=True))
    print(
        "| affinities | "
        + " | ".join(f"Spearman at α = {alpha:g}" for alpha in ALPHAS)
        + " | best tree of the α-path |"
    )
    print("|---" * (len(ALPHAS) + 2) + "|")
    for name, losses in kinds.items():
        case = BranchedCase(distances(losses.affinity()), downs)
        ranks = []
        for alpha in ALPHAS:
            costs = np.array([case.tree(layout, alpha).cost for layout in measured])
            ranks.append(f"{correlation('spearman', -costs, np.array([*measured.values()])):.2f}")
        trees = [measured[tree.layout] for _, tree in alpha_path(case) if tree.layout in measured]
        place = 1 + sum(gain > max(trees) for gain in measured.values())
        print(f"| {name} | " + " | ".join(ranks) + f" | {max(trees):+.2f} %, {place} of {len(measured)} |")


if __name__ == "__main__":
    main()
