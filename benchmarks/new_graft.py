"""A branch for a new data set, grafted onto the bundled TreeDNN: other pictures, by other hands, from another scanner.

Run: python benchmarks/new_graft.py [--seeds 0 1 2 3 4] [--keep FOLDER]; it needs `pip install "branchwise[mnist]"`.
Grafts the digits of MNIST onto the trees of `treednn`, from the most similar branch and from new weights, and compares
them with dedicated networks that see every picture as often. About three minutes of one core for each seed. Prints
Markdown; a table of docs/results.md is its output. With `--keep` an interrupted training goes on.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.request import FRESH, MOST_ALIKE, TreeRequest
from core.families.treednn.specification import BranchSpecification, trees_of
from core.jobs.submission import with_parents
from core.plane.interval import t_interval
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.bundled import open_bundled
from core.studies.dataset_specification import Mnist5kSpecification
from core.studies.home import CHECKPOINTS, WEIGHTS
from core.studies.several_specification import SetSpecification
from core.training.execute import run_job
from core.training.workplace import Workplace

NEW = SetSpecification(
    name="mnist",
    task="class",
    dataset=Mnist5kSpecification(name="mnist5k", size=32, n_train=300, n_validation=1000, n_test=2000, noise=0.6),
)


def main() -> None:
    """Train what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--keep", type=Path, help="folder for weights and results")
    chosen = parser.parse_args()
    study = open_bundled("treednn").record.specification
    assert study is not None
    request = study.requested(TreeRequest)
    assert request is not None
    trees = [tree for tree in trees_of(study) if tree.seed in chosen.seeds]
    with TemporaryDirectory() as folder:
        place = Workplace(chosen.keep or Path(folder))
        for part in (WEIGHTS, CHECKPOINTS):
            (place.home / part).mkdir(parents=True, exist_ok=True)
        found: dict[str, list[float]] = {}
        alike: list[dict[str, float]] = []
        for tree in trees:
            for like in (MOST_ALIKE, FRESH):
                graft = GraftedRun(tree=tree, epochs=request.epochs, graft=BranchSpecification(data=NEW), like=like)
                for parent in with_parents([graft]):
                    result = trained(parent, place)
                found.setdefault(like, []).append(accuracy(result))
                if like == MOST_ALIKE:
                    compared = (result.payload or {})["alike"]
                    alike.append({name: float(np.mean(values)) for name, values in compared.items()})
            found.setdefault("dedicated network", []).append(accuracy(trained(graft.dedicated, place)))
    dedicated = np.array(found.pop("dedicated network"))
    print("| graft starts from | test | dedicated network | difference | 90 % interval |")
    print("|---|---|---|---|---|")
    for like, values in found.items():
        change = 100 * (np.array(values) - dedicated)
        ends = t_interval(change.tolist())
        interval = "–" if ends is None else f"{ends[0]:+.1f} to {ends[1]:+.1f}"
        shares = f"{100 * np.mean(values):.1f} % | {100 * dedicated.mean():.1f} %"
        print(f"| {like} | {shares} | {change.mean():+.1f} | {interval} |")
    means = {name: np.mean([each[name] for each in alike]) for name in alike[0]}
    print("\nSimilarity of features: " + ", ".join(f"{name} {value:.2f}" for name, value in means.items()))


def trained(run: Run, place: Workplace) -> RunResult:
    """Return the result of a run, trained where it is not there yet; its weights stay for those that need them."""
    file, weights = place.home / f"{run.key}.json", place.weights(run.key)
    if not (file.is_file() and weights.is_file()):
        result, state = run_job(run, place)
        assert state is not None
        weights.write_bytes(state)
        file.write_text(result.model_dump_json())
    return RunResult.model_validate_json(file.read_text())


def accuracy(result: RunResult) -> float:
    """Return what a network of the new data set reaches on the test split."""
    return result.metrics["test"][NEW.name]["accuracy"]


if __name__ == "__main__":
    main()
