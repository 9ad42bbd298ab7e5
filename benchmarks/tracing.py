"""Do the blocks found in public networks hold all their weights, and re-join to the same network?

    pip install -e '.[timm,huggingface]'
    python benchmarks/tracing.py [--only torchvision|timm|huggingface] [--like TEXT] [--share 1/2] [--json FILE]
    python benchmarks/tracing.py --read FILE            # the summary of what was written before

No weights are downloaded. Two checks, each network in a process of its own with a limit on its time:

* **totals**, on torch's meta device, where tensors have shapes and no numbers, or with random weights where a network
  does not run there: the parameters of blocks, head and what is left out are those of the model, and the
  multiply-accumulates are those counted while the model runs.
* **re-joined**, with random weights: blocks and head give the model's output bit for bit in evaluation mode and, with
  dropout and drop path at .1 where the network has them, in training mode; its gradients and statistics too.

A network fails if a check does, or if it is refused; the sentence it was refused with is printed.
"""

import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import click
import torch
from torch import Tensor, nn
from tracing_networks import SOURCES, Candidate, small_networks

from core.errors import BackboneError, BranchwiseError
from core.networks.inputs import Inputs
from core.networks.outputs import tensors_of
from core.networks.replay import same
from core.networks.state import evaluating, unchanged
from core.networks.tracing import TracedBackbone, detect
from core.networks.work import MacCounter

TOTALS, REJOINED = "totals", "re-joined"
SECONDS = 120
# Fewer blocks than this give a search little to choose from.
FEW = 6


@dataclass(frozen=True, slots=True)
class Row:
    """What one check of one network found.

    Args:
        source: Where the network is from.
        network: Its name.
        check: ``totals`` or ``re-joined``.
        ok: Whether the check holds.
        blocks: Number of blocks.
        params: Parameters of the model.
        whole: Number of modules that could not be opened.
        left_out: What is in no block, in words.
        seconds: Of the processor, taken by tracing.
        trained: Whether training mode was compared too.
        gradient: Largest difference between two gradients, as a share of the larger one.
        fault: Why the check does not hold.
    """

    source: str
    network: str
    check: str
    ok: bool = False
    blocks: int = 0
    params: int = 0
    whole: int = 0
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0
    trained: bool = False
    gradient: float = 0.0
    fault: str = ""


def summary_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Return a table with one line per source and check, then few blocks and faults."""
    yield "| source | check | networks | hold | not | some modules whole | also in training | gradients differ by |"
    yield "|---|---|---|---|---|---|---|---|"
    for source, check in sorted({(row.source, row.check) for row in rows}):
        mine = [row for row in rows if (row.source, row.check) == (source, check)]
        good = [row for row in mine if row.ok]
        trained = sum(row.trained for row in good) if check == REJOINED else "–"
        gradient = f"{max((row.gradient for row in good), default=0):.0e}" if check == REJOINED else "–"
        whole = sum(row.whole > 0 for row in good)
        counts = (len(mine), len(good), len(mine) - len(good), whole)
        yield f"| {source} | {check} | {' | '.join(map(str, counts))} | {trained} | {gradient} |"
    few = sorted({f"{row.network} ({row.blocks})" for row in rows if row.ok and row.blocks < FEW})
    yield f"\nFewer than {FEW} blocks: {', '.join(few) or 'none'}."
    yield from (f"Not: {row.network}, {row.check}: {row.fault}" for row in rows if not row.ok)


def totals(candidate: Candidate) -> Row:
    """Return whether the totals of a network's blocks are the model's."""
    row = Row(candidate.source, candidate.name, TOTALS)
    try:
        with torch.device("meta"):
            model, example = candidate.made()
    except (NotImplementedError, RuntimeError):
        # It computes with numbers while it is made.
        model, example = candidate.made()
        model, example = model.to("meta"), example.to("meta")
    try:
        found, row = _detected(model, example, row)
    except BackboneError:
        # Some compute with tensors that they make on the processor, or in a precision that only it has.
        model, example = candidate.made()
        found, row = _detected(model, example, row)
    held = {id(p) for part in (*found.blocks, found.head) for p in part.parameters()}
    unused = sum(p.numel() for p in model.parameters() if id(p) not in held)
    params = found.backbone.params + found.backbone.head_params
    if params + unused != row.params:
        return replace(row, fault=f"blocks and head hold {params:,}, {unused:,} are left out, of {row.params:,}")
    if unused and not found.left_out:
        return replace(row, fault=f"{unused:,} parameters are left out without a word")
    macs = found.backbone.macs + found.backbone.head_macs
    with MacCounter() as counter, evaluating(model), torch.no_grad():
        Inputs.of(example).drawn(1, 0).run(model)
    if not found.left_out and macs != counter.macs:
        return replace(row, fault=f"blocks and head do {macs:,} multiply-accumulates, the model {counter.macs:,}")
    return replace(row, ok=True)


def rejoined(candidate: Candidate) -> Row:
    """Return whether the blocks of a network do what the model does, in both modes."""
    row = Row(candidate.source, candidate.name, REJOINED)
    torch.manual_seed(0)
    model, example = candidate.made()
    found, row = _detected(model, example, row)
    inputs = Inputs.of(example).drawn(2, 3)
    parts = nn.ModuleList([*found.blocks, found.head])
    runs = (lambda: _kept(inputs.run(model), found), lambda: _chain(found, inputs))
    (out, *_), (own, *_) = (_run(model, parts, run, training=False) for run in runs)
    if not _equal(out, own):
        return replace(row, fault="another output in evaluation mode")
    if not row.trained:
        return replace(row, ok=True)
    (out, gradients, buffers), (own, own_gradients, own_buffers) = (
        _run(model, parts, run, training=True) for run in runs
    )
    if not _equal(out, own):
        return replace(row, fault="another output in training mode")
    if any(not torch.equal(buffers[name], own_buffers[name]) for name in buffers if not _auxiliary(name, found)):
        return replace(row, fault="other statistics in training mode")
    gradient = max(map(_difference, gradients, own_gradients), default=0.0)
    row = replace(row, gradient=gradient)
    return replace(row, ok=True) if gradient < 1e-4 else replace(row, fault="other gradients in training mode")


def _detected(model: nn.Module, example: Tensor, row: Row) -> tuple[TracedBackbone, Row]:
    start = time.process_time()
    found = detect(model, example)
    return found, replace(
        row,
        blocks=found.backbone.n_blocks,
        params=sum(p.numel() for p in model.parameters()),
        whole=len(found.whole),
        left_out=found.left_out,
        seconds=time.process_time() - start,
        trained=found.trains,
    )


def _kept(value: object, found: TracedBackbone) -> dict[str, Tensor]:
    """Return the outputs that blocks and head give."""
    outputs = tensors_of(value)
    kept = {name: tensor for name, tensor in outputs.items() if f'output "{name}"' not in found.left_out}
    # In training mode a network may name one output and auxiliary ones where it gave a plain tensor before.
    return kept if len(kept) < 2 or found.parts else dict([next(iter(kept.items()))])


def _chain(found: TracedBackbone, inputs: Inputs) -> dict[str, Tensor]:
    return tensors_of(found.forward(inputs.kwargs or inputs.args))


_Ran = tuple[dict[str, Tensor], list[Tensor | None], dict[str, Tensor]]


def _run(model: nn.Module, parts: nn.ModuleList, run: Callable[[], dict[str, Tensor]], *, training: bool) -> _Ran:
    """Return outputs, gradients by every weight and statistics of a run from the same start."""
    model.train(training)
    parts.train(training)
    torch.manual_seed(5)
    # Some networks make a buffer anew while they run.
    with unchanged(model), torch.set_grad_enabled(training):
        out = run()
        gradients: list[Tensor | None] = []
        if training:
            total = torch.stack([t.float().sin().sum() for t in out.values() if t.requires_grad]).sum()
            gradients = list(torch.autograd.grad(total, list(model.parameters()), allow_unused=True))
        buffers = {name: b.clone() for name, b in model.named_buffers()}
    return out, gradients, buffers


def _equal(expected: dict[str, Tensor], actual: dict[str, Tensor]) -> bool:
    if len(expected) != len(actual):
        return False
    if len(actual) == 1:
        return same(next(iter(expected.values())), next(iter(actual.values())))
    return all(name in actual and same(value, actual[name]) for name, value in expected.items())


def _auxiliary(buffer: str, found: TracedBackbone) -> bool:
    return any(buffer.startswith(f"{text.split(',')[0]}.") for text in found.left_out)


def _difference(a: Tensor | None, b: Tensor | None) -> float:
    if a is None or b is None:
        return 0.0 if (a is None or not a.any()) and (b is None or not b.any()) else 1.0
    return float((a - b).abs().max() / max(float(a.abs().max()), 1e-12)) if a.numel() else 0.0


CHECKS = {TOTALS: totals, REJOINED: rejoined}


def bounded(check: str, candidate: Candidate, seconds: int) -> Row:
    """Return the row of a check that runs in a process of its own, which is ended when its time is over.

    Args:
        check: Its name.
        candidate: The network.
        seconds: Of the processor; a busy machine may take ten times as long.
    """
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(there, check, candidate, seconds))
    process.start()
    there.close()
    failed = Row(candidate.source, candidate.name, check)
    try:
        found = here.recv() if here.poll(10 * seconds) else replace(failed, fault=f"not done after {10 * seconds} s")
    except EOFError:
        found = replace(failed, fault=f"its process ended early, as it does after {seconds} s of the processor")
    process.kill()
    process.join()
    return found


def _work(pipe: Connection, check: str, candidate: Candidate, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    torch.set_num_threads(1)
    try:
        found = CHECKS[check](candidate)
    except BranchwiseError as error:
        found = Row(candidate.source, candidate.name, check, fault=str(error))
    except Exception as error:
        found = Row(candidate.source, candidate.name, check, fault=f"{type(error).__name__}: {str(error)[:300]}")
    pipe.send(found)


@click.command()
@click.option("--only", type=click.Choice(list(SOURCES)), multiple=True, help="Where the networks are from.")
@click.option("--like", default="", help="Only networks with this in their names.")
@click.option("--check", "checks", type=click.Choice(list(CHECKS)), multiple=True, help="Which checks to make.")
@click.option("--seconds", default=SECONDS, show_default=True, help="Processor time for one check of one network.")
@click.option("--share", default="1/1", help="One of several equal shares, for as many processes.")
@click.option("--read", type=click.Path(path_type=Path, exists=True), help="Sum up the rows in this file instead.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Add rows to this file, and skip those in it.")
def main(
    *,
    only: tuple[str, ...],
    like: str,
    checks: tuple[str, ...],
    seconds: int,
    share: str,
    read: Path | None,
    path: Path | None,
) -> None:
    """Trace public networks, and print a table and a summary."""
    before = read or path
    lines = before.read_text(encoding="utf-8").splitlines() if before is not None and before.exists() else []
    rows = [Row(**json.loads(line)) for line in lines]
    first, step = map(int, share.split("/"))
    for source in (only or SOURCES) if read is None else ():
        candidates = [c for c in SOURCES[source]() if like in c.name]
        for check in checks or CHECKS:
            # Those of one file stay together: of each file one network is re-joined.
            files = [*dict.fromkeys(c.file or c.name for c in candidates)][first - 1 :: step]
            mine = [c for c in candidates if (c.file or c.name) in files]
            chosen = small_networks(mine) if check == REJOINED and source == "timm" else mine
            done = {row.network for row in rows if (row.source, row.check) == (source, check)}
            for candidate in [c for c in chosen if c.name not in done]:
                row = bounded(check, candidate, seconds)
                rows.append(row)
                words = f"{row.blocks:4} blocks {row.whole:3} whole {row.seconds:6.1f} s" if row.ok else row.fault
                print(f"{source:12} {check:10} {row.network:50} {words}", flush=True)
                if path is not None:
                    with path.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(asdict(row)) + "\n")
    print("\n" + "\n".join(summary_lines(rows)))


if __name__ == "__main__":
    main()
