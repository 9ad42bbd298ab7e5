"""Write the bundled TreeDNN again, in the present form of manifest and loader; its weights stay bit for bit.

    python benchmarks/bundled_tree.py

Every part is compared with the hash that its run left in the bundled study: what the study measured, it measured
with these very weights.
"""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors.torch import save

from core.data import store
from core.families.treednn.deploy import deploy
from core.families.treednn.deployed import DeployedTree, fill, skeleton
from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.network import TreeDNN, digests
from core.families.treednn.runs import GeneralisedRun, SpecialisedRun
from core.families.treednn.specification import trees_of
from core.families.treednn.submission import expand
from core.runs.result import RunResult
from core.studies.bundled import FOLDER, open_bundled
from core.studies.weights_file import with_origin

TREE = FOLDER.parent / "trees" / "treednn"


def main() -> None:
    """Write it."""
    opened = open_bundled("treednn")
    specification = opened.record.specification
    assert specification is not None
    first, whole = trees_of(specification)[0], whole_tree(TREE)
    found = digests(whole)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        for run in expand(specification):
            match run:
                case GeneralisedRun() if run.tree == first:
                    grown = len(first.branches)
                    state = {name: tensor for name, tensor in whole.state_dict().items() if is_of(name, grown)}
                    (place / run.key).write_bytes(save(state))
                case SpecialisedRun() if run.tree == first:
                    keep(place / run.key, whole, run.branch, run.key, opened.results[run.key], found)
                case GraftedRun() if run.tree == first:
                    keep(place / run.key, whole, run.graft.name, run.key, opened.results[run.key], found)
        data = partial(store.load, folder=place / "cache")
        manifest = deploy(
            specification, first.seed, TREE, data=data, weights=lambda key: place / key, results=opened.results
        )
    assert digests(whole_tree(TREE)) == found
    print(f"{len(manifest.branches)} branches, {manifest.tree_bytes / 1e6:.2f} MB: the same weights")


def whole_tree(folder: Path) -> TreeDNN:
    """Return a deployed tree with all its branches in memory."""
    deployed = DeployedTree(folder)
    whole = skeleton(deployed.manifest)
    fill(whole.trunk, deployed.read(deployed.manifest.trunk), deployed.manifest.trunk)
    for entry in deployed.manifest.branches:
        fill(whole.branch(entry.name), deployed.read(entry), entry)
    return whole


def is_of(name: str, n_branches: int) -> bool:
    """Return whether a tensor belongs to the trunk or to one of the first branches."""
    part, number, *_ = name.split(".")
    return part == "trunk" or int(number) < n_branches


def keep(path: Path, whole: TreeDNN, branch: str, key: str, result: RunResult, found: dict[str, str]) -> None:
    """Write the weights of a branch as its run left them, with what was measured with them."""
    left = (result.payload or {})["digests"]
    assert (left[""], left[branch]) == (found[""], found[branch]), branch
    state = {name: tensor.contiguous() for name, tensor in whole.branch(branch).state_dict().items()}
    path.write_bytes(with_origin(save(state), key, result))


if __name__ == "__main__":
    main()
