"""Answer pictures with the trained network beside this file.

    python predict.py a.jpg b.png photographs/     # files, and all pictures of a folder
    python predict.py photographs/ --json          # or --csv
    python predict.py photographs/ --maps answers  # where answers that are maps go, as PNG

Pictures are prepared as they were for training. Needs what network.py or load.py needs, numpy and Pillow;
Branchwise wrote this file but isn't needed.
"""

import argparse
import csv
import importlib.util
import json
import pathlib
import sys
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

Picture = NDArray[np.uint8]
Said = dict[str, Any]

FOLDER = pathlib.Path(__file__).resolve().parent
PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
BATCH = 32
# Colours of classes in segmentation maps, which hold the number of the class; then they begin anew.
COLOURS = (
    *((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167)),
    *((110, 110, 110), (148, 103, 189), (140, 86, 75)),
)


class Whole:
    """What network.py makes: one network that answers all of its tasks at once."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.network = module.build(FOLDER / "weights.safetensors")
        self.tasks = {name: (kind, classes) for name, kind, _, classes in module.TASKS}

    def read(self, path: pathlib.Path, task: str) -> Picture:
        """Return a picture as the network knows pictures, the same for every task."""
        del task
        picture: Picture = self.module.read(path)
        return picture

    def outputs(self, pictures: Picture, tasks: list[str]) -> dict[str, torch.Tensor]:
        """Return task → output of its head."""
        with torch.no_grad():
            found = self.network(self.module.prepare(pictures))
        return {task: found[task] for task in tasks}


class Switched:
    """What load.py makes: a network that is switched to one task at a time."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.network = module.Tree() if hasattr(module, "Tree") else module.Virtual()
        self.tasks = {name: (said["kind"], said.get("classes") or []) for name, said in self.network.tasks.items()}

    def read(self, path: pathlib.Path, task: str) -> Picture:
        """Return a picture as the network of a task knows pictures."""
        self.network.switch(task)
        picture: Picture = self.module.read_picture(path, self.network.steps)
        return picture

    def outputs(self, pictures: Picture, tasks: list[str]) -> dict[str, torch.Tensor]:
        """Return task → output of its head."""
        found = {}
        for task in tasks:
            self.network.switch(task)
            found[task] = self.network.outputs(pictures)
        return found


def opened() -> Whole | Switched:
    """Return the network of this folder."""
    for name, kind in (("network.py", Whole), ("load.py", Switched)):
        if (FOLDER / name).is_file():
            spec = importlib.util.spec_from_file_location(name.partition(".")[0], FOLDER / name)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
            return kind(module)
    raise ValueError(f"There is neither network.py nor load.py in {FOLDER}. Keep this file beside them.")


def files_of(given: list[str]) -> list[pathlib.Path]:
    """Return the files that are named, and the pictures in the folders that are named, in the order of their names."""
    found: list[pathlib.Path] = []
    for path in map(pathlib.Path, given):
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in PICTURES and each.is_file())
            if not inside:
                raise ValueError(f"There is no picture in the folder {path}. It may hold: {', '.join(PICTURES)}.")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise ValueError(f"There is no file or folder {path}. Name pictures, or folders of pictures.")
    return found


class Maps:
    """Writes answers that are maps as PNG files.

    Args:
        folder: Where to; made when the first one is written.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.taken: set[str] = set()

    def write(self, picture: pathlib.Path, task: str, kind: str, classes: list[str], answer: torch.Tensor) -> Said:
        """Write the answer of one task for one picture, and return what there is to say of it."""
        said: Said = {}
        if kind == "segmentation":
            numbers = answer.to(torch.uint8 if len(classes) <= 256 else torch.int32).numpy()
            names, counts = np.unique(numbers, return_counts=True)
            labels = [classes[n] if n < len(classes) else str(n) for n in names.tolist()]
            said["shares"] = {name: n / numbers.size for name, n in zip(labels, counts.tolist(), strict=True)}
            image = Image.fromarray(numbers if numbers.dtype == np.uint8 else numbers.astype(np.uint16))
            if numbers.dtype == np.uint8:
                image.putpalette([value for n in range(256) for value in COLOURS[n % len(COLOURS)]])
            return {"map": self.saved(image, picture, task), **said}
        values = answer.to(torch.float64).numpy()
        if kind == "normals":
            colours = np.round((values.transpose(1, 2, 0) + 1) * 127.5).clip(0, 255).astype(np.uint8)
            return {"map": self.saved(Image.fromarray(colours), picture, task)}
        layers = []
        for number, layer in enumerate(values):
            low, high = float(layer.min()), float(layer.max())
            grey = np.round((layer - low) / ((high - low) or 1.0) * 65535).astype(np.uint16)
            name = task if len(values) == 1 else f"{task}-{number}"
            # Of 0 and 65535 in the file, so that values can be computed from it.
            text = {"least": low, "most": high}
            layers.append({"map": self.saved(Image.fromarray(grey), picture, name, text), **text})
        return layers[0] if len(layers) == 1 else {"maps": layers}

    def saved(self, image: Image.Image, picture: pathlib.Path, name: str, text: Said | None = None) -> str:
        """Save a map under a name that no other picture has, and return where it is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = found = f"{picture.stem}-{''.join(c if c.isalnum() else '-' for c in name)}"
        number = 2
        while found in self.taken:
            found, number = f"{stem}-{number}", number + 1
        self.taken.add(found)
        info = PngImagePlugin.PngInfo()
        for key, value in (text or {}).items():
            info.add_text(key, repr(value))
        path = self.folder / f"{found}.png"
        image.save(path, pnginfo=info)
        return str(path)


def said_of(kind: str, classes: list[str], answer: object, output: torch.Tensor) -> Said:
    """Return an answer that is no map, with the probabilities behind it where there are some."""
    said: Said = {"answer": answer}
    if kind in ("classification", "ordinal", "multi-label"):
        chances = output.sigmoid() if kind == "multi-label" else output.softmax(dim=0)
        names = classes or [str(number) for number in range(len(chances))]
        said["probabilities"] = dict(zip(names, chances.tolist(), strict=True))
    return said


def answered(network: Whole | Switched, files: list[pathlib.Path], tasks: list[str], maps: Maps) -> list[Said]:
    """Return for every file what the tasks answer, or why it can't be read."""
    found: list[Said] = [{"file": str(file), "answers": {}} for file in files]
    # All tasks of a network have the same pictures; those that are switched to have pictures of their own.
    for group in [tasks] if isinstance(network, Whole) else [[task] for task in tasks]:
        for start in range(0, len(files), BATCH):
            pictures, rows = [], []
            for row in range(start, min(start + BATCH, len(files))):
                try:
                    pictures.append(network.read(files[row], group[0]))
                    rows.append(row)
                except ValueError as fault:
                    found[row]["error"] = str(fault)
            outputs = network.outputs(np.stack(pictures), group) if rows else {}
            for task, output in outputs.items():
                kind, classes = network.tasks[task]
                answers = network.module.answers(kind, classes, output)
                for row, answer, raw in zip(rows, answers, output, strict=True):
                    found[row]["answers"][task] = (
                        maps.write(files[row], task, kind, classes, answer)
                        if isinstance(answer, torch.Tensor) and answer.ndim >= 2
                        else said_of(kind, classes, answer, raw)
                    )
    return found


def short(said: Said) -> str:
    """Return an answer in a few letters."""
    if "answer" not in said:
        return str(said.get("map") or " ".join(layer["map"] for layer in said["maps"]))
    answer = said["answer"]
    words = [digits(each) if isinstance(each, float) else str(each) for each in listed(answer)]
    return " ".join(words) or "none"


def digits(number: float) -> str:
    """Return a number in six digits, but never without the digits before its decimal point."""
    return f"{number:.0f}" if 1e5 <= abs(number) < 1e15 else f"{number:.6g}"


def listed(answer: object) -> list[object]:
    """Return an answer as a list: several labels or numbers, or one."""
    return [*answer] if isinstance(answer, list) else [answer]


def cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def answer_pictures(words: list[str]) -> int:
    """Print what the network answers; return 1 where a picture can't be read."""
    parser = argparse.ArgumentParser(description="Answer pictures with the trained network beside this file.")
    parser.add_argument("pictures", nargs="+", metavar="PICTURE|FOLDER")
    parser.add_argument("--task", action="append", metavar="NAME", help="only this task; may be given several times")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON document, with probabilities")
    form.add_argument("--csv", action="store_true", help="one row for each picture, one column for each task")
    parser.add_argument("--maps", default="maps", metavar="FOLDER", help="where answers that are maps are written")
    given = parser.parse_args(words)
    files, network = files_of(given.pictures), opened()
    tasks = list(dict.fromkeys(given.task or network.tasks))
    for task in tasks:
        if task not in network.tasks:
            raise ValueError(f"There is no task {task[:60]!r}. Choose from: {', '.join(network.tasks)}.")
    found = answered(network, files, tasks, Maps(pathlib.Path(given.maps)))
    bad = [entry["error"] for entry in found if "error" in entry]
    if given.json:
        print(json.dumps({"tasks": tasks, "pictures": found}, indent=1))
    elif given.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["file", *map(cell, tasks)])
        for entry in found:
            answers = entry["answers"]
            writer.writerow([cell(entry["file"]), *(plain(answers[task]) if task in answers else "" for task in tasks)])
    else:
        for entry in found:
            if entry["answers"]:
                said = "  ".join(f"{task}: {short(answer)}" for task, answer in entry["answers"].items())
                print(f"{entry['file']}  {said}")
    for fault in bad:
        print(fault, file=sys.stderr)
    return 1 if bad else 0


def plain(said: Said) -> object:
    """Return an answer for a cell: numbers with all of their digits."""
    return said["answer"] if isinstance(said.get("answer"), int | float) else cell(short(said))


if __name__ == "__main__":
    try:
        sys.exit(answer_pictures(sys.argv[1:]))
    except (ValueError, OSError, ImportError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
