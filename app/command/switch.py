"""``branchwise switch``: measured load and switch times of a deployed network."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.command.number_types import Whole
from app.command.output import aligned, json_option, say, write_json
from core.studies.network_files import family_in

if TYPE_CHECKING:
    from core.families.switching.report import Switch, SwitchReport, Times

REPEATS = 20


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--repeats", type=Whole(), default=REPEATS, show_default=True, help="Repeats of each measurement.")
@click.option("--threads", type=Whole(), default=1, show_default=True, help="Threads of torch.")
@json_option
def switch(directory: Path, repeats: int, threads: int, as_json: bool) -> None:
    """Measure how fast a network that was deployed to DIRECTORY switches to each task.

    Of a TreeDNN two ways are timed on this machine: loading the whole network of the task, and loading its branch
    while the trunk stays in memory. Of a deep virtual network: loading a task's level from nothing, from the level
    below or above, and from the same level of another task. Times are medians, measured from the request.
    """
    if family_in(directory) == "virtual":
        _virtual(directory, repeats, threads, as_json=as_json)
        return
    from core.families.switching.timing import measure_switching
    from core.families.treednn.tree_manifest import read_manifest

    manifest = read_manifest(directory)
    if not as_json:
        say("Measuring …", err=True)
    report = measure_switching(directory, repeats=repeats, threads=threads)
    if as_json:
        backbone = {"builder": manifest.backbone.builder, "cut": manifest.cut, "size": list(manifest.backbone.size)}
        write_json({"directory": str(directory), "backbone": backbone, **_document(report)})
        return
    for line in _lines(report):
        say(line)


def _virtual(directory: Path, repeats: int, threads: int, *, as_json: bool) -> None:
    from core.families.switching.virtual_timing import WAYS, measure_virtual

    if not as_json:
        say("Measuring …", err=True)
    report = measure_virtual(directory, repeats=repeats, threads=threads)
    if as_json:
        write_json({"directory": str(directory), **report.document()})
        return
    header = ["task", "level", "way", "MB read", "load, warm", "first output, warm", "load, cold", "first output, cold"]
    called = dict(
        zip(WAYS, ("whole", "from the level below", "from the level above", "from another task"), strict=True)
    )
    rows = [
        [
            each.task,
            str(each.level),
            called[each.way],
            f"{each.found.bytes / 1e6:.3f}",
            *_cells(each.found.warm),
            *_cells(each.found.cold),
        ]
        for each in report.switches
    ]
    say(aligned(header, rows, left=[0, 2]))
    say()
    say(f"Times in milliseconds, medians of {report.repeats}, {report.threads} thread(s), {report.machine}.")
    say(f"Warm: the files are in the page cache. Cold: {report.cold.value}.")
    most = max(each.resident_bytes for each in report.switches)
    say(
        f"On disk {report.shared_bytes / 1e6:.3f} MB of shared weights, {report.own_bytes / 1e6:.3f} MB of norms and "
        f"heads; in memory {most / 1e6:.3f} MB with the largest level."
    )


def _document(report: "SwitchReport") -> dict[str, Any]:
    return {
        "bytes": {
            "trunk": report.trunk_bytes,
            "tree": report.tree_bytes,
            "separate": report.separate_bytes,
            "resident": report.resident_bytes,
        },
        "branches": [
            {"name": branch.name, "whole": _ways(branch.whole), "branch": _ways(branch.branch)}
            for branch in report.branches
        ],
        "median": {
            way: {
                "warm": _seconds(report.median(way, cold=False)),
                "cold": _seconds(report.median(way, cold=True)),
            }
            for way in ("whole", "branch")
        },
        "cold": {"state": report.cold.name.lower(), "measured": report.cold.is_measurable},
        "repeats": report.repeats,
        "threads": report.threads,
        "machine": report.machine,
    }


def _ways(found: "Switch") -> dict[str, Any]:
    return {"bytes": found.bytes, "warm": _seconds(found.warm), "cold": _seconds(found.cold)}


def _seconds(times: "Times | None") -> dict[str, float] | None:
    return None if times is None else {"load": times.load, "first_output": times.first_output}


def _lines(report: "SwitchReport") -> list[str]:
    header = ["branch", "way", "MB read", "load, warm", "first output, warm", "load, cold", "first output, cold"]
    rows = []
    for branch in report.branches:
        for way, found in (("whole network", branch.whole), ("branch only", branch.branch)):
            rows.append([branch.name, way, f"{found.bytes / 1e6:.2f}", *_cells(found.warm), *_cells(found.cold)])
    whole, alone = report.median("whole", cold=False), report.median("branch", cold=False)
    assert whole is not None
    assert alone is not None
    return [
        aligned(header, rows, left=[0, 1]),
        "",
        f"Times in milliseconds, medians of {report.repeats}, {report.threads} thread(s), {report.machine}.",
        f"Warm: the files are in the page cache. Cold: {report.cold.value}.",
        f"On disk {report.tree_bytes / 1e6:.2f} MB instead of {report.separate_bytes / 1e6:.2f} MB; "
        f"in memory {report.resident_bytes / 1e6:.2f} MB with the largest branch.",
        f"Median over branches, warm: load {1e3 * whole.load:.2f} → {1e3 * alone.load:.2f} ms, "
        f"first output {1e3 * whole.first_output:.2f} → {1e3 * alone.first_output:.2f} ms.",
    ]


def _cells(times: "Times | None") -> list[str]:
    return ["–", "–"] if times is None else [f"{1e3 * times.load:.2f}", f"{1e3 * times.first_output:.2f}"]
