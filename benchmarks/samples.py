"""Write the sample files in ``assets/samples`` that the documented commands read, from the bundled study ``scenes``.

All numbers are that study's own: its two-task table, the layouts it trained, losses of its recombined networks on the
first images of the validation split, and the affinities of those losses.

    python benchmarks/samples.py
"""

import csv
import io
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.ui.paths import ASSETS
from core.affinity.recombined import RecombinedLosses
from core.affinity.tournament import affinity
from core.estimators.table_file import write_table
from core.families.layouts.request import TableRequest
from core.families.layouts.runs import TableSubmission
from core.families.recombined.losses import bundled_losses
from core.families.single.runs import NetworkRun
from core.studies.bundled import load_bundled, open_bundled
from core.studies.measured import LayoutResults, Oracle

Array = NDArray[Any]
FOLDER: Final = ASSETS / "samples"
STUDY: Final = "scenes"
N_SAMPLES: Final = 200
DIGITS: Final = 4
METRIC_DIGITS: Final = 6


def files() -> dict[str, bytes]:
    """Return name → content of every file that is made from the study."""
    study = load_bundled(STUDY)
    measured = study.result(LayoutResults)
    found = bundled_losses(STUDY)
    assert measured is not None
    assert measured.oracle is not None
    assert found is not None
    losses = losses_of_samples(found)
    return {
        "table.csv": write_table(measured.table, "tidy", "csv"),
        "metrics.csv": metrics(),
        "results.csv": trained(measured.oracle, study.task_names),
        "losses.npz": packed(losses=losses, tasks=np.array(study.task_names)),
        "tensor.npy": saved(affinity(losses.astype(np.float64))),
    }


def losses_of_samples(found: RecombinedLosses) -> Array:
    """Return the losses of the first seed on the first samples, ``[n_depths, n_tasks, n_tasks, N_SAMPLES]``."""
    return found.values[0, ..., :N_SAMPLES].astype(np.float32)


def trained(oracle: Oracle, tasks: tuple[str, ...]) -> bytes:
    """Return the trained layouts of every seed with their Δ on the test split in percent, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["seed", "layout", *tasks])
    for seed, of_seed in zip(oracle.seeds, oracle.test, strict=True):
        for layout, gains in zip(oracle.layouts, of_seed, strict=True):
            writer.writerow([seed, layout.to_text(), *(round(float(gain), DIGITS) for gain in gains)])
    return text.getvalue().encode()


def metrics() -> bytes:
    """Return the validation metrics of every single-task network and network of two tasks, seed by seed, as CSV."""
    opened = open_bundled(STUDY)
    study, known = opened.record.specification, {task.name: task for task in opened.record.tasks}
    assert study is not None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["task_a", "task_b", "branch_point", "task", "metric", "direction", "value", "seed"])
    request = study.requested(TableRequest)
    assert request is not None
    for run in TableSubmission(request.seeds).runs(study):
        assert isinstance(run, NetworkRun)
        found = opened.results[run.key].metrics["validation"]
        shared = sum(len(partition) == 1 for partition in run.tree.partitions)
        network = [*run.tasks, shared] if len(run.tasks) > 1 else [*run.tasks, "", ""]
        for task in run.tasks:
            for metric in known[task].metrics:
                direction = "higher" if metric.higher_is_better else "lower"
                value = round(found[task][metric.name], METRIC_DIGITS)
                writer.writerow([*network, task, metric.name, direction, value, run.seed])
    return text.getvalue().encode()


def packed(**arrays: Array) -> bytes:
    """Return arrays as a compressed NPZ file."""
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()


def saved(array: Array) -> bytes:
    """Return an array as an NPY file."""
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
        print(f"{name:12} {len(content):8,} bytes")


if __name__ == "__main__":
    main()
