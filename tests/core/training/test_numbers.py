"""Numbers and ordered classes: losses, metrics, constant answers, heads."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import cohen_kappa_score, mean_absolute_error, mean_squared_error, r2_score

from core.networks.heads import head_of
from core.tasks import Kind, Task
from core.training.constant import constant_metrics
from core.training.distillation_loss import distillation_loss
from core.training.evaluation import Evaluation
from core.training.losses import loss_of, ordinal
from core.training.metrics import measure

AGE = replace(Task.usual("age", Kind.REGRESSION, 1), mean=(40.0,), std=(20.0,))
RANK = Task.usual("rank", Kind.ORDINAL, 5)


def numbers(n=50, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(40, 20, (n, 1)).astype(np.float32)
    return torch.from_numpy(truth + rng.normal(0, 8, (n, 1)).astype(np.float32)), torch.from_numpy(truth)


def test_metrics_of_numbers_are_those_of_scikit_learn_over_what_is_labelled():
    output, truth = numbers()
    known = truth.clone()
    known[::7] = float("nan")
    kept = ~torch.isnan(known)
    found = measure(AGE, output, known)
    assert found == pytest.approx(
        {
            "MAE": mean_absolute_error(truth[kept], output[kept]),
            "RMSE": mean_squared_error(truth[kept], output[kept]) ** 0.5,
            "R²": r2_score(truth[kept], output[kept]),
        }
    )


def test_several_numbers_of_a_task_are_compared_each_by_itself():
    one, other = numbers(seed=1), numbers(seed=2)
    scale = torch.tensor([1.0, 1000.0])
    both = [torch.cat(pair, dim=1) * scale for pair in zip(one, other, strict=True)]
    alone = [measure(AGE, *one)["R²"], measure(AGE, *other)["R²"]]
    assert measure(Task.usual("x", Kind.REGRESSION, 2), *both)["R²"] == pytest.approx(np.mean(alone))


def test_equal_numbers_have_no_r_squared_to_explain():
    same = torch.full((4, 1), 3.0)
    assert measure(AGE, same + 1, same)["R²"] == 0


@pytest.mark.parametrize("missing", [False, True])
def test_no_loss_of_numbers_depends_on_their_unit(missing):
    output, truth = numbers()
    if missing:
        truth[3:9] = float("nan")
    days = replace(AGE, mean=(40 * 365.0,), std=(20 * 365.0,))
    for task, factor in ((AGE, 1), (days, 365)):
        loss = loss_of(task, complete=not missing)(output * factor, truth * factor)
        by_hand = torch.nn.functional.smooth_l1_loss(output / 20, truth / 20, reduction="none")
        assert loss.item() == pytest.approx(by_hand.nanmean().item(), rel=1e-5)
        taught = distillation_loss(task, output * factor, truth.nan_to_num() * factor, 2.0)
        assert taught.item() == pytest.approx(((output - truth.nan_to_num()) / 20).square().mean().item(), rel=1e-5)


def test_a_head_of_numbers_answers_in_their_unit_and_learns_as_if_they_had_none():
    torch.manual_seed(0)
    head = head_of(AGE, (4, 2, 2), (8, 8))
    torch.manual_seed(0)
    plain = head_of(Task.usual("age", Kind.CLASSIFICATION, 1), (4, 2, 2), (8, 8))
    x = torch.randn(6, 4, 2, 2)
    torch.testing.assert_close(head(x), plain(x) * 20 + 40)
    assert [name for name, _ in head.named_parameters()] == [name for name, _ in plain.named_parameters()]
    # Whoever loads the weights without knowing the task has its unit.
    again = head_of(Task.usual("age", Kind.REGRESSION, 1), (4, 2, 2), (8, 8))
    again.load_state_dict(head.state_dict())
    assert torch.equal(again(x), head(x))


def test_the_constant_answer_to_numbers_is_the_median_in_their_unit():
    truth = torch.tensor([[1.0], [2.0], [30.0], [float("nan")]])
    assert constant_metrics(AGE, truth)["MAE"] == pytest.approx(29 / 3)


def test_metrics_of_ordered_classes_are_those_of_scikit_learn():
    generator = torch.Generator().manual_seed(0)
    output, truth = torch.randn(60, 5, generator=generator), torch.randint(0, 5, (60,), generator=generator)
    answer = output.argmax(dim=1)
    assert measure(RANK, output, truth) == pytest.approx(
        {
            "rank error": mean_absolute_error(truth, answer),
            "accuracy": float((answer == truth).double().mean()),
            "quadratic kappa": cohen_kappa_score(truth, answer, weights="quadratic"),
        }
    )
    assert measure(RANK, torch.eye(5)[[2, 2]], torch.tensor([2, 2]))["quadratic kappa"] == 0


def test_an_ordinal_answer_far_off_costs_more_than_one_beside_the_truth():
    scores = 4 * torch.eye(5)
    losses = [float(ordinal(scores[answer][None], torch.tensor([0]))) for answer in range(5)]
    assert losses == sorted(losses)
    # Of two classes it is the cross-entropy.
    two = torch.randn(7, 2, generator=torch.Generator().manual_seed(1))
    truth = torch.tensor([0, 1, 1, 0, 1, 0, 0])
    torch.testing.assert_close(ordinal(two, truth), torch.nn.functional.cross_entropy(two, truth))


def test_ordered_classes_are_counted_and_their_constant_answer_is_the_middle_one():
    truth = torch.tensor([0, 0, 0, 2, 3, 4, 4, -1])
    assert constant_metrics(RANK, truth)["rank error"] == pytest.approx((6 + 0 + 1 + 2 + 2) / 7)
    found = Evaluation()
    found.add("test", RANK, torch.eye(5)[truth.clamp_min(0)], truth, tuple("abcde"))
    assert found.metrics["test"]["rank"]["rank error"] == 0
    assert np.diag(found.confusion["test"]["rank"]).tolist() == [3, 0, 1, 1, 2]
    assert found.samples["test"]["rank"].score == "loss"


def test_r_squared_and_kappa_may_be_negative_and_make_no_gain():
    assert [metric.name for metric in AGE.gain_metrics] == ["MAE", "RMSE"]
    assert [metric.name for metric in RANK.gain_metrics] == ["rank error", "accuracy"]
    for metric in (AGE.metrics[2], RANK.metrics[2]):
        assert metric.bounds[0] < -1
        assert metric.bounds[1] == 1
