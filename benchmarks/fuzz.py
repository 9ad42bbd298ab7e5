"""Feed every reader with damaged files, and see that each accepts them or says one sentence.

    python benchmarks/fuzz.py --inputs 6000 --seed 0

Files of every kind that Branchwise reads are damaged as seeds say. Each reader has a process of its own, in which one
input may take 5 seconds and 500 MB (of a page's addresses 4 GB, which its threads reserve). Prints how many inputs were
accepted, got one sentence, or failed: with a traceback, too late, or with too much memory. Exits 1 where one failed.
"""

import argparse
import json
import logging
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import fuzz_samples as samples
from benchmarks import mutations
from core.errors import BranchwiseError

SECONDS, BYTES = 5.0, 500_000_000
# Streamlit starts threads for a page; the system reserves, but does not use, up to 136 MB for each.
BYTES_OF_PAGES = 4_000_000_000
# A process that waits for something uses no processor; on a busy machine a page takes several seconds.
HANGS_AFTER, HANGS_PER_INPUT = 300.0, 30.0
LONGEST_SENTENCE = 1200
PAGES = ("start", "overview", "backbone", "budget", "affinity", "branching", "storage", "paths", "train", "studies")
PARAMETERS = (
    "study", "section", "what", "which", "unit", "weights", "show", "budget", "details", "evidence", "depth", "alpha",
    "layout", "pins", "pair", "gain", "cut", "epsilon", "n", "runs_page",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads files of one kind.

    Args:
        share: Its part of all inputs.
        sound: Returns sound files.
        damaged: Returns a damaged one.
        read: Reads a file, with a folder for what must be on disk.
        n_bytes: Address space that one input may take.
    """

    share: float
    sound: Callable[[], list[bytes]]
    damaged: Callable[[bytes, random.Random], bytes]
    read: Callable[[bytes, Path], object]
    n_bytes: int = BYTES


def _table(kind: str) -> Callable[[bytes, Path], object]:
    def read(data: bytes, folder: Path) -> object:  # noqa: ARG001
        from core.estimators.table_file import read_table, sheet_titles

        sheet_titles(data, f"x.{kind}")
        return read_table(data, f"x.{kind}")

    return read


def _results_file(data: bytes, folder: Path) -> object:  # noqa: ARG001
    from core.estimators.results_file import read_results

    return read_results(data, "x.csv", samples.NAMES, 3)


def _study_file(data: bytes, folder: Path) -> object:
    from core.studies.specification import read_study

    (folder / "x.toml").write_bytes(data)
    return read_study(folder / "x.toml")


def _profile(data: bytes, folder: Path) -> object:  # noqa: ARG001
    from core.backbones.profile_file import read_profile

    return read_profile(data)


def _tensor(suffix: str) -> Callable[[bytes, Path], object]:
    def read(data: bytes, folder: Path) -> object:  # noqa: ARG001
        from app.affinity_source.own_file import evidence_of_file

        return evidence_of_file(data, f"x.{suffix}", "affinity", ("a", "b", "c"))

    return read


def _archive(data: bytes, folder: Path) -> object:  # noqa: ARG001
    from core.studies.archive import read_archive

    return read_archive(data)


def _manifest(data: bytes, folder: Path) -> object:
    from core.families.treednn.deployment import MANIFEST, read_manifest
    from core.studies import manifest

    (folder / MANIFEST).write_bytes(data)
    with suppress(BranchwiseError):
        manifest.read(data)
    return read_manifest(folder)


def _labels(data: bytes, folder: Path) -> object:
    from core.data.label_columns import column_of
    from core.data.labels_file import NAME, read_labels

    (folder / NAME).write_bytes(data)
    found = read_labels(folder)
    return [column_of(name, cells) for name, cells in found.columns.items()]


def _picture(data: bytes, folder: Path) -> object:
    from core.data.picture_file import picture_size, read_picture

    (folder / "x.png").write_bytes(data)
    picture_size(folder / "x.png")
    return read_picture(folder / "x.png", 32)


def _url(data: bytes, folder: Path) -> object:  # noqa: ARG001
    from app.ui.links import layout_from_code

    return layout_from_code(data.decode(errors="replace"), 3, 3)


def _database(data: bytes, folder: Path) -> object:
    from core.jobs.jobs_reader import JobsReader
    from core.jobs.lease import current_host
    from core.jobs.queue_progress import queue_progress
    from core.jobs.quota import disk_use
    from core.studies.database import Database
    from core.studies.study_list import size_of, stored_lines

    database = Database(_home(data, folder) / "studies.sqlite")
    reader, faults = JobsReader(database), []
    for read in (
        database.studies, lambda: stored_lines(database), lambda: size_of(database, "small"), reader.counts,
        lambda: database.study("small"), lambda: database.study("own"), lambda: disk_use(database),
        lambda: [(reader.curve(line.key), reader.log(line.key)) for line in reader.lines()],
        lambda: current_host(database), lambda: queue_progress(database, lambda _: None),
    ):  # fmt: skip
        try:
            read()
        except BranchwiseError as fault:
            faults.append(fault)
    if faults:
        raise faults[0]
    return database


def _page_of_database(data: bytes, folder: Path) -> object:
    os.environ["BRANCHWISE_HOME"] = str(_home(data, folder))
    return _page(random.Random(data), {"study": "small"})


def _page_of_url(data: bytes, folder: Path) -> object:
    os.environ["BRANCHWISE_HOME"] = str(folder)
    rng, words = random.Random(data), [word.decode(errors="replace") for word in (data, *mutations.WORDS)]
    values = (*words, "scenes", "five", "engine", "40", "parameters", "-1", "3!0:0.1.2")
    return _page(rng, {name: rng.choice(values)[:3000] for name in rng.sample(PARAMETERS, 6)})


def _page(rng: random.Random, address: dict[str, str]) -> object:
    import streamlit
    from streamlit.testing.v1 import AppTest

    # What is cached belongs to the home before.
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()
    at = AppTest.from_file(str(samples.ROOT / "app" / "main.py"), default_timeout=60)
    for name, value in address.items():
        at.query_params[name] = value
    at.switch_page(f"../pages/{rng.choice(PAGES)}.py").run()
    if at.exception:
        raise RuntimeError(f"{at.exception[0].message} {at.exception[0].stack_trace[-3:]}")
    if at.error:
        raise BranchwiseError(at.error[0].value)
    return at


def _home(data: bytes, folder: Path) -> Path:
    """Return a home whose database is damaged as the input's bytes say."""
    path = samples.write_home(folder)
    mutations.of_database(path, random.Random(data))
    return folder


def _as_seed(data: bytes, rng: random.Random) -> bytes:  # noqa: ARG001
    return rng.randbytes(8)


def _codes() -> list[bytes]:
    from app.ui.links import layout_code

    return [layout_code(samples.LAYOUT).encode()]


READERS = {
    "tables, CSV": Reader(15, lambda: samples.tables("csv"), mutations.of_text, _table("csv")),
    "tables, XLSX": Reader(5, lambda: samples.tables("xlsx"), mutations.of_zip, _table("xlsx")),
    "results, CSV": Reader(5, samples.trained_layouts, mutations.of_text, _results_file),
    "study files": Reader(12, samples.study_files, mutations.of_text, _study_file),
    "profiles": Reader(12, samples.profiles, mutations.of_text, _profile),
    "tensors, NPY and NPZ": Reader(12, samples.tensors, mutations.of_bytes, _tensor("npz")),
    "tensors, CSV": Reader(6, samples.tensor_csv, mutations.of_text, _tensor("csv")),
    "archives": Reader(8, samples.archives, mutations.of_zip, _archive),
    "manifests": Reader(10, samples.tree_manifests, mutations.of_text, _manifest),
    "labels.csv": Reader(10, samples.labels, mutations.of_text, _labels),
    "pictures": Reader(10, samples.pictures, mutations.of_bytes, _picture),
    "links": Reader(12, _codes, mutations.of_text, _url),
    "databases": Reader(3, lambda: [b""], _as_seed, _database),
    "pages, any address": Reader(1, lambda: [b""], _as_seed, _page_of_url, BYTES_OF_PAGES),
    "pages, damaged database": Reader(1, lambda: [b""], _as_seed, _page_of_database, BYTES_OF_PAGES),
}


def tried(name: str, seeds: range) -> dict[str, Any]:
    """Return how many inputs a reader accepted or refused with a sentence, and what went wrong with others.

    Args:
        name: Of the reader.
        seeds: One input each.
    """
    reader = READERS[name]
    sound = reader.sound()
    counts, failed = {"accepted": 0, "sentence": 0}, []
    begun, before = time.monotonic(), _most_memory()
    for seed in seeds:
        rng = random.Random(f"{name} {seed}")
        data = reader.damaged(rng.choice(sound), rng)
        folder = Path(tempfile.mkdtemp(prefix="fuzz"))
        # Of the processor: how busy the machine is does not count.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            reader.read(data, folder)
            counts["accepted"] += 1
        except BranchwiseError as fault:
            counts["sentence"] += 1
            if not 0 < len(str(fault)) <= LONGEST_SENTENCE:
                failed.append(f"seed {seed}: a sentence of {len(str(fault))} letters")
        except Exception as fault:
            place = traceback.extract_tb(fault.__traceback__)[-1]
            failed.append(f"seed {seed}: {type(fault).__name__} {str(fault)[:200]} ({place.filename}:{place.lineno})")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            shutil.rmtree(folder, ignore_errors=True)
        if _most_memory() - before > BYTES:
            failed.append(f"seed {seed}: {(_most_memory() - before) / 1e6:,.0f} MB of memory")
            before = _most_memory()
    return {**counts, "failed": failed, "seconds": time.monotonic() - begun}


def _most_memory() -> int:
    """Return the most bytes of memory that this process has used."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _too_late(_: int, __: FrameType | None) -> None:
    raise TimeoutError(f"it took longer than {SECONDS:.0f} s")


def serve(name: str, seeds: range) -> None:
    """Try inputs with bounded time and memory, and print the outcome as JSON."""
    logging.disable(logging.CRITICAL)
    # Once without a limit: what is imported is not the input's.
    with tempfile.TemporaryDirectory() as folder, suppress(BranchwiseError):
        READERS[name].read(READERS[name].sound()[0], Path(folder))
    signal.signal(signal.SIGPROF, _too_late)
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = in_use + READERS[name].n_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    print("\n" + json.dumps(tried(name, seeds)))


def in_a_process(options: list[str], seconds: float) -> dict[str, Any]:
    """Return the outcome of one reader, as ``tried`` does."""
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", __file__, *options],
            capture_output=True,
            env={**os.environ, "BRANCHWISE_CALIBRATION": "off"},
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return {"accepted": 0, "sentence": 0, "failed": [f"it hangs: no end after {seconds:.0f} s"], "seconds": seconds}
    if not done.returncode:
        return dict(json.loads(done.stdout.splitlines()[-1]))
    fault = f"its process ended with {done.returncode}: {done.stderr.strip()[-200:]}"
    return {"accepted": 0, "sentence": 0, "failed": [fault], "seconds": 0.0}


def main() -> int:
    """Try all readers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", choices=READERS, help="Only this one, in this process.")
    arguments = parser.parse_args()
    whole = sum(reader.share for reader in READERS.values())
    parts = {name: max(round(arguments.inputs * reader.share / whole), 1) for name, reader in READERS.items()}
    if arguments.reader:
        first = arguments.seed * 1_000_000
        serve(arguments.reader, range(first, first + parts[arguments.reader]))
        return 0
    print(f"{'reader':26}{'inputs':>8}{'accepted':>10}{'sentence':>10}{'failed':>8}{'seconds':>9}")
    totals, faults = [0, 0, 0, 0], []
    for name, n in parts.items():
        options = ["--reader", name, "--inputs", str(arguments.inputs), "--seed", str(arguments.seed)]
        found = in_a_process(options, HANGS_AFTER + HANGS_PER_INPUT * n)
        row = (n, found["accepted"], found["sentence"], len(found["failed"]))
        totals = [total + value for total, value in zip(totals, row, strict=True)]
        faults += [f"{name}, {fault}" for fault in found["failed"]]
        print(f"{name:26}{row[0]:8}{row[1]:10}{row[2]:10}{row[3]:8}{found['seconds']:9.0f}", flush=True)
    print(f"{'all':26}{totals[0]:8}{totals[1]:10}{totals[2]:10}{totals[3]:8}")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
