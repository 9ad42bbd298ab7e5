"""Feature extraction: the first task trains the network, every later one only a head on its frozen features.

The baseline of Li and Hoiem, Learning without Forgetting, TPAMI 2017, §2, after Donahue et al., DeCAF, ICML 2014; the
paper on deep virtual networks compares with it in sequence.

As there: features are those of the last shared block, which the first task has learned from its own pictures; a later
task learns its head alone, on the pictures that are labelled for it, so no earlier task changes. Norms are a part of
the features: their scales and their statistics stay those of the first task.

Differs: the first task starts from random weights and learns from this study's pictures (in the paper the network was
trained on ImageNet or Places before), and the head is one layer on pooled features, as all heads here are.
"""

from dataclasses import replace

from core.errors import FamilyError
from core.families.rivals.session import Session
from core.families.rivals.shared import SharedNetwork, Turn
from core.training.frozen_bottom import MOST_FEATURE_BYTES, Bottom, RecombinedNetwork


def train_feature_extraction(session: Session, network: SharedNetwork) -> SharedNetwork:
    """Train all tasks one after another; return the network with all of them.

    Args:
        session: Data and settings; each task is trained for as many passes over its pictures as any network.
        network: Untrained; changed in place.

    Raises:
        Stopped: Somebody stopped it.
        FamilyError: A loss became not-a-number, or a later task changed an earlier one.
    """
    network.to(session.device)
    epochs, names = session.run.settings.epochs, session.run.tasks
    first = session.train(f"training {names[0]}", Turn(network, 0), epochs, tasks=[0], tensors=session.own(0))
    network = first.network
    session.measure(network, 1)
    for task in range(1, network.n_tasks):
        own = session.own(task)
        # Features of pictures that change at random can't be computed once.
        most = 0 if session.run.settings.augment else MOST_FEATURE_BYTES
        bottom = Bottom.over(network.blocks, {split: found.pictures for split, found in own.items()}, most=most)
        top = session.train(
            f"training {names[task]}",
            RecombinedNetwork(network.heads[task].requires_grad_(True), bottom.blocks),
            epochs,
            tasks=[task],
            tensors={split: replace(found, pictures=bottom.inputs[split]) for split, found in own.items()},
        )
        network.heads[task] = top.top
        session.measure(network, task + 1)
    last = session.stages[-1]["test"]
    for stage in session.stages:
        for name, metrics in stage["test"].items():
            if metrics != last[name]:
                raise FamilyError(f'Later tasks changed what "{name}" answers, which they never should.')
    return network.eval()
