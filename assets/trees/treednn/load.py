"""A TreeDNN: one trunk that stays in memory, and a branch for each task, read when needed.

Made by Branchwise. Runs with torch alone; pictures are read with numpy and Pillow.
The files beside this one hold the weights, and manifest.json says what they are and what they reached.

tree = Tree()
    tree.switch('handwriting')
    answers = tree.predict(["a.png", "b.jpg"])

    python load.py TASK PICTURE …     # answers pictures
    python load.py                    # checks every file
"""

import copy
import hashlib
import json
import pathlib
import sys
import torch
from itertools import pairwise
from torch import Tensor, nn
from torch.nn import functional

FOLDER = pathlib.Path(__file__).parent
# Blocks of the trunk, counted from the input.
CUT = 3


_STRIDES = (1, 2, 2, 1)
_GROWTH = (1, 1, 2, 4, 4)


class Residual(nn.Module):
    """Two 3×3 convolutions and a parameter-free shortcut.

    Where the shape changes, the shortcut averages and pads with zero channels, which costs
    a third less time on small pictures than a 1×1 convolution.

    Args:
        inputs: Channels that come in.
        outputs: Channels that go out; at least as many.
        stride: Downsampling of the first convolution.

    Reference:
        He et al., Deep Residual Learning for Image Recognition, §3.3, option A.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(shortcut(x) + convolutions(x))."""
        out = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
        if self.stride > 1:
            # With ceil_mode odd sizes agree with the padded convolution.
            x = functional.avg_pool2d(x, self.stride, ceil_mode=True)
        if out.shape[1] > x.shape[1]:
            x = functional.pad(x, (0, 0, 0, 0, 0, out.shape[1] - x.shape[1]))
        return torch.relu(out + x)


def small_residual(width: int = 8, *, in_channels: int = 3, blocks: int = 5) -> list[nn.Module]:
    """Return a residual net of five blocks, or fewer, for pictures of about 32×32.

    A stem of stride 2, then residual blocks of strides 1, 2, 2, 1 with ``width`` times
    1, 2, 4, 4 channels: a picture of 32×32 leaves the last block as 4×4.

    Args:
        width: Channels of the stem.
        in_channels: Channels of the pictures.
        blocks: With fewer than five the first ones, which are cheap, are one: the network is the same.

    Raises:
        ValueError: A number is below one, or there are more than five blocks.

    >>> [sum(p.numel() for p in block.parameters()) for block in small_residual(8)]
    [232, 1184, 3520, 13952, 18560]
    >>> [sum(p.numel() for p in block.parameters()) for block in small_residual(8, blocks=4)]
    [1416, 3520, 13952, 18560]
    """
    if width < 1 or in_channels < 1:
        raise ValueError(f"Width {width} and {in_channels} input channels should both be at least one.")
    channels = [width * factor for factor in _GROWTH]
    stem = nn.Sequential(
        nn.Conv2d(in_channels, channels[0], 3, 2, 1, bias=False), nn.BatchNorm2d(channels[0]), nn.ReLU()
    )
    most = len(_GROWTH)
    if not 1 <= blocks <= most:
        raise ValueError(f"A small residual network has 1 to {most} blocks, not {blocks}. Choose one of these.")
    stages = [Residual(i, o, stride) for (i, o), stride in zip(pairwise(channels), _STRIDES, strict=True)]
    found = [stem, *stages]
    first = most - blocks + 1
    return found if first == 1 else [nn.Sequential(*found[:first]), *found[first:]]


def make_blocks():
    """Return the blocks of the backbone."""
    return small_residual(width=8)


class ClassificationHead(nn.Module):
    """Global average pooling and one linear layer.

    Args:
        inputs: Channels of the last block.
        outputs: Number of classes or labels.
        pooled: Dimensions of a batch that are averaged: height and width, or tokens; none for vectors.
    """

    def __init__(self, inputs: int, outputs: int, pooled: tuple[int, ...] = (2, 3)) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.pooled = pooled

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs]``."""
        scores: Tensor = self.linear(x.mean(dim=self.pooled) if self.pooled else x)
        return scores


def read_weights(path):
    """Return the tensors of a safetensors file."""
    return tensors_in(pathlib.Path(path).read_bytes())


def tensors_in(content):
    """Return the tensors in the content of a safetensors file."""
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    kinds = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "I64": torch.int64, "BOOL": torch.bool}
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (start + offset for offset in entry["data_offsets"])
            values = torch.empty(entry["shape"], dtype=kinds[entry["dtype"]])
            if end > begin:
                values = torch.frombuffer(bytearray(content[begin:end]), dtype=values.dtype).reshape(values.shape)
            found[name] = values
    return found


def read_picture(path, steps):
    """Return the picture of a file as the network knows pictures, uint8 [height, width, 3]."""
    try:
        return opened(path, steps)
    except Exception as fault:  # Pillow raises whatever a damaged file leads to
        raise ValueError(f"{path} can't be read as a picture: {fault}") from fault


def opened(path, steps):
    """Return the picture of a file, or raise what is wrong with it."""
    import numpy as np
    from PIL import Image, ImageOps

    height, width = steps["size"]
    with Image.open(path) as image:
        # JPEG is decoded at a half, a quarter or an eighth of its size, as in training.
        image.draft("RGB", (width, height))
        image = rgb(ImageOps.exif_transpose(image))
    if steps["resize"] == "none":
        if image.size != (width, height):
            raise ValueError(f"It has {image.size} pixels; the network knows {width} x {height}. Crop it to that.")
        return np.asarray(image)
    how = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[steps["resize"]]
    gap, fit = steps.get("reducing_gap"), steps.get("fit", "stretch")
    if fit == "crop" and image.width != image.height:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side))
    if fit == "pad" and image.width != image.height:
        scale = width / max(image.size)
        inner = image.resize([max(1, round(side * scale)) for side in image.size], how, reducing_gap=gap)
        padded = Image.new("RGB", (width, height))
        padded.paste(inner, ((width - inner.width) // 2, (height - inner.height) // 2))
        return np.asarray(padded)
    # Stretched: proportions are not kept.
    return np.asarray(image.resize((width, height), how, reducing_gap=gap))


def rgb(image):
    """Return a picture in eight bits and three colours: 16-bit values divided by 256, transparency laid on white."""
    import numpy as np
    from PIL import Image

    if image.mode == "F":
        raise ValueError("The picture holds decimal numbers. Save it with 8 or 16 bits per value.")
    if image.mode.startswith("I"):
        values = np.clip(np.asarray(image).astype(np.int64), 0, 65535) >> 8
        return Image.fromarray(values.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return image.convert("RGB")


def normalised(pictures, steps):
    """Return uint8 pictures [n, height, width, 3] as the network takes them."""
    height, width = steps["size"]
    if pictures.dtype.name != "uint8" or pictures.shape[1:] != (height, width, 3):
        raise ValueError(f"Pictures are uint8 [n, {height}, {width}, 3]; these are {pictures.dtype} {pictures.shape}.")
    x = torch.tensor(pictures).to(torch.float32)
    x = x.sub_(torch.tensor(steps["mean"])).div_(torch.tensor(steps["std"]))
    x = x.permute(0, 3, 1, 2)
    size = steps.get("network_size")
    if size is None or list(size) == [height, width]:
        return x
    return nn.functional.interpolate(x, size=tuple(size), mode="bilinear", antialias=True)


def answers(kind, classes, output):
    """Return what the output of one head says."""
    if kind in ("classification", "ordinal"):
        numbers = output.argmax(dim=1).tolist()
        return [classes[number] if classes else number for number in numbers]
    if kind == "multi-label":
        rows = [row.nonzero().flatten().tolist() for row in output > 0]
        return [[classes[number] if classes else number for number in row] for row in rows]
    if kind == "regression":
        # In the unit of the labels; a single number stands alone.
        return [row[0] if len(row) == 1 else row for row in output.tolist()]
    if kind == "segmentation":
        return output.argmax(dim=1)
    if kind == "normals":
        return nn.functional.normalize(output, dim=1)
    # Networks learn the logarithm of depth.
    return output.clamp(-20, 20).exp() if kind == "depth" else output


def check_content(name: str, content: bytes, size: int, sha256: str) -> None:
    """Check the content of a file.

    Args:
        name: Of the file.
        content: What it holds.
        size: Its bytes, as the manifest says.
        sha256: Its hash, as the manifest says.

    Raises:
        ValueError: It is another one.
    """
    if len(content) != size:
        state = "truncated" if len(content) < size else "exchanged"
        raise ValueError(
            f"{name} has {len(content):,} bytes, the manifest says {size:,}: it was {state}. Copy it again."
        )
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{name} has another SHA-256 than the manifest says: it was changed. Copy it again.")


class Folder:
    """Files that manifest.json lists; each is checked against it when it is read."""

    def __init__(self, folder=FOLDER):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        self.tasks = {task["name"]: task for task in self.manifest["tasks"]}
        self.name = None

    def read(self, role, **which):
        """Return the tensors of a file."""
        files = [file for file in self.manifest["files"] if file["role"] == role]
        (entry,) = [file for file in files if all(file.get(key) == value for key, value in which.items())]
        content = (self.folder / entry["path"]).read_bytes()
        check_content(entry["path"], content, entry["bytes"], entry["sha256"])
        return tensors_in(content)

    def known(self, name):
        """Return what the manifest says of a task."""
        if name not in self.tasks:
            raise ValueError(f"There is no task {name!r}. Choose from: {', '.join(self.tasks)}.")
        return self.tasks[name]

    @property
    def task(self):
        """What the manifest says of the task that is switched to."""
        if self.name is None:
            raise ValueError(f"Switch to a task first: {', '.join(self.tasks)}.")
        return self.tasks[self.name]

    @property
    def steps(self):
        """What is done to a picture of the task that is switched to."""
        found = self.task.get("preprocessing") or self.manifest.get("preprocessing")
        if found is None:
            raise ValueError("This network was not trained, so its preprocessing is unknown.")
        return found

    def outputs(self, pictures):
        """Return the outputs for uint8 pictures [n, height, width, 3] of the task that is switched to."""
        with torch.no_grad():
            return self(normalised(pictures, self.steps))

    def predict(self, paths):
        """Return the answer for every file: classes, lists of labels, or maps as a tensor."""
        import numpy as np

        if not len(paths):
            return []
        task, pictures = self.task, np.stack([read_picture(path, self.steps) for path in paths])
        return answers(task["kind"], task.get("classes") or [], self.outputs(pictures))


class Branch(nn.Module):
    """What follows the trunk for one task: blocks and a head."""

    def __init__(self, blocks, head):
        super().__init__()
        self.blocks = nn.Sequential(*blocks)
        self.head = head

    def forward(self, features):
        """Return the output of the head for the features of the trunk."""
        return self.head(self.blocks(features))


def picked(blocks, numbers):
    """Return the blocks of these numbers, from the input; one that is named twice is there twice."""
    return [copy.deepcopy(blocks[number]) for number in numbers]


def make_trunk():
    """Return the trunk."""
    return nn.Sequential(*make_blocks()[:CUT])


def make_branch(name):
    """Return the branch of a task."""
    return {
        'handwriting': lambda: Branch(picked(make_blocks(), [3, 4]), ClassificationHead(32, 10, (2, 3))),
        'solids': lambda: Branch(picked(make_blocks(), [3, 4]), ClassificationHead(32, 3, (2, 3))),
        'patterns': lambda: Branch(picked(make_blocks(), [3, 4]), ClassificationHead(32, 4, (2, 3))),
        'colours': lambda: Branch(picked(make_blocks(), [3, 4]), ClassificationHead(32, 4, (2, 3))),
        'odd digits': lambda: Branch(picked(make_blocks(), [3, 4]), ClassificationHead(32, 2, (2, 3))),
    }[name]()


class Tree(Folder):
    """A trunk and at most one branch in memory."""

    def __init__(self, folder=FOLDER):
        super().__init__(folder)
        self.branch = None
        self.trunk = self.filled(make_trunk(), "trunk", "")

    def filled(self, module, role, task):
        """Return a module with its trained weights, in evaluation mode."""
        module.load_state_dict(self.read(role, task=task))
        # As it was trained; other orders of memory round differently.
        return module.eval().to(memory_format=torch.channels_last)

    def switch(self, name):
        """Load the branch of a task; the one before is dropped."""
        self.known(name)
        if name != self.name:
            self.branch, self.name = self.filled(make_branch(name), "branch", name), name

    def __call__(self, x):
        """Return the output of the branch."""
        return self.branch(self.trunk(x))


def command(words):
    """Answer pictures; without any, load every branch once."""
    tree = Tree()
    if words:
        tree.switch(words[0])
        print(tree.predict(words[1:]) if words[1:] else "Name a picture.")
        return
    for name in tree.tasks:
        tree.switch(name)
        print(f"{name}: {sum(p.numel() for p in tree.branch.parameters())} parameters beyond the trunk")


def main(words):
    """Do what the command line says; what is wrong is one sentence."""
    try:
        command(words)
    except (ValueError, OSError) as fault:
        raise SystemExit(str(fault)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
