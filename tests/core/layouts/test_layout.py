import itertools
import json

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import LayoutError
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts


@st.composite
def layouts(draw, max_tasks=6, max_blocks=5):
    """Draw a layout by splitting groups from block to block."""
    n_tasks, n_blocks = draw(st.integers(1, max_tasks)), draw(st.integers(1, max_blocks))
    groups, partitions = [list(range(n_tasks))], []
    for _ in range(n_blocks):
        marks = draw(st.lists(st.integers(0, 2), min_size=n_tasks, max_size=n_tasks))
        groups = [
            part for group in groups for mark in range(3) if (part := [task for task in group if marks[task] == mark])
        ]
        partitions.append(groups)
    return Layout.of(partitions)


@given(layouts(), st.randoms(use_true_random=False))
def test_the_order_of_groups_and_members_does_not_matter(layout, random):
    nested = layout.to_json()
    for partition in nested:
        random.shuffle(partition)
        for group in partition:
            random.shuffle(group)
    again = Layout.of(nested)
    assert again == layout
    assert hash(again) == hash(layout)


@given(layouts())
def test_every_form_reads_back(layout):
    names = [f"task {t}" for t in range(layout.n_tasks)]
    for form in (layout.to_json(), json.dumps(layout.to_json()), layout.to_text(), layout.to_text(names), str(layout)):
        assert Layout.parse(form, names) == layout
    assert Layout.parse(layout.to_text()) == layout


@given(layouts())
def test_branch_points_count_shared_blocks_and_determine_the_layout(layout):
    points = layout.branch_points()
    assert (points == points.T).all()
    assert (points.diagonal() == layout.n_blocks).all()
    for i, j in itertools.combinations(range(layout.n_tasks), 2):
        assert points[i, j] == sum(j in layout.group_of(i, b) for b in range(layout.n_blocks))
    assert Layout.from_branch_points(points) == layout


@given(layouts())
def test_of_any_three_branch_points_the_two_smallest_are_equal(layout):
    points = layout.branch_points()
    for i, j, k in itertools.combinations(range(layout.n_tasks), 3):
        low, middle, _ = sorted((points[i, j], points[i, k], points[j, k]))
        assert low == middle


def test_branch_points_of_no_tree_are_refused():
    with pytest.raises(LayoutError, match="belong to no tree"):
        Layout.from_branch_points(np.array([[3, 2, 0], [2, 3, 1], [0, 1, 3]]))


@given(layouts(), st.data())
def test_a_cut_splits_one_group_from_one_block_on(layout, data):
    block = data.draw(st.integers(0, layout.n_blocks - 1))
    group = data.draw(st.sampled_from(layout.partitions[block]))
    part = data.draw(st.sets(st.sampled_from(group), min_size=1))
    if part == set(group):
        with pytest.raises(LayoutError, match="not a proper part"):
            layout.cut(block, part)
        return
    cut = layout.cut(block, part)
    assert cut.partitions[:block] == layout.partitions[:block]
    assert cut == layout.cut(block, set(group) - part)
    before, after = layout.branch_points(), cut.branch_points()
    across = np.zeros_like(before, dtype=bool)
    for i, j in itertools.product(part, set(group) - part):
        across[i, j] = across[j, i] = True
    assert (after[~across] == before[~across]).all()
    assert (after[across] == block).all()


@pytest.mark.parametrize(("n_tasks", "n_blocks"), [(1, 3), (2, 4), (3, 3), (4, 2)])
def test_cuts_reach_every_layout_from_hard_sharing(n_tasks, n_blocks):
    """Theorem 3.1 of A Tree-Structured Multi-Task Model Recommender."""
    found, frontier = set(), {Layout.all_shared(n_tasks, n_blocks)}
    while frontier:
        found |= frontier
        frontier = {cut for layout in frontier for cut in layout.cuts()} - found
    assert found == set(enumerate_layouts(n_tasks, n_blocks))


@given(layouts(), st.data())
def test_a_merge_joins_two_groups_at_a_block_and_before(layout, data):
    block = data.draw(st.integers(0, layout.n_blocks - 1))
    partition = layout.partitions[block]
    if len(partition) < 2:
        with pytest.raises(LayoutError, match="are not two of them"):
            layout.merge(block, partition[0], partition[0])
        return
    first, second = data.draw(st.permutations(partition))[:2]
    merged = layout.merge(block, first, second)
    assert merged.partitions[block + 1 :] == layout.partitions[block + 1 :]
    assert merged.group_of(first[0], block) == tuple(sorted(first + second))
    assert len(merged.partitions[block]) == len(partition) - 1
    assert merged == layout.merge(block, second, first)


def test_a_merge_undoes_a_cut():
    shared = Layout.all_shared(4, 3)
    assert shared.cut(2, [1, 3]).merge(2, [0, 2], [1, 3]) == shared


@given(layouts())
def test_components_are_connected_and_together_cost_the_whole(layout):
    parts = layout.components()
    assert sorted(task for tasks, _ in parts for task in tasks) == list(range(layout.n_tasks))
    assert [sum(counts) for counts in zip(*(part.group_counts for _, part in parts), strict=True)] == list(
        layout.group_counts
    )
    for tasks, part in parts:
        assert len(part.partitions[0]) == 1
        np.testing.assert_array_equal(part.branch_points(), layout.branch_points()[np.ix_(tasks, tasks)])


@given(layouts(), st.data())
def test_restricting_keeps_branch_points(layout, data):
    tasks = data.draw(st.permutations(range(layout.n_tasks)))[: data.draw(st.integers(1, layout.n_tasks))]
    np.testing.assert_array_equal(
        layout.restricted(tasks).branch_points(), layout.branch_points()[np.ix_(tasks, tasks)]
    )


@given(layouts())
def test_the_tree_is_a_forest_with_one_node_per_copy(layout):
    graph = layout.tree()
    copies = [
        node
        for node in graph
        if isinstance(node, tuple) and node in {(b, g) for b, p in enumerate(layout.partitions) for g in p}
    ]
    assert len(copies) == layout.n_groups
    assert nx.is_directed_acyclic_graph(graph)
    assert max(dict(graph.in_degree()).values(), default=0) <= 1
    assert nx.is_forest(graph.to_undirected())


@given(st.integers(1, 8), st.integers(1, 8))
def test_the_two_extremes(n_tasks, n_blocks):
    shared, split = Layout.all_shared(n_tasks, n_blocks), Layout.all_split(n_tasks, n_blocks)
    assert shared.group_counts == (1,) * n_blocks
    assert split.group_counts == (n_tasks,) * n_blocks
    assert (shared.branch_points() == n_blocks).all()
    assert (split.branch_points() == n_blocks * np.eye(n_tasks)).all()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("0;1 | 0,1", r"Tasks \(0, 1\) are re-joined at block 1, but block 0 has them in \(0\) and \(1\). A tree can"),
        ("0,1 | 0", "Block 1 has 1 tasks, but block 0 has 2"),
        ("0,0", "Task 0 is in two groups of block 0"),
        ("0,2", r"Block 0 has tasks \[0, 2\]"),
        ("", "names the task ''"),
        ("0,x", "names the task 'x', which does not exist. Tasks are numbered from 0"),
        ("0,-1", "names the task '-1'"),
        ("0,²", "names the task"),
        ("0,99999999999999999999", "names the task"),
        ("[[[0,1]]", "not valid JSON"),
        ("[" * 5000, "not valid JSON"),
        ("[]", "is no layout"),
        ("[[[]]]", "empty group"),
        ("[[0,1]]", "Each block should be a list of groups"),
        ("[[[true,0]]]", "names the task True"),
        ("[[[0.5]]]", "names the task 0.5"),
        (None, "None is no layout"),
        (7, "7 is no layout"),
    ],
)
def test_what_is_no_layout_gets_a_sentence(value, sentence):
    with pytest.raises(LayoutError, match=sentence) as caught:
        Layout.parse(value)
    assert "\n" not in str(caught.value)


@given(st.text("0123456789,;| []ab", max_size=30))
def test_any_text_is_a_layout_or_a_sentence(text):
    try:
        layout = Layout.parse(text, ["a", "b"])
    except LayoutError as fault:
        assert str(fault)  # noqa: PT017
    else:
        assert layout.n_tasks == 2


def test_a_layout_must_fit_the_tasks():
    with pytest.raises(LayoutError, match="The layout has 2 tasks, but there are 3: a, b, c"):
        Layout.parse("0,1", ["a", "b", "c"])


@pytest.mark.parametrize("block", [-1, 2])
def test_blocks_outside_are_refused(block):
    with pytest.raises(LayoutError, match="whose blocks are 0 to 1"):
        Layout.all_shared(2, 2).cut(block, [0])
    with pytest.raises(LayoutError, match="whose blocks are 0 to 1"):
        Layout.all_split(2, 2).merge(block, [0], [1])


def test_only_canonical_partitions_are_born():
    with pytest.raises(LayoutError, match="canonical order"):
        Layout((((1,), (0,)),))
    with pytest.raises(LayoutError, match="at least one block"):
        Layout(())
