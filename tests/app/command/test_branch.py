import numpy as np
import pytest

from core.affinity.tournament import affinity
from core.layouts import Layout
from core.selection.branched import BranchedCase


@pytest.fixture
def losses(tmp_path):
    found = np.random.default_rng(0).random((3, 4, 4, 30))
    np.savez(tmp_path / "losses.npz", losses=found)
    return tmp_path / "losses.npz", found


@pytest.fixture
def tensor(tmp_path, losses):
    np.save(tmp_path / "a.npy", affinity(losses[1]))
    return tmp_path / "a.npy"


def test_affinities_of_losses(answer, call, losses):
    path, found = losses
    for kind in ("ahp", "raw"):
        np.testing.assert_allclose(answer("affinity", path, "--eigenvector", kind)["affinity"], affinity(found, kind))
    assert "depth 2" in call("affinity", path).stdout


def test_the_cheapest_tree_and_the_beam_beside_it(answer, call, tensor):
    found = answer("branch", tensor, "--alpha", "0.02", "--downsamplings-after", "2,1,0")
    assert found["exact"]
    assert found["cost"] == pytest.approx(found["clustering"] + 0.02 * found["complexity"])
    assert found["beam"]["cost"] >= found["cost"] - 1e-12
    assert Layout.parse(found["layout"]).n_blocks == 3
    lines = call("branch", tensor, "--alpha", "0.02", "--downsamplings-after", "2,1,0").stdout
    assert Layout.parse(found["layout"]).to_text() in lines


def test_distances_are_taken_as_they_are(answer, tmp_path):
    far = np.array([[[0, 0.1, 0.9], [0.1, 0, 0.8], [0.9, 0.8, 0]]])
    np.save(tmp_path / "d.npy", far)
    found = answer("branch", tmp_path / "d.npy", "--alpha", "0.2", "--downsamplings-after", "0", "--kind", "distance")
    assert found["layout"] == [[[0, 1], [2]]]
    assert found["cost"] == pytest.approx(BranchedCase(far, (0,)).tree(Layout.parse("0,1;2"), 0.2).cost)


@pytest.mark.parametrize("name", ["d.csv", "d.npz", "plural.npz"])
def test_a_file_that_says_distance_is_read_as_such(answer, refusal, tmp_path, name):
    (tmp_path / "d.csv").write_text("depth,task_a,task_b,distance\n0,a,b,0.2\n0,a,c,0.7\n0,b,c,0.8\n")
    far = np.array([[[0, 0.2, 0.7], [0.2, 0, 0.8], [0.7, 0.8, 0]]])
    np.savez(tmp_path / "d.npz", distance=far)
    np.savez(tmp_path / "plural.npz", distances=far)
    asked = (tmp_path / name, "--alpha", "0.15", "--downsamplings-after", "1")
    assert answer("branch", *asked)["layout"] == [[[0, 1], [2]]]
    assert "calls its numbers distance" in refusal("branch", *asked, "--kind", "affinity")


def test_affinities_are_no_distances(refusal, tensor):
    asked = ("--alpha", "0.1", "--downsamplings-after", "2,1,0", "--kind", "distance")
    assert "from task 0 to itself" in refusal("branch", tensor, *asked)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--alpha", "0.1", "--downsamplings-after", "1,0"), "3 depths, but 2 numbers"),
        (("--alpha", "0.1", "--downsamplings-after", "a,b,c"), "downsampling steps"),
        (("--alpha", "0.1", "--downsamplings-after", "0,1,2"), "after depth 0 and 1 after depth 1"),
        (("--alpha", "-1", "--downsamplings-after", "2,1,0"), "α is -1"),
        (("--alpha", "x", "--downsamplings-after", "2,1,0"), "'--alpha': 'x' is no number"),
        (("--alpha", "1"), "--downsamplings-after"),
    ],
)
def test_bad_options_are_one_sentence(refusal, tensor, options, part):
    assert part in refusal("branch", tensor, *options)


def test_files_that_are_none_are_one_sentence(refusal, tmp_path):
    (tmp_path / "x.npy").write_bytes(b"x")
    assert "no NPY" in refusal("branch", tmp_path / "x.npy", "--alpha", "1", "--downsamplings-after", "0")
    assert "no NPY" in refusal("affinity", tmp_path / "x.npy", "--json")


@pytest.mark.parametrize("n", [1, 41])
def test_too_few_or_too_many_tasks_are_one_sentence(refusal, tmp_path, n):
    np.save(tmp_path / "n.npy", np.ones((1, n, n)))
    assert f"{n} task" in refusal("branch", tmp_path / "n.npy", "--alpha", "1", "--downsamplings-after", "0")
    np.savez(tmp_path / "n.npz", losses=np.ones((1, n, n, 2)))
    assert "tasks" in refusal("affinity", tmp_path / "n.npz", "--json").replace("One task", "tasks")


def test_a_missing_loss_is_named(refusal, tmp_path, losses):
    _, found = losses
    found[1, 2, 0] = np.nan
    np.savez(tmp_path / "source.npz", losses=found)
    assert "At depth 1 target 2 has no loss on source 0." in refusal("affinity", tmp_path / "source.npz", "--json")
    found[1, 2, 0, 1:] = 0.5
    np.savez(tmp_path / "sample.npz", losses=found)
    assert "target 2 has no loss on source 0 for sample 0." in refusal("affinity", tmp_path / "sample.npz", "--json")


def test_files_of_several_seeds_give_intervals_over_seeds_and_one_says_that_it_is_one(answer, call, refusal, tmp_path):
    rng = np.random.default_rng(0)
    for seed in range(3):
        np.savez(tmp_path / f"{seed}.npz", losses=rng.random((2, 3, 3, 40)) + 0.2 * rng.random((2, 3, 3, 1)))
    paths = [tmp_path / f"{seed}.npz" for seed in range(3)]
    one, all_ = answer("affinity", paths[0]), answer("affinity", *paths)
    assert (one["interval_of"], all_["interval_of"]) == ("samples of one seed", "samples and seeds")
    for found in (one, all_):
        low, shown, high = (np.array(found[name]) for name in ("low", "affinity", "high"))
        assert ((low <= shown) & (shown <= high)).mean() > 0.8
    assert "90 % intervals over samples of one seed" in call("affinity", paths[0]).stdout
    np.savez(tmp_path / "other.npz", losses=rng.random((2, 3, 3, 41)))
    assert "[2, 3, 3, 40] and [2, 3, 3, 41]" in refusal("affinity", paths[0], tmp_path / "other.npz", "--json")
    assert "hold the same losses" in refusal("affinity", paths[0], paths[1], paths[0], "--json")


def test_names_of_tasks_come_with_the_numbers(answer, call, refusal, tmp_path, losses):
    _, found = losses
    names = ["ä", "b", "c", "d"]
    np.savez(tmp_path / "l.npz", losses=found, tasks=names)
    np.savez(tmp_path / "a.npz", affinity=affinity(found), tasks=names)
    asked = ("branch", tmp_path / "a.npz", "--alpha", "1000", "--downsamplings-after", "2,1,0")
    assert answer("affinity", tmp_path / "l.npz")["tasks"] == answer(*asked)["tasks"] == names
    assert "ä,b,c,d | ä,b,c,d" in call(*asked).stdout
    np.savez(tmp_path / "other.npz", losses=found + 1, tasks=names[::-1])
    assert "l.npz and other.npz name their tasks differently" in refusal(
        "affinity", tmp_path / "l.npz", tmp_path / "other.npz"
    )
    np.savez(tmp_path / "few.npz", losses=found, tasks=names[:3])
    assert "names 3 tasks" in refusal("affinity", tmp_path / "few.npz")


def test_axes_in_another_order_are_not_called_tasks(refusal, tmp_path):
    np.save(tmp_path / "x.npy", np.ones((3, 3, 60)))
    assert "Depth comes first" in refusal("branch", tmp_path / "x.npy", "--alpha", "1", "--downsamplings-after", "0")
    np.savez(tmp_path / "x.npz", losses=np.ones((3, 3, 60)))
    assert "Found [3, 3, 60]" in refusal("affinity", tmp_path / "x.npz")
