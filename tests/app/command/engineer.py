"""What an engineer comes with: photographs with labels of several kinds, a network of their own, trained weights."""

import csv
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

LAYOUT = "shape,length,bright | shape,length;bright | shape;length;bright"
MODULE = '''
"""A network as timm writes them: stem, stages of residual blocks with squeeze and excitation, forward_features."""

from torch import nn


class Excite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, 4, 1), nn.Conv2d(4, channels, 1)
        self.act, self.gate = nn.SiLU(), nn.Sigmoid()

    def forward(self, x):
        return x * self.gate(self.fc2(self.act(self.fc1(x.mean((2, 3), keepdim=True)))))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.se, self.act = Excite(outputs), nn.SiLU()
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 or inputs != outputs else nn.Identity()

    def forward(self, x):
        return self.act(self.se(self.norm(self.conv(x))) + self.shortcut(x))


class Net(nn.Module):
    def __init__(self, width, num_classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1), nn.BatchNorm2d(width), nn.SiLU())
        self.stages = nn.Sequential(*(Block(width << n, width << (n + 1), 2) for n in range(3)))
        self.head = nn.Linear(width << 3, num_classes)

    def forward_features(self, x):
        return self.stages(self.stem(x))

    def forward_head(self, x, pre_logits=False):
        x = x.mean((2, 3))
        return x if pre_logits else self.head(x)

    def forward(self, x):
        return self.forward_head(self.forward_features(x))


def make(width=4):
    return Net(width)
'''
STUDY = f"""
name = "parts"
tasks = ["shape", "length", "bright"]
[dataset]
name = "folder"
path = "photographs"
size = 32
fit = "pad"
[backbone]
name = "parts_net:make"
args = {{ width = 6 }}
blocks = 3
[backbone.weights]
file = "pretrained.safetensors"
freeze = 1
rate = 0.5
[training]
epochs = 4
batch_size = 16
augment = ["flip", {{ name = "color", brightness = 0.1 }}]
[table]
seeds = [0, 1]
[oracle]
seeds = [7]
layouts = ["{LAYOUT}"]
"""


def job(folder: Path, *, n: int = 90) -> Path:
    """Write photographs, network, pretrained weights and study file; return the study file."""
    photographs(folder / "photographs", n)
    (folder / "parts_net.py").write_text(MODULE, encoding="utf-8")
    weights(folder)
    path = folder / "parts.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def weights(folder: Path) -> None:
    """Write the weights that a network of another seed, and of other classes, has."""
    made: dict[str, object] = {}
    exec(compile(MODULE, "parts_net.py", "exec"), made)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        network = made["Net"](6, 100)  # type: ignore[operator]
    save_file(network.state_dict(), folder / "pretrained.safetensors")


def photographs(folder: Path, n: int) -> None:
    """Draw bars of some length, across or upright, bright or dark; a third of the lengths is missing."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(3)
    rows = [["file", "shape", "length", "bright"]]
    for number in range(n):
        tall, bright, length = number % 2, int(rng.integers(2)), int(rng.integers(12, 60))
        picture = rng.integers(0, 50, (72, 96, 3)) + 120 * bright
        place = (slice(6, 6 + length), slice(40, 52)) if tall else (slice(30, 42), slice(10, 10 + length))
        picture[place] = (220, 60, 60)
        name = f"{number:03}.{'jpg' if number % 3 else 'png'}"
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(folder / name)
        known = "" if number % 3 == 1 else f"{length / 4 + 10:.2f}"
        rows.append([name, "tall" if tall else "wide", known, "" if number % 5 == 2 else "yes" if bright else "no"])
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def labels(folder: Path) -> dict[str, dict[str, str]]:
    """Return file → column → cell."""
    text = (folder / "photographs" / "labels.csv").read_text(encoding="utf-8")
    return {row["file"]: row for row in csv.DictReader(text.splitlines())}


def forget_module() -> None:
    """Let the network's module be imported anew: each test has one of its own."""
    sys.modules.pop("parts_net", None)
