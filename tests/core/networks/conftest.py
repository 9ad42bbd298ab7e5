"""A network that was taken home, with tasks of every kind."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from branchwise import load_module
from core.backbones.catalogue import load_backbone
from core.backbones.source import standalone_source
from core.studies.network_files import predict_text
from core.tasks import Kind

SIZE = (32, 32)
TASKS = {
    "what": (Kind.CLASSIFICATION, 3),
    "has": (Kind.MULTI_LABEL, 2),
    "parts": (Kind.SEGMENTATION, 4),
    "normals": (Kind.NORMALS, 3),
    "depth": (Kind.DEPTH, 1),
    "edges": (Kind.REGRESSION_MAP, 2),
    "age": (Kind.REGRESSION, 1),
    "corner": (Kind.REGRESSION, 2),
    "grade": (Kind.ORDINAL, 3),
}
CLASSES = {
    "what": ("cat", "=dog", "bird"),
    "has": ("tail", "wings"),
    "parts": ("sky", "floor", "wall", "ball"),
    "grade": ("low", "middle", "high"),
}
STEPS = {"size": SIZE, "mean": [110.0] * 3, "std": [60.0] * 3, "resize": "bilinear"}


@pytest.fixture(scope="session")
def taken_home(tmp_path_factory):
    """Give a folder with a network with tasks of every kind, and pictures."""
    found = tmp_path_factory.mktemp("taken")
    backbone = load_backbone("small_residual_8")
    together, apart = [[*range(len(TASKS))]], [[0, 1], [*range(2, len(TASKS))]]
    source = standalone_source(
        backbone,
        [together, together, apart, apart, apart],
        [*TASKS],
        outputs=[outputs for _, outputs in TASKS.values()],
        kinds=[kind for kind, _ in TASKS.values()],
        classes=CLASSES,
        preprocessing=STEPS,
    )
    (found / "network.py").write_text(source)
    (found / "predict.py").write_bytes(predict_text())
    torch.manual_seed(0)
    network = load_module(found).build()
    # As trained ones: answers that differ from picture to picture.
    for head in network.heads:
        for weights in head.parameters():
            torch.nn.init.normal_(weights)
    network.heads[[*TASKS].index("age")].mean.fill_(40)
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, found / "weights.safetensors")
    rng = np.random.default_rng(0)
    for name in ("a.png", "inside/b.jpg", "inside/deeper/a.png"):
        path = found / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(path)
    (found / "pictures" / "notes.txt").write_text("no picture")
    return found
