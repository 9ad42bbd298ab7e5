"""A layout as a network: hard sharing and separate networks are its two ends."""

import copy
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from core.errors import LayoutError
from core.layouts import Layout
from core.networks.tree import TreeNetwork, count_parameters

N_TASKS, N_BLOCKS = 4, 3
X = torch.randn(2, 3, generator=torch.Generator().manual_seed(0))


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Give a random layout by cutting the one where all is shared."""
    layout = Layout.all_shared(N_TASKS, N_BLOCKS)
    for _ in range(draw(st.integers(0, 4))):
        options = sorted(set(layout.cuts()))
        layout = draw(st.sampled_from(options)) if options else layout
    return layout


def blocks() -> list[nn.Module]:
    return [nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5)), nn.Linear(5, 4), nn.Linear(4, 3)]


def heads() -> list[nn.Module]:
    return [nn.Linear(3, task + 1) for task in range(N_TASKS)]


def grown(layout: Layout) -> TreeNetwork:
    """Give a tree whose copies have all drifted apart, as after training."""
    tree = TreeNetwork(blocks(), layout, heads()).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in tree.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return tree


@settings(max_examples=30, deadline=None)
@given(layouts())
def test_parameters_are_groups_times_block_and_heads(layout: Layout) -> None:
    body, ends = blocks(), heads()
    expected = sum(n * count_parameters(block) for n, block in zip(layout.group_counts, body, strict=True))
    assert count_parameters(TreeNetwork(body, layout, ends)) == expected + sum(map(count_parameters, ends))


@settings(max_examples=30, deadline=None)
@given(layouts())
def test_every_task_gets_what_its_own_path_gives(layout: Layout) -> None:
    tree = grown(layout)
    outputs = tree(X)
    assert list(outputs) == list(range(N_TASKS))
    for task in range(N_TASKS):
        assert torch.equal(outputs[task], tree.path(task)(X))


@settings(max_examples=30, deadline=None)
@given(layouts(), st.sets(st.integers(0, N_TASKS - 1), min_size=1))
def test_each_needed_block_runs_once_and_no_other(layout: Layout, tasks: set[int]) -> None:
    tree = grown(layout)
    calls: Counter[tuple[int, int]] = Counter()
    for b, copies in enumerate(tree.blocks):
        for g, block in enumerate(copies):
            block.register_forward_hook(lambda *_, place=(b, g): calls.update([place]))
    tree(X, sorted(tasks))
    needed = {(b, g) for b, p in enumerate(layout.partitions) for g, group in enumerate(p) if tasks & set(group)}
    assert calls == Counter(needed)


def test_all_shared_is_hard_sharing() -> None:
    body, ends = nn.Sequential(*blocks()).eval(), heads()
    tree = TreeNetwork(list(body), Layout.all_shared(N_TASKS, N_BLOCKS), ends).eval()
    shared = body(X)
    assert all(torch.equal(tree(X)[task], ends[task](shared)) for task in range(N_TASKS))


def test_all_split_is_single_networks_with_copied_weights() -> None:
    singles = [nn.Sequential(*blocks(), head).eval() for head in heads()]
    tree = TreeNetwork(blocks(), Layout.all_split(N_TASKS, N_BLOCKS), heads()).eval()
    for task, single in enumerate(singles):
        tree.path(task).load_state_dict(single.state_dict())
    outputs = tree(X)
    assert all(torch.equal(outputs[task], single(X)) for task, single in enumerate(singles))


def test_copies_start_alike_and_learn_apart() -> None:
    tree = TreeNetwork(blocks(), Layout.all_split(2, N_BLOCKS), heads()[:2])
    first, second = (copies[0] for copies in tree.blocks), (copies[1] for copies in tree.blocks)
    for a, b in zip(first, second, strict=True):
        assert all(torch.equal(v, b.state_dict()[k]) for k, v in a.state_dict().items())
    before = copy.deepcopy(tree.path(1).state_dict())
    tree(X, [0])[0].sum().backward()
    with torch.no_grad():
        for parameter in tree.parameters():
            if parameter.grad is not None:
                parameter.sub_(parameter.grad)
    assert all(torch.equal(tensor, before[key]) for key, tensor in tree.path(1).state_dict().items())
    assert any((p.grad != 0).any() for p in tree.path(0).parameters() if p.grad is not None)


def test_shared_blocks_gather_the_gradients_of_their_tasks() -> None:
    layout = Layout.of([[[0, 1], [2]], [[0], [1], [2]], [[0], [1], [2]]])
    tree = TreeNetwork(blocks(), layout, heads()[:3]).eval()
    shared = tree.blocks[0][0][0].weight

    def gradient(tasks: list[int]) -> Tensor:
        return torch.autograd.grad(sum(out.sum() for out in tree(X, tasks).values()), shared)[0]

    torch.testing.assert_close(gradient([0, 1, 2]), gradient([0]) + gradient([1]))


@pytest.mark.parametrize(("n_blocks", "n_heads"), [(2, 4), (3, 3)])
def test_what_does_not_match_is_refused(n_blocks: int, n_heads: int) -> None:
    with pytest.raises(LayoutError, match="They should match"):
        TreeNetwork(blocks()[:n_blocks], Layout.all_shared(N_TASKS, N_BLOCKS), heads()[:n_heads])
