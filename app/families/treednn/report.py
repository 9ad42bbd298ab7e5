"""What a report says of a TreeDNN: what its trunk saves, and its branches against dedicated networks."""

from app.families.treednn.scores import Network, difference_words, mean, missing_words, summary, values_of, written
from app.report.model import Paragraph, Part, Table, paragraphs
from app.ui.formatting import count, share
from core.families.treednn.costs import CutBackbone
from core.families.treednn.results import BranchScores, TreeResults
from core.studies.study import Study

TITLE = "TreeDNN: one trunk, a branch for each data set"


def report_parts(study: Study) -> list[Part]:
    """Return the savings and the results of the Overview and Storage pages."""
    tree = study.result(TreeResults)
    if tree is None:
        return []
    case = CutBackbone(study.backbone, tree.cut, len(tree.branches))
    return [
        Paragraph(
            f"The trunk holds the first {tree.cut} of {tree.n_blocks} blocks and is stored once, which saves "
            f"{share(case.blocks.relative)} of the blocks of {case.n_branches} dedicated networks and "
            f"{share(case.params.relative)} of their parameters. Each data set has its own images, so no computation "
            "is saved, only storage."
        ),
        Paragraph(summary(tree)),
        Table(
            "Branches on the test split, mean over seeds; the difference is phase 2 against the dedicated network",
            ("branch", "data set", "training images", "metric", *map(str, Network), "difference"),
            tuple(_row(branch) for branch in tree.branches),
            frozenset({0, 1, 3}),
        ),
        *paragraphs([missing_words(tree)]),
    ]


def _row(branch: BranchScores) -> tuple[str, ...]:
    values = values_of(branch)
    arrow = "↑" if branch.metric.higher_is_better else "↓"
    return (
        f"{branch.name}{' (graft)' if branch.is_graft else ''}",
        branch.dataset,
        count(branch.n_train),
        f"{branch.metric.name} {arrow}",
        *(written(branch.metric, mean(values[each])) if each in values else "–" for each in Network),
        difference_words(branch),
    )
