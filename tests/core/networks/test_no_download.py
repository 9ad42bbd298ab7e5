"""Nothing that a file names can start a download or import a module: tried in a process without sockets."""

import subprocess
import sys

from core.backbones import Builder
from core.backbones.torchvision_functions import CLASSIFIERS, MODELS, SEGMENTATION, SEGMENTERS

# Everything that opens a connection or asks for an address ends the process.
GUARD = """
import os, sys
import torch, torchvision
from core.errors import BranchwiseError
from core.networks.plan import BackbonePlan
from core.networks.profile_all import built
from core.backbones import Builder

def refuse(event, args):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.")):
        print("CONNECTED", event, args, flush=True)
        os._exit(9)

sys.addaudithook(refuse)
"""


HOSTILE = (
    "torchvision.models.segmentation.lraspp_mobilenet_v3_large()",
    "torchvision.models.segmentation.lraspp_mobilenet_v3_large(weights_backbone='DEFAULT')",
    "torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(weights='DEFAULT', pretrained=True).backbone",
    "torchvision.models.mobilenet_v3_small(weights='IMAGENET1K_V1')",
    "torchvision.models.mobilenet_v2(pretrained=True)",
    "torchvision.models.get_model(name='resnet18', weights='DEFAULT')",
    "torchvision.models.detection.ssdlite320_mobilenet_v3_large()",
    "torch.hub.load(repo_or_dir='pytorch/vision', model='resnet18')",
)
PROGRAM = """
import tempfile
for text in sys.argv[1:]:
    try:
        plan = BackbonePlan(text, (64, 64))
        # What is traced was made before: one network stands for all, of which the largest take seconds.
        plan.blocks() if "mobilenet_v2" in text else built(Builder.parse(plan.builder))
        print("made", text, flush=True)
    except BranchwiseError as fault:
        print("refused", text, flush=True)
torch.hub.set_dir(tempfile.mkdtemp())
torchvision.models.squeezenet1_1(weights="DEFAULT")
"""


def test_hostile_plans_connect_to_nothing() -> None:
    """And the guard sees the download that comes after them."""
    found = subprocess.run(
        [sys.executable, "-c", GUARD + PROGRAM, *HOSTILE], capture_output=True, text=True, check=False, timeout=300
    )
    assert found.returncode == 9, found.stderr
    lines = found.stdout.splitlines()
    assert [line.split()[0] for line in lines[: len(HOSTILE)]] == ["made"] * 5 + ["refused"] * 3
    assert lines[-1].startswith("CONNECTED")


def test_no_listed_function_fetches_weights_by_default() -> None:
    """With what a builder passes on, no argument of the function can still choose weights."""
    import inspect

    import torchvision

    for package, names in ((MODELS, CLASSIFIERS), (SEGMENTATION, SEGMENTERS)):
        for name in names:
            builder = Builder.parse(f"{package}.{name}(weights='DEFAULT', weights_backbone='DEFAULT', pretrained=True)")
            models = torchvision.models.segmentation if package == SEGMENTATION else torchvision.models
            plain = dict(Builder.parse(f"{package}.{name}()").arguments)
            for argument, parameter in inspect.signature(getattr(models, name)).parameters.items():
                if "weight" in argument or "pretrained" in argument:
                    assert plain.get(argument, parameter.default) is None, (name, argument)
            assert all(value is None for argument, value in builder.arguments)
