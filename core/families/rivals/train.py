"""Train a rival from its run, and measure it."""

import time
from collections.abc import Mapping, Sequence

from core.families.rivals.adashare import AdaShare
from core.families.rivals.build import build_rival
from core.families.rivals.feature_extraction import train_feature_extraction
from core.families.rivals.lwf import train_lwf
from core.families.rivals.measure import macs_of
from core.families.rivals.method import (
    AdaShareMethod,
    FeatureExtractionMethod,
    LwfMethod,
    Method,
    PackNetMethod,
)
from core.families.rivals.network import RivalNetwork
from core.families.rivals.packing import Packing, train_packing
from core.families.rivals.payload import RivalPayload
from core.families.rivals.policy import train_adashare
from core.families.rivals.runs import RivalRun
from core.families.rivals.session import Session, Stopped
from core.families.rivals.shared import SharedNetwork
from core.families.rivals.weights import to_bytes
from core.networks.tree import count_parameters
from core.runs.result import SPLITS, Metrics, RunResult, RunState, Split
from core.training.environment import environment_of, threads
from core.training.evaluation import NOT_FINITE, Evaluation, evaluate, preprocessing_of
from core.training.workplace import Workplace


def train_rival(run: RivalRun, place: Workplace) -> tuple[RunResult, bytes | None]:
    """Return the result of a rival, and its trained weights as a safetensors file where they are wanted.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.

    Raises:
        FamilyError: The loss became not-a-number, or a later task of PackNet changed an earlier one.
        BranchwiseError: The data set has no such task, or the network can't be built.
    """
    session = Session.of(run, place)
    with threads(run.settings.threads):
        network = build_rival(run, session.tasks, session.data.size)
        try:
            trained = _trained(session, network, run.method)
        except Stopped:
            return _cancelled(session), None
        found = evaluate(trained, session.data, session.tasks, session.device)
        payload = payload_of(trained, session.data.size, session.stages)
    session.forget_drafts()
    if not found.is_finite:
        return _result(session, RunState.FAILED, NOT_FINITE), None
    result = _result(session, RunState.DONE, "", found, trained, payload)
    return result, to_bytes(trained) if place.keep_weights else None


def _trained(session: Session, network: RivalNetwork, method: Method) -> RivalNetwork:
    if isinstance(network, Packing) and isinstance(method, PackNetMethod):
        return train_packing(session, network, method)
    if isinstance(network, AdaShare) and isinstance(method, AdaShareMethod):
        return train_adashare(session, network, method)
    if isinstance(network, SharedNetwork) and isinstance(method, FeatureExtractionMethod):
        return train_feature_extraction(session, network)
    if isinstance(network, SharedNetwork) and isinstance(method, LwfMethod):
        return train_lwf(session, network, method)
    return session.train(method.name, network, session.run.settings.epochs)


def payload_of(
    network: RivalNetwork, size: tuple[int, int], stages: Sequence[Mapping[Split, dict[str, Metrics]]] = ()
) -> RivalPayload:
    """Return what a trained network holds and computes.

    Args:
        network: After training.
        size: Height and width of the pictures.
        stages: Metrics after each task, where tasks are learned in a sequence.
    """
    tasks, held = range(network.n_tasks), network.holding()
    return RivalPayload(
        shared_params=held.shared_params,
        own_params=held.own_params,
        used_params=held.used_params,
        head_params=tuple(map(count_parameters, network.heads)),
        mask_bits=held.mask_bits,
        macs=tuple(macs_of(network, size, [task]) for task in tasks),
        macs_for_all=macs_of(network, size, tasks),
        nonzero_macs=tuple(macs_of(network, size, [task], nonzero=True) for task in tasks),
        runs=held.runs,
        runs_for_all=held.runs_for_all,
        has_extra=held.has_extra,
        is_narrow=held.is_narrow,
        stages={split: tuple(stage[split] for stage in stages) for split in SPLITS} if stages else {},
    )


def _cancelled(session: Session) -> RunResult:
    return _result(session, RunState.CANCELLED, f"Cancelled after {session.step} steps.")


def _result(
    session: Session,
    state: RunState,
    sentence: str,
    found: Evaluation | None = None,
    network: RivalNetwork | None = None,
    payload: RivalPayload | None = None,
) -> RunResult:
    found = found or Evaluation()
    return RunResult(
        state=state,
        sentence=sentence,
        **found.fields,
        preprocessing=preprocessing_of(session.data.size),
        curve=tuple(session.curve),
        steps=session.step,
        seconds=time.perf_counter() - session.started,
        params=0 if payload is None else payload.stored_params + sum(payload.head_params),
        head_params=0 if network is None else count_parameters(network.heads),
        environment=environment_of(session.device, session.run.settings.threads),
        payload=None if payload is None else payload.model_dump(mode="json"),
    )
