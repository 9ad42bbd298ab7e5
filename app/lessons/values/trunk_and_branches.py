"""Numbers of the lesson on trunk and branches: a cut of MobileNetV2, measured switches, and the study ``treednn``."""

from functools import cache

from app.families.treednn.scores import Network, difference, mean, values_of, written
from app.lessons.bundled import study
from app.storage.response_model import milliseconds
from app.ui.formatting import count, minus, number_word, share
from core.backbones import Backbone, load_backbone
from core.costs import CostQuestion
from core.families.switching.report import Times
from core.families.switching.results import MeasuredSwitch, bundled_switchings
from core.families.treednn.costs import CutBackbone, LayerCount, response
from core.families.treednn.published import CASE, CASE_PRINTED_PERCENT, TABLE_1
from core.families.treednn.results import BranchScores, TreeResults
from core.plane.interval import t_interval

STUDY = "treednn"
# The backbone of the paper, with as many branches as in its appendix.
NETWORK, N_BRANCHES = "mobilenet_v2", CASE.n_branches
_LAST = 4
_TITLES = {"mobilenet_v2": "MobileNetV2", "resnet18": "ResNet-18", "resnet50": "ResNet-50"}
# An early cut for the exercise, as far before the middle as that of the paper lies behind it.
EARLY = LayerCount(CASE.layers, -CASE.epsilon, CASE.n_branches)


def values() -> dict[str, str]:
    """Return placeholder → words."""
    shown, half, deep = backbone(), cut_at(backbone().n_blocks // 2), cut_at(deep_cut())
    found, first, last = results(), switch_at(half.cut), switch_at(deep.cut)
    whole, branch = times(last)
    early_whole, _ = times(first)
    unsteady = max(bundled_switchings(), key=lambda each: max(whole_loads(each)) / min(whole_loads(each)))
    loads = whole_loads(unsteady)
    worst = min(found.branches, key=lambda each: mean(difference(each)))
    graft = next(each for each in found.branches if each.is_graft)
    close = min(
        (each for each in found.branches if min(_ends(each)) > 0 or max(_ends(each)) < 0),
        key=lambda each: min(map(abs, _ends(each))),
    )
    return {
        "n_blocks": count(shown.n_blocks),
        "n_branches": number_word(N_BRANCHES),
        "n_fewer": number_word(N_BRANCHES - 1),
        "half": share(0.5),
        "blocks_saved": share(half.blocks.relative),
        "params_saved": share(half.params.relative),
        "half_trunk": share(half.trunk_share),
        "half_macs": share(trunk_macs(half)),
        "macs_saved": share(half.macs(CostQuestion.ALL_TASKS).relative),
        "n_last": number_word(_LAST),
        "last_share": share(cut_at(shown.n_blocks - _LAST).branch_share),
        "deep_cut": count(deep.cut),
        "deep_blocks": share(deep.blocks.relative),
        "deep_params": share(deep.params.relative),
        "n_models": number_word(TABLE_1.n_models),
        "published_memory": f"{TABLE_1.separate_megabytes:g} to {TABLE_1.tree_megabytes:g} MB",
        "published_time": f"{TABLE_1.separate_milliseconds:g} to {TABLE_1.tree_milliseconds:g} ms",
        "published_trunk": share(TABLE_1.trunk_share),
        "read_share": share(last.loaded_share),
        "deep_first": f"{milliseconds(branch.first_output)} instead of {milliseconds(whole.first_output)}",
        "deep_first_share": share(branch.first_output / whole.first_output),
        "by_bytes": milliseconds(response(whole.first_output, last.loaded_share)),
        "computing": milliseconds(branch.first_output - branch.load),
        "deep_load": share(branch.load / whole.load),
        "whole_early": milliseconds(early_whole.first_output),
        "whole_deep": milliseconds(whole.first_output),
        "by_bytes_slow": milliseconds(response(early_whole.first_output, last.loaded_share)),
        "unsteady": f"{title(unsteady.backbone)} with a trunk of {number_word(unsteady.cut)} blocks",
        "n_unsteady": number_word(len(unsteady.report.branches)),
        "unsteady_loads": f"{milliseconds(min(loads)).removesuffix(' ms')} to {milliseconds(max(loads))}",
        "n_sets": number_word(sum(not each.is_graft for each in found.branches)),
        "n_seeds": number_word(len(found.seeds)),
        "n_trunk": number_word(found.cut),
        "n_own_blocks": number_word(found.n_blocks),
        "worst": worst.name,
        "worst_alone": value(worst, Network.DEDICATED),
        "worst_joint": value(worst, Network.GENERALISED),
        "worst_tree": value(worst, Network.SPECIALISED),
        "worst_interval": ends_words(worst),
        "close": close.name,
        "close_interval": ends_words(close),
        "n_better": number_word(n_beyond(1)),
        "n_worse": number_word(n_beyond(-1)),
        "graft": graft.name,
        "graft_like": graft.like,
        "graft_alone": value(graft, Network.DEDICATED),
        "graft_tree": value(graft, Network.SPECIALISED),
        "layers": f"{CASE.layers}",
        "epsilon": f"{CASE.epsilon:g}",
        "k": f"{CASE.n_branches}",
        "twice": f"{CASE.separate / CASE.layers - (CASE.n_branches + 1) / 2:g}",
        "rest": f"{CASE.epsilon * (CASE.n_branches - 1):g}",
        "saved": f"{CASE.gain:g}",
        "of": f"{CASE.separate:g}",
        "saved_share": share(CASE.relative),
        "printed_share": share(CASE_PRINTED_PERCENT / 100),
        "slipped": f"{CASE.gain_as_printed:g}",
        "slipped_share": share(CASE.gain_as_printed / CASE.separate),
        "early_saved": f"{EARLY.gain:g}",
        "early_slipped": f"{EARLY.gain_as_printed:g}",
    }


@cache
def backbone() -> Backbone:
    """Return the network that is cut."""
    return load_backbone(NETWORK)


def cut_at(cut: int, n_branches: int = N_BRANCHES) -> CutBackbone:
    """Return the network with a trunk of so many blocks.

    Args:
        cut: Blocks in the trunk.
        n_branches: Number of branches.
    """
    return CutBackbone(backbone(), cut, n_branches)


def deep_cut() -> int:
    """Return the deepest cut at which a switch of this network was measured."""
    return max(each.cut for each in bundled_switchings() if each.backbone == NETWORK)


def switch_at(cut: int) -> MeasuredSwitch:
    """Return the measured switch of this network with a cut."""
    return next(each for each in bundled_switchings() if (each.backbone, each.cut) == (NETWORK, cut))


def times(found: MeasuredSwitch) -> tuple[Times, Times]:
    """Return the times of a switch that reads the whole network, and of one that reads a branch; files in memory."""
    whole, branch = found.report.median("whole", cold=False), found.report.median("branch", cold=False)
    assert whole is not None
    assert branch is not None
    return whole, branch


def whole_loads(found: MeasuredSwitch) -> list[float]:
    """Return how many seconds the whole network of each branch took to load, files in memory."""
    return [each.whole.warm.load for each in found.report.branches]


def title(backbone_name: str) -> str:
    """Return how a measured network is called."""
    return _TITLES.get(backbone_name, backbone_name)


def trunk_macs(found: CutBackbone) -> float:
    """Return the share of the multiply-accumulates in the trunk."""
    return sum(block.macs for block in found.backbone.blocks[: found.cut]) / found.backbone.macs


@cache
def results() -> TreeResults:
    """Return what the branches of the study reached."""
    found = study(STUDY).result(TreeResults)
    assert found is not None
    return found


def value(branch: BranchScores, network: Network) -> str:
    """Return the mean of a branch on the test split, or "–" where a graft has none."""
    found = values_of(branch).get(network)
    return "–" if found is None else written(branch.metric, mean(found))


def points(value: float) -> str:
    """Return a difference of two accuracies, in points."""
    return minus(f"{100 * value:+.2f}")


def ends_words(branch: BranchScores) -> str:
    """Return the 90 % interval of a branch's difference to its dedicated network, in points."""
    low, high = _ends(branch)
    return f"{points(low)} to {points(high)}"


def n_beyond(sign: int) -> int:
    """Return how many branches differ from dedicated networks by more than noise.

    Args:
        sign: 1 for those that are better, −1 for those that are worse.
    """
    return sum(min(sign * end for end in _ends(each)) > 0 for each in results().branches)


def _ends(branch: BranchScores) -> tuple[float, float]:
    found = t_interval(difference(branch).tolist())
    assert found is not None
    return found
