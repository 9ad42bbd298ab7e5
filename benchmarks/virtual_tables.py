"""The Markdown tables of a bundled study of deep virtual networks; ``python benchmarks/study.py NAME`` prints them."""

import numpy as np
from numpy.typing import NDArray
from path_tables import written

from core.families.rivals.results import RivalResults
from core.families.single.runs import single_run
from core.families.virtual.results import VirtualResults, VirtualScores
from core.families.virtual.runs import narrow_runs, network_runs
from core.studies.study import Study

Array = NDArray[np.float64]
_BYTES = 4
_POINTS = 100.0


def print_virtual(study: Study, results: VirtualResults) -> None:
    """Print accuracies, differences, storage and training, and what a sequence forgets; all on the test split."""
    print_levels(study, results)
    print_differences(results)
    print_tasks(results)
    print_storage(results)
    print_training(study, results)
    print_sequence(results)


def print_levels(study: Study, results: VirtualResults) -> None:
    """Print the accuracy on each level, the mean over tasks, and Δ on the last one."""
    levels = [f"level {level + 1}" for level in range(results.n_levels)]
    print("| network | " + " | ".join(levels) + " | Δ on the last level |")
    print("|---" * (results.n_levels + 2) + "|")
    if results.alone is not None:
        _print_row("each level trained alone", results.alone.values["test"], None)
    else:
        cells = ["–"] * (results.n_levels - 1) + [written(_POINTS * results.singles["test"].mean(axis=1), "")]
        print("| single-task networks | " + " | ".join(cells) + " | 0 |")
    for network in results.networks:
        _print_row(network.name, network.values["test"], network.gains["test"][:, :, -1].mean(axis=1))
    rivals = study.result(RivalResults)
    for method in () if rivals is None else rivals.methods:
        cells = ["–"] * (results.n_levels - 1) + [written(_POINTS * method.values["test"].mean(axis=1), "")]
        gain = written(method.gains["test"].mean(axis=1), "+")
        print(f"| {method.title} | " + " | ".join(cells) + f" | {gain} |")
    print()


def _print_row(name: str, values: Array, gains: Array | None) -> None:
    cells = [written(_POINTS * values[:, :, level].mean(axis=1), "") for level in range(values.shape[2])]
    print(f"| {name} | " + " | ".join(cells) + f" | {'0' if gains is None else written(gains, '+')} |")


def print_differences(results: VirtualResults) -> None:
    """Print differences in accuracy on each level, seed by seed: from levels alone, and from the first network."""
    levels = [f"level {level + 1}" for level in range(results.n_levels)]
    first, *others = results.networks
    pairs: list[tuple[str, Array]] = []
    if results.alone is not None:
        alone = results.alone.values["test"]
        pairs += [(f"{network.name} − alone", network.values["test"] - alone) for network in results.networks]
    pairs += [(f"{network.name} − {first.name}", network.values["test"] - first.values["test"]) for network in others]
    print("| points | " + " | ".join(levels) + " |")
    print("|---" * (results.n_levels + 1) + "|")
    for name, difference in pairs:
        cells = [written(_POINTS * difference[:, :, level].mean(axis=1), "+") for level in range(results.n_levels)]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print()


def print_tasks(results: VirtualResults) -> None:
    """Print the accuracy of each task on each level, in the first network and trained alone."""
    if results.alone is None:
        return
    first = results.networks[0]
    levels = [f"{name}, level {level + 1}" for level in range(results.n_levels) for name in (first.name, "alone")]
    print("| task | " + " | ".join(levels) + " |")
    print("|---" * (len(levels) + 1) + "|")
    for t, task in enumerate(results.tasks):
        cells = [
            written(_POINTS * values[:, t, level], "")
            for level in range(results.n_levels)
            for values in (first.values["test"], results.alone.values["test"])
        ]
        print(f"| {task.name} | " + " | ".join(cells) + " |")
    print()


def print_storage(results: VirtualResults) -> None:
    """Print what is stored once, against a network of its own for each task and level."""
    payload = results.payload
    if payload is None:
        return
    records = [record for levels in payload.records for record in levels]
    own, heads = (sum(getattr(record, name) for record in records) for name in ("own_params", "head_params"))
    one, many = payload.shared_params + own + heads, sum(record.params for record in records)
    weights = sum(record.shared_params for record in records)
    print("| stored | one network | a network for each task and level | times |")
    print("|---|---|---|---|")
    print(
        f"| weights of convolutions | {payload.shared_params:,} | {weights:,} | {weights / payload.shared_params:.1f} |"
    )
    print(f"| norms | {own:,} | {own:,} | 1 |")
    print(f"| heads | {heads:,} | {heads:,} | 1 |")
    print(f"| parameters in all | {one:,} | {many:,} | {many / one:.1f} |")
    print(f"| bytes | {_BYTES * one:,} | {_BYTES * many:,} | {many / one:.1f} |")
    print()
    print("| level | share of the weights | multiply-accumulates |")
    print("|---|---|---|")
    for level, record in enumerate(payload.records[0]):
        share = f"{100 * record.shared_params / payload.shared_params:.1f} %"
        macs = f"{record.macs:,} ({100 * record.macs / payload.records[0][-1].macs:.1f} %)"
        print(f"| {level + 1} | {share} | {macs} |")
    print()


def print_training(study: Study, results: VirtualResults) -> None:
    """Print multiply-accumulates and seconds of training, against a training for each task and level."""
    if results.alone is None or study.specification is None:
        return
    specification, seed, backbone = study.specification, results.seeds[0], study.backbone
    alone = sum(run.work(backbone) for levels in narrow_runs(specification, seed) for run in levels)
    alone += sum(single_run(specification, task, seed).work(backbone) for task in range(len(results.tasks)))
    seconds = results.alone.seconds.sum(axis=(1, 2))
    print("| training | 10⁹ multiply-accumulates forward | against each alone | seconds | against each alone |")
    print("|---|---|---|---|---|")
    print(f"| each task and level alone | {alone:,.0f} | 1 | {written(seconds, '')} | 1 |")
    for network, run in zip(results.networks, network_runs(specification, seed), strict=True):
        work, ratio = run.work(backbone), network.seconds / seconds
        times = f"{np.nanmean(ratio):.2f}"
        print(f"| {network.name} | {work:,.0f} | {work / alone:.2f} | {written(network.seconds, '')} | {times} |")
    print()


def print_sequence(results: VirtualResults) -> None:
    """Print the accuracy of each task right after its turn and at the end of the sequence, the mean over levels."""
    found = [network for network in results.networks if network.training == "sequence"]
    if not found:
        return
    print("| network | " + " | ".join(f"{task.name}, after its turn | at the end" for task in results.tasks) + " |")
    print("|---" * (1 + 2 * len(results.tasks)) + "|")
    for network in found:
        stages = network.stages["test"].mean(axis=3)
        cells = [written(_POINTS * stages[:, place, t], "") for t in range(len(results.tasks)) for place in (t, -1)]
        print(f"| {network.name} | " + " | ".join(cells) + " |")
    print()
    print(
        "| old tasks, from their turn to the end | "
        + " | ".join(f"level {level + 1}" for level in range(results.n_levels))
        + " |"
    )
    print("|---" * (1 + results.n_levels) + "|")
    for network in found:
        lost = forgotten(network)
        print(f"| {network.name} | " + " | ".join(written(_POINTS * column, "+") for column in lost.T) + " |")
    print()


def forgotten(network: VirtualScores) -> Array:
    """Return what all tasks but the last lose after their own turn, their mean, ``[n_seeds, n_levels]``."""
    stages = network.stages["test"]
    n_old = stages.shape[2] - 1
    lost: Array = np.mean([stages[:, -1, task] - stages[:, task, task] for task in range(n_old)], axis=0)
    return lost
