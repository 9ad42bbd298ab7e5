"""A network that was taken home as one ONNX file, checked before it is written."""

import io
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec, module_from_spec, spec_from_loader
from types import ModuleType
from typing import Any, Final

import torch
from safetensors.torch import load
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.state import evaluating
from core.studies.manifest import FileEntry, Manifest
from core.studies.network_files import SOURCE_FILE, WEIGHTS_FILE, with_file

ONNX_FILE: Final = "network.onnx"
INPUTS: Final = ("pictures", "input", "x")
OPSET: Final = 18
# Of the outputs' largest size, between torch and the file.
TOLERANCE: Final = 1e-4
NEEDED: Final = ("onnx", "onnxscript", "onnxruntime")
_BATCHES: Final = (1, 3)


def check_installed() -> None:
    """Check that what writes and checks ONNX files is installed.

    Raises:
        BackboneError: Something is missing.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise BackboneError(
            f"ONNX files are written and checked with {' and '.join(missing)}, which is not installed: "
            'pip install "branchwise[onnx]".'
        )


def with_onnx(manifest: Manifest, files: Mapping[str, bytes]) -> tuple[Manifest, dict[str, bytes]]:
    """Return the files of a network with an ONNX file among them, the manifest last.

    Args:
        manifest: Which lists the files.
        files: Name → content, as ``network_files`` returns them.

    Raises:
        BackboneError: Something that it needs is not installed, or the network can't be written so.
    """
    content = onnx_of(files[SOURCE_FILE].decode(), load(files[WEIGHTS_FILE]), manifest)
    return with_file(manifest, files, FileEntry.of(ONNX_FILE, content, "onnx"), content)


def onnx_of(source: str, weights: Mapping[str, Tensor], manifest: Manifest) -> bytes:
    """Return a network as the content of an ONNX file: one input, and one output for each task, for any batch.

    The input is what ``prepare`` of network.py returns; the metadata say how that is made, and what classes are called.

    Args:
        source: Content of network.py.
        weights: Its trained weights.
        manifest: Which says tasks and preprocessing.

    Raises:
        BackboneError: ONNX has no words for the network, or the file answers otherwise than torch does.
    """
    check_installed()
    with torch.random.fork_rng(devices=[]):
        module = _run(source)
        network = module.build()
        network.load_state_dict(dict(weights))
        network.eval()
        named = _Named(network, [task.name for task in manifest.tasks])
        example = torch.randn(2, *_input_shape(module, manifest))
        refused: BackboneError | None = None
        # What records one run is done in a tenth of the time; what reads the program knows more networks.
        for write in (_recorded, _read):
            try:
                content = _written(write, named, example, manifest)
                _check(content, named, example)
            except BackboneError as fault:
                refused = fault
            else:
                return content
    assert refused is not None
    raise refused


class _Named(nn.Module):
    """A network whose answers are a tuple, in the order of the tasks."""

    def __init__(self, network: nn.Module, tasks: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.tasks = tuple(tasks)
        # Values of a graph have one name each, and a task may be called like its input.
        self.input = next(name for name in (*INPUTS, *map(str, range(len(tasks) + 1))) if name not in tasks)

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        found = self.network(pictures)
        return tuple(found[task] for task in self.tasks)


_Writer = Callable[[_Named, Tensor, io.BytesIO], None]


def _run(source: str) -> ModuleType:
    name = "branchwise_network"
    spec = spec_from_loader(name, loader=None)
    assert spec is not None
    module = module_from_spec(spec)
    module.__dict__["__file__"] = f"{name}.py"
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)  # what this program wrote itself
    return module


def _input_shape(module: ModuleType, manifest: Manifest) -> tuple[int, ...]:
    steps = manifest.preprocessing or manifest.tasks[0].preprocessing
    if steps is None:
        shape: tuple[int, ...] = tuple(module.INPUT_SHAPE)
        return shape
    return steps.channels, *(steps.network_size or steps.size)


def _recorded(network: _Named, example: Tensor, content: io.BytesIO) -> None:
    torch.onnx.export(
        network,
        (example,),
        content,  # type: ignore[arg-type]  # files that are open are taken, too
        dynamo=False,
        input_names=[network.input],
        output_names=list(network.tasks),
        dynamic_axes={name: {0: "batch"} for name in (network.input, *network.tasks)},
        opset_version=OPSET,
    )


def _read(network: _Named, example: Tensor, content: io.BytesIO) -> None:
    program: Any = torch.onnx.export(
        network,
        (example,),
        dynamo=True,
        input_names=[network.input],
        output_names=list(network.tasks),
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        opset_version=OPSET,
        verbose=False,
    )
    program.save(content)


def _written(write: _Writer, network: _Named, example: Tensor, manifest: Manifest) -> bytes:
    content = io.BytesIO()
    with evaluating(network), _quiet(), torch.no_grad():
        try:
            write(network, example, content)
            return _with_metadata(content.getvalue(), manifest)
        except Exception as fault:
            raise BackboneError(
                f"This network can't be written as ONNX: {' '.join(str(fault).split())[:200]}. "
                "Leave --onnx out: network.py runs with torch."
            ) from None


def _with_metadata(content: bytes, manifest: Manifest) -> bytes:
    import onnx

    model = onnx.load_model_from_string(content)
    document = manifest.model_dump(mode="json", exclude_none=True)
    said = {
        "preprocessing": document.get("preprocessing") or document["tasks"][0].get("preprocessing"),
        "tasks": [{key: task[key] for key in ("name", "kind", "classes")} for task in document["tasks"]],
        "created_with": document["created_with"],
    }
    onnx.helper.set_model_props(model, {name: json.dumps(value) for name, value in said.items()})
    # Where in this program nodes came from is of no use to others, and half of a small file.
    for node in model.graph.node:
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    whole: bytes = model.SerializeToString()
    return whole


def _check(content: bytes, network: _Named, example: Tensor) -> None:
    for n in _BATCHES:
        pictures = torch.randn(n, *example.shape[1:])
        with evaluating(network), torch.no_grad():
            wanted = network(pictures)
        for task, want, got in zip(network.tasks, wanted, _run_file(content, network.input, pictures), strict=True):
            difference = float((got - want).abs().max())
            if not difference <= TOLERANCE * max(float(want.abs().max()), 1.0):
                raise BackboneError(
                    f'The ONNX file answers "{task}" otherwise than torch, by {difference:.2g} for {n} pictures, so it '
                    "was not written. Leave --onnx out: network.py runs with torch."
                )


def _run_file(content: bytes, name: str, pictures: Tensor) -> list[Tensor]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        return [torch.from_numpy(found) for found in session.run(None, {name: pictures.numpy()})]
    except Exception as fault:
        raise BackboneError(
            f"The ONNX file does not run for {len(pictures)} pictures, so it was not written: "
            f"{' '.join(str(fault).split())[:200]}. Leave --onnx out: network.py runs with torch."
        ) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the words of exporters, some of them of compiled code, from standard output, which may be one document."""
    fast = torch.backends.mha.get_fastpath_enabled()
    # Attention in one operator, for which there are no words.
    torch.backends.mha.set_fastpath_enabled(False)
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
        torch.backends.mha.set_fastpath_enabled(fast)
