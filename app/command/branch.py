"""``branchwise branch``: the cheapest branched network for a tensor of affinities or distances."""

from pathlib import Path

import click

from app.command.number_types import Number, Whole
from app.command.output import json_option, say, write_json
from core.affinity.array_file import Kind
from core.affinity.distance import Distance, distances
from core.affinity.tensor_file import read_tensor
from core.affinity.tournament import MOST_TASKS
from core.errors import AffinityError
from core.plain_number import plain_number
from core.selection.beam import WIDTH, beam_tree
from core.selection.branched import BranchedCase, BranchedTree
from core.selection.branched_case import check_remaining
from core.selection.regrafting import cheapest_tree


@click.command()
@click.argument("array", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--alpha", type=Number(), required=True, help="Weight of the complexity; larger gives fewer branches.")
@click.option(
    "--downsamplings-after",
    required=True,
    metavar="P0,P1,…",
    help="Remaining downsampling steps after each depth, from the input.",
)
@click.option(
    "--kind",
    type=click.Choice(["affinity", "distance"]),
    help="What the numbers are.  [default: what the file says, else affinity]",
)
@click.option(
    "--distance",
    type=click.Choice([str(kind) for kind in Distance]),
    default=str(Distance.COSINE),
    show_default=True,
    help="How affinities become distances.",
)
@click.option("--beam", type=Whole(1, 1000), default=WIDTH, show_default=True, help="Width of the beam.")
@json_option
def branch(
    array: Path, alpha: float, downsamplings_after: str, kind: Kind | None, distance: str, beam: int, as_json: bool
) -> None:
    """Print the cheapest tree for ARRAY, of shape [n_depths, n_tasks, n_tasks].

    Up to 11 tasks it is exact; beyond, a beam search (Branched MTL) improved by moving branches. The result of the
    beam search alone is printed, too.

    A distance is 1 − A[i,j]/√(A[i,i]·A[j,j]) (cosine), 1 − A[i,j] (one-minus), or 1 − A[i,j]/m with m the largest
    affinity of the depth (max).
    """
    tensor, known, tasks = read_tensor(array, kind)
    far = tensor if known == "distance" else distances(tensor, Distance(distance))
    case = BranchedCase(far, _numbers(downsamplings_after))
    check_remaining(case.downsamplings)
    if not 2 <= case.n_tasks <= MOST_TASKS:
        raise AffinityError(f"{case.n_tasks} tasks found: a tree needs 2 to {MOST_TASKS}. Use a tensor with as many.")
    found = beam_tree(case, alpha, width=beam)
    best, exact = cheapest_tree(case, alpha, width=beam)
    if as_json:
        write_json(
            {
                **_document(best),
                "clustering": best.clustering,
                "complexity": best.complexity,
                "exact": exact,
                "beam": _document(found),
                **({"tasks": tasks} if tasks else {}),
            }
        )
        return
    say(best.layout.to_text(tasks))
    say(
        f"cost {best.cost:.6g} = clustering {best.clustering:.6g} + {alpha:g} · complexity {best.complexity:.6g}"
        + ("" if exact else "; not searched exactly, there may be a cheaper tree")
    )
    gap = found.cost - best.cost
    say(f"beam of width {beam}: cost {found.cost:.6g}" + (f", {gap:.3g} more" if gap > 1e-9 else ", the same"))


def _document(tree: BranchedTree) -> dict[str, object]:
    return {"layout": tree.layout.to_json(), "cost": tree.cost}


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(plain_number(word) for word in text.split(","))
    except ValueError:
        raise AffinityError(
            f'"{text[:60]}" is not a list of downsampling steps. Write one number per depth, as in 3,2,1,0.'
        ) from None
