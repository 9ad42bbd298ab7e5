"""Trees grown from the trained fully shared network against trees trained from scratch, with as many steps.

Run: python benchmarks/grown.py [NAME] [--seeds 200 201 202 203 204] [--best 3]. Prints Markdown.

Three ways for each layout, of equally many steps: from scratch in one cycle of the learning rate; from scratch in two
cycles of half the length each, the second from the weights of the first; and grown: the fully shared network in the
first half, then every branch as a copy of its blocks in the second. Single-task networks, which Δ is against, are
trained in one cycle.

Reference:
    Branched Multi-Task Networks, §4.1, where trees grown from a trained shared network are .14 % better.
"""

import numpy as np
from numpy.typing import NDArray
from tree_trials import CPU, Trial, chosen_layouts, options_of, study_of, with_interval

from app.ui.layout_words import layout_sentence
from core.data.dataset import Dataset
from core.families.single.runs import NetworkRun
from core.families.single.train import trainer_of
from core.layouts import Layout
from core.networks.tree import TreeNetwork
from core.training.build import build
from core.training.loop import End

# Added to the seed in the second half.
_SECOND = 10_000


def main() -> None:
    """Train every layout in every way and print their gains."""
    asked = options_of(__doc__)
    study, layouts = study_of(asked.name), chosen_layouts(asked.name, asked.best)
    found: dict[tuple[str, Layout], list[NDArray[np.float64]]] = {}
    for seed in asked.seeds:
        trial, cache = Trial.of(study, seed), dict[tuple[str, ...], TreeNetwork]()
        for layout in layouts:
            for name, way in (("one cycle", in_one_cycle), ("two cycles", in_two_cycles)):
                found.setdefault((name, layout), []).append(trial.gains(layout, way))
            grown = trial.gains(layout, lambda run, data, trial=trial, cache=cache: grown_from(run, data, trial, cache))
            found.setdefault(("grown", layout), []).append(grown)
    means = {key: np.stack(gains).mean(axis=1) for key, gains in found.items()}
    print(f"mean Δ over {len(study.tasks)} tasks, {len(asked.seeds)} seeds, Student's 90 % intervals\n")
    print("| layout | one cycle | two cycles | grown | grown − one cycle | grown − two cycles |")
    print("|---|---|---|---|---|---|")
    for layout in [*layouts, None]:
        own = {
            name: means[name, layout]
            if layout
            else np.mean([means[name, each] for each in layouts if each != layouts[0]], axis=0)
            for name in ("one cycle", "two cycles", "grown")
        }
        cells = [with_interval(own[name].tolist()) for name in own]
        cells += [with_interval((own["grown"] - own[name]).tolist()) for name in ("one cycle", "two cycles")]
        words = layout_sentence(layout, study.tasks) if layout else "all but the fully shared"
        print(f"| {words} | " + " | ".join(cells) + " |")


def in_one_cycle(run: NetworkRun, data: Dataset) -> TreeNetwork:
    """Return the network of a run, trained as the study does."""
    return trained(_untrained(run, data), run, data)


def in_two_cycles(run: NetworkRun, data: Dataset) -> TreeNetwork:
    """Return the network of a run, trained in two halves."""
    first, second = halved(run)
    network = _untrained(run, data)
    # An average of weights does not learn: its weights go on in a network that does.
    network.load_state_dict(trained(_untrained(run, data), first, data).state_dict())
    return trained(network, second, data)


def grown_from(run: NetworkRun, data: Dataset, trial: Trial, cache: dict[tuple[str, ...], TreeNetwork]) -> TreeNetwork:
    """Return the network of a run, grown from the fully shared one of all tasks, which is trained once for a seed."""
    tasks = trial.study.tasks
    if tasks not in cache:
        layout = Layout.all_shared(len(tasks), run.backbone.blocks)
        shared = run.model_copy(update={"tasks": tasks, "layout": layout.partitions})
        cache[tasks] = trained(_untrained(shared, data), halved(shared)[0], data)
    tree = branched(cache[tasks], _untrained(run, data), [tasks.index(name) for name in run.tasks])
    return trained(tree, halved(run)[1], data)


def branched(shared: TreeNetwork, tree: TreeNetwork, tasks: list[int]) -> TreeNetwork:
    """Return a tree whose every block has the weights of that block of a fully shared network, and whose heads have
    those of its tasks.

    Args:
        shared: All of its tasks share every block.
        tree: Over some of its tasks; changed in place.
        tasks: Which, as indices of the shared network's.
    """
    for copies, (block,) in zip(tree.blocks, shared.blocks, strict=True):
        for copy in copies:
            copy.load_state_dict(block.state_dict())
    for head, task in zip(tree.heads, tasks, strict=True):
        head.load_state_dict(shared.heads[task].state_dict())
    return tree


def halved(run: NetworkRun) -> tuple[NetworkRun, NetworkRun]:
    """Return a run twice with half of its epochs each; the second sees the samples in an order of its own."""
    first = run.training.epochs // 2
    return _of(run, first, run.seed), _of(run, run.training.epochs - first, run.seed + _SECOND)


def _of(run: NetworkRun, epochs: int, seed: int) -> NetworkRun:
    training = run.training.model_copy(update={"epochs": epochs})
    return run.model_copy(update={"training": training, "seed": seed})


def trained(network: TreeNetwork, run: NetworkRun, data: Dataset) -> TreeNetwork:
    """Return a network trained further, with averaged weights and in evaluation mode."""
    outcome = trainer_of(network, run, data, CPU).run()
    assert outcome.end is End.DONE
    assert isinstance(outcome.network, TreeNetwork)
    return outcome.network.eval()


def _untrained(run: NetworkRun, data: Dataset) -> TreeNetwork:
    tasks = tuple(data.task(name) for name in run.tasks)
    return build(run.backbone, run.tree, tasks, data.size, run.seed)


if __name__ == "__main__":
    main()
