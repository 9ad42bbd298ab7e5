"""Networks that symbols can't trace are recorded: blocks do what they do, in evaluation and in training."""

import copy
import math
import random
import threading

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import BackboneError
from core.networks.outputs import tensors_of
from core.networks.tracing import TracedBackbone, detect


class Chain(nn.Module):
    """Three convolutions and what a test puts around them."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = (nn.Conv2d(3, 3, 3, padding=1) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        return self.three(self.two(self.one(x)))


def rejoined(model: nn.Module, x: Tensor | dict | tuple | None = None, **options: str) -> TracedBackbone:
    """Detect the blocks and compare them with the network in both modes: outputs, gradients, statistics."""
    x = torch.randn(2, 3, 8, 8) if x is None else x
    with torch.random.fork_rng():
        found = detect(model, x, **options)
    own = copy.deepcopy(model)
    call = x if isinstance(x, tuple) else (x,)
    with torch.no_grad():
        model.eval()
        expected = tensors_of(model(**x) if isinstance(x, dict) else model(*call))
        for part in (*found.blocks, found.head):
            part.eval()
        actual = tensors_of(found.forward(x))
        common = [name for name in actual if name in expected] or [""]
        assert all(
            torch.equal(expected[n] if n in expected else next(iter(expected.values())), actual[n]) for n in common
        )
    model.load_state_dict(own.state_dict())
    results = []
    for run in (lambda: model(**x) if isinstance(x, dict) else model(*call), lambda: found.forward(x)):
        model.load_state_dict(own.state_dict())
        model.train()
        for part in (*found.blocks, found.head):
            part.train()
        with torch.random.fork_rng():
            torch.manual_seed(3)
            tensors = tensors_of(run())
        value = next(tensors[name] for name in (*common, *tensors) if name in tensors)
        gradients = torch.autograd.grad(value.square().sum(), list(model.parameters()), allow_unused=True)
        results.append((value, gradients, [b.clone() for b in model.buffers()]))
    (a, a_grads, a_buffers), (b, b_grads, b_buffers) = results
    assert torch.equal(a, b)
    assert all(
        (g is None) == (h is None) and (g is None or torch.allclose(g, h))
        for g, h in zip(a_grads, b_grads, strict=True)
    )
    assert all(torch.equal(g, h) for g, h in zip(a_buffers, b_buffers, strict=True))
    model.load_state_dict(own.state_dict())
    if not found.left_out:
        total = sum(p.numel() for p in model.parameters())
        assert found.backbone.params + found.backbone.head_params == total
    return found


class Resizing(nn.Module):
    """A vision transformer whose position table is resized unless the picture has the usual size."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = nn.Conv2d(3, 8, 4, stride=4)
        self.places = nn.Parameter(torch.randn(1, 4, 8))
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True) for _ in range(3))
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.cut(x).flatten(2).transpose(1, 2)
        if tokens.shape[1] == self.places.shape[1]:
            table = self.places
        else:
            grid = self.places.reshape(1, 2, 2, -1).permute(0, 3, 1, 2)
            side = int(math.sqrt(tokens.shape[1]))
            table = functional.interpolate(grid, size=(side, side), mode="bicubic").flatten(2).transpose(1, 2)
        tokens = tokens + table
        for layer in self.layers:
            tokens = layer(tokens)
        return self.head(tokens.mean(1))


@pytest.mark.parametrize("side", [8, 16])
def test_a_position_table_may_be_resized(side: int) -> None:
    model = Resizing()
    for layer in model.layers:
        layer.dropout.p = layer.dropout1.p = layer.dropout2.p = 0.3
    names = [block.name for block in rejoined(model, torch.randn(2, 3, side, side)).backbone.blocks]
    assert names == ["cut", "layers.0", "layers.1", "layers.2"]


def test_sizes_are_numbers() -> None:
    class Asking(Chain):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1, 3, 1, 1))

        def forward(self, x: Tensor, **options: object) -> Tensor:
            n, _, h, w = x.shape
            if self.scale.shape[1] > 2 and not options:
                x = self.one(x) * self.scale
            x = functional.interpolate(x, size=(int(h * 0.5), round(w / 2)))
            x = self.two(x) * float(1 / math.sqrt(x.shape[1]))
            x = x + torch.linspace(-1, 1, x.shape[-2]).view(1, 1, -1, 1)
            return self.three(x).reshape(n, -1)

    found = rejoined(Asking(), head="none")
    assert [block.name for block in found.backbone.blocks] == ["one", "two", "three"]
    with torch.no_grad():
        for batch in (1, 5):
            assert found.forward(torch.zeros(batch, 3, 8, 8)).shape == (batch, 48)


def test_windows_multiply_the_batch_across_a_cut() -> None:
    class Windows(Chain):
        def forward(self, x: Tensor) -> Tensor:
            n = int(x.shape[0])
            x = self.one(x).reshape(n * 4, 3, 4, 4)
            x = self.two(x)
            return self.three(x.reshape(len(x) // 4, 4, 3, 4, 4).mean(1))

    found = rejoined(Windows())
    assert found.backbone.n_blocks == 3
    with torch.no_grad():
        assert found.forward(torch.zeros(1, 3, 8, 8)).shape == (1, 3, 4, 4)


@pytest.mark.parametrize("form", ["own", "view", "item", "part"])
def test_steps_in_place_are_followed_through_views(form: str) -> None:
    class Writing(Chain):
        def forward(self, x: Tensor) -> Tensor:
            y = self.one(x).clone()
            if x.shape[1] == 3:
                if form == "own":
                    y.mul_(2.0)
                elif form == "view":
                    y[:, 0].add_(1.0)
                elif form == "item":
                    y[:, 1] = x[:, 0]
                else:
                    seen = y[:, 2]
                    y.mul_(3.0)
                    y = y + seen[:, None]
            return self.three(self.two(y))

    rejoined(Writing())


def test_a_branch_for_training_stays_inside_its_module() -> None:
    class Noisy(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = self.one(x)
            return x + 0.1 * torch.randn_like(x) if self.training else self.two(x)

    found = rejoined(nn.Sequential(nn.Conv2d(3, 3, 1), Noisy(), nn.Conv2d(3, 3, 1)))
    assert [block.name for block in found.backbone.blocks] == ["0", "1", "2"]


def test_functional_dropout_and_paths_follow_the_mode() -> None:
    class Dropping(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = functional.dropout(self.one(x), 0.2 if x.shape[1] == 3 else 0.1, training=self.training)
            y = self.two(x)
            keep = y.new_empty((y.shape[0], 1, 1, 1)).bernoulli_(0.5 if self.training else 1.0)
            return self.three(x + y * keep)

    assert rejoined(Dropping()).backbone.n_blocks == 3


def test_auxiliary_branches_of_training_are_no_obstacle() -> None:
    class Helped(Chain):
        def __init__(self) -> None:
            super().__init__()
            self.help, self.drop = (
                nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2), nn.Dropout(0.5)),
                nn.Dropout(0.5),
            )

        def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
            x = self.one(x)
            helped = self.help(x) if self.training else None
            x = self.drop(self.three(self.two(x)))
            return x if helped is None else (x, helped)

    found = detect(Helped(), torch.zeros(2, 3, 8, 8))
    assert [block.name for block in found.backbone.blocks] == ["one", "two", "three"]
    assert found.left_out == ("help, 12 unused parameters",)


class Cubed(torch.autograd.Function):
    @staticmethod
    def forward(context: object, x: Tensor) -> Tensor:
        context.save_for_backward(x)  # type: ignore[attr-defined]
        return x**3

    @staticmethod
    def backward(context: object, gradient: Tensor) -> Tensor:
        return 3 * context.saved_tensors[0] ** 2 * gradient  # type: ignore[attr-defined]


class Odd(Chain):
    """Holds one step that no graph shows."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step
        self.register_buffer("steps", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        if self.step == "function":
            x = Cubed.apply(x)
        elif self.step == "numbers" and x.mean() > 0:
            x = -x
        elif self.step == "python" and random.random() < 0.5 and self.training:
            x = 2 * x
        elif self.step == "buffer":
            self.steps.add_(1)
        elif self.step == "no gradient":
            with torch.no_grad():
                x = x / x.abs().max()
        elif self.step == "numpy":
            x = x * torch.from_numpy(np.sign(x.detach().numpy()))
        return self.two(x)


@pytest.mark.parametrize("step", ["function", "numbers", "buffer", "no gradient", "numpy"])
def test_what_a_graph_cannot_hold_keeps_its_module_whole(step: str) -> None:
    found = rejoined(nn.Sequential(nn.Conv2d(3, 3, 1), Odd(step), nn.Conv2d(3, 3, 1)))
    names = [block.name for block in found.backbone.blocks]
    assert (names[0], names[-1], len(names)) == ("0", "2", 4 if step == "function" else 3)
    if step == "function":
        return
    with pytest.raises(BackboneError, match=r"^Odd .* can't hold\. Move"):
        detect(Odd(step), torch.zeros(2, 3, 8, 8))


def test_constants_of_numpy_are_kept() -> None:
    class Constant(Chain):
        def forward(self, x: Tensor) -> Tensor:
            ramp = torch.from_numpy(np.linspace(0, 1, int(x.shape[-1]), dtype=np.float32))
            return self.three(self.two(self.one(x) + ramp))

    assert rejoined(Constant()).backbone.n_blocks == 3


def test_a_learned_query_has_its_own_work_counted_once() -> None:
    class Pooling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.query = nn.Parameter(torch.randn(1, 1, 3))
            self.q, self.kv = nn.Linear(3, 3), nn.Linear(3, 6)

        def forward(self, tokens: Tensor) -> Tensor:
            query = self.q(self.query.expand(tokens.shape[0], -1, -1))
            key, value = self.kv(tokens).chunk(2, -1)
            return functional.scaled_dot_product_attention(query, key, value)[:, 0]

    model = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Flatten(2), Transposed(), Pooling(), nn.Linear(3, 2))
    found = rejoined(model)
    # Convolution, keys and values, query, scores and their sum, classifier.
    work = 64 * 9 + 64 * 18 + 9 + 2 * 64 * 3 + 6
    assert found.backbone.macs + found.backbone.head_macs == work


class Transposed(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2)


def test_an_encoder_opens_into_its_layers_and_counts_them() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    found = rejoined(nn.Sequential(nn.Linear(5, 8), nn.TransformerEncoder(layer, 3)), torch.randn(2, 7, 5))
    assert [block.name for block in found.backbone.blocks] == ["0", *(f"1.layers.{i}" for i in range(3))]
    assert {block.macs for block in found.backbone.blocks[1:]} == {7 * (4 * 64 + 2 * 8 * 16) + 2 * 7 * 7 * 8}


def test_lazy_networks_are_run_once() -> None:
    state = torch.random.get_rng_state()
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.LazyConv2d(5, 3), nn.Flatten(), nn.LazyLinear(2))
    found = detect(model, torch.zeros(1, 3, 8, 8))
    assert [block.params for block in found.backbone.blocks] == [112, 185]
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    "wrap",
    [
        nn.DataParallel,
        torch.optim.swa_utils.AveragedModel,
        torch.compile,
        lambda m: torch.compile(nn.DataParallel(m)),
        lambda m: list(m),
    ],
)
def test_wrappers_are_removed_and_lists_are_chains(wrap) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 5, 1), nn.Conv2d(5, 6, 1))
    found = detect(wrap(model), torch.zeros(1, 3, 8, 8))
    assert [block.name for block in found.backbone.blocks] == ["0", "1", "2"]


def test_compiled_parts_inside_run_as_written() -> None:
    model = nn.Sequential(nn.Conv2d(3, 3, 1), torch.compile(Chain()), nn.Conv2d(3, 3, 1))
    model[0].compile()
    compiled = model[1]
    found = detect(model, torch.zeros(1, 3, 8, 8))
    assert found.backbone.n_blocks == 5
    assert model[1] is compiled
    assert model[0]._compiled_call_impl is not None


class Encoder(nn.Module):
    """Gives every kind of collection of outputs."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form
        self.stages = nn.ModuleList(nn.Conv2d(3, 3, 3, stride=2, padding=1) for _ in range(3))
        self.a, self.b = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 1, 1)

    def forward(self, x: Tensor) -> object:
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        if self.form == "maps":
            return maps
        if self.form == "parted":
            return {"a": self.a(x), "b": self.b(x)}
        if self.form == "features too":
            return {"out": x, "heads": [self.a(x), self.b(x)]}
        return {"out": self.a(x), "aux": self.b(maps[0])}


@pytest.mark.parametrize(
    ("form", "outputs", "left_out"),
    [
        ("maps", [""], {'output "0"', 'output "1"', "a, 8 unused parameters", "b, 4 unused parameters"}),
        ("parted", ["a", "b"], set()),
        ("features too", ["out", "heads.0", "heads.1"], set()),
        ("auxiliary", [""], {'output "aux"', "b, 4 unused parameters"}),
    ],
)
def test_the_trunk_ends_where_outputs_part(form: str, outputs: list[str], left_out: set[str]) -> None:
    model = Encoder(form).eval()
    x = torch.randn(2, 3, 16, 16)
    found = detect(model, x)
    assert [block.name for block in found.backbone.blocks][:3] == ["stages.0", "stages.1", "stages.2"]
    assert set(found.left_out) == left_out
    with torch.no_grad():
        actual, expected = tensors_of(found.forward(x)), tensors_of(model(x))
    assert list(actual) == outputs
    kept = {"maps": "2", "auxiliary": "out"}.get(form)
    assert all(torch.equal(tensor, expected[kept or name]) for name, tensor in actual.items())
    if not left_out:
        assert found.backbone.params + found.backbone.head_params == sum(p.numel() for p in model.parameters())


def test_outputs_that_part_at_the_input_share_nothing() -> None:
    class Two(Chain):
        def forward(self, x: Tensor) -> list[Tensor]:
            return [self.one(x), self.two(x)]

    with pytest.raises(BackboneError, match="part right at its input"):
        detect(Two(), torch.zeros(2, 3, 8, 8))


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table, self.kind = nn.Embedding(11, 6), nn.Embedding(2, 6)
        self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(3))

    def forward(self, tokens: Tensor, kind: Tensor | None = None) -> Tensor:
        x = self.table(tokens)
        x = x if kind is None else x + self.kind(kind)
        for layer in self.layers:
            x = layer(x).relu()
        return x


def test_tokens_and_dictionaries_are_inputs() -> None:
    tokens = torch.randint(0, 11, (3, 5))
    assert rejoined(Words(), tokens).backbone.n_blocks == 4
    both = {"tokens": tokens, "kind": torch.randint(0, 2, (3, 5))}
    found = rejoined(Words(), both)
    assert found.backbone.n_blocks == 4
    assert [p.shape for p in found.blocks[0].parameters()] == [(11, 6), (2, 6)]
    assert rejoined(Words(), tuple(both.values())).backbone == found.backbone


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning", "ignore:.*torch.jit:DeprecationWarning")
def test_weights_that_cannot_be_counted_are_named() -> None:
    x = torch.zeros(2, 3, 8, 8)
    scripted = torch.jit.script(nn.Conv2d(3, 3, 1))
    found = rejoined(nn.Sequential(nn.Conv2d(3, 3, 1), scripted, nn.Conv2d(3, 3, 1)))
    assert [block.params for block in found.backbone.blocks] == [12, 12, 12]
    for whole in (scripted, torch.jit.trace(Chain(), x)):
        with pytest.raises(BackboneError, match="TorchScript"):
            detect(whole, x)
    with pytest.raises(BackboneError, match="frozen"):
        detect(nn.Sequential(nn.Conv2d(3, 3, 1), torch.jit.freeze(scripted.eval())), x)
    listed = Chain()
    listed.more = [nn.Conv2d(3, 3, 1)]
    with pytest.raises(BackboneError, match='"more"'):
        detect(listed, x)


class Failing(Chain):
    def forward(self, x: Tensor) -> Tensor:
        self.cache = x
        if x.shape[0] == 3:
            random.random()
            raise ValueError("three is refused")
        return super().forward(x)


@pytest.mark.parametrize("model", [Failing(), Odd("numbers")])
def test_the_network_and_the_process_stay_as_they_were(model: nn.Module) -> None:
    model.train()
    model.one.weight.requires_grad_(False)
    before = [(name, dict(vars(module))) for name, module in model.named_modules()]
    weights = copy.deepcopy(model.state_dict())
    grads = [p.requires_grad for p in model.parameters()]
    states = torch.random.get_rng_state(), random.getstate()
    numpy = np.random.mtrand._rand.get_state(legacy=False)["state"]["key"].tolist()
    call, grad_mode = nn.Module.__call__, torch.is_grad_enabled()
    with pytest.raises(BackboneError):
        detect(model, torch.zeros(2, 3, 8, 8))
    assert torch.equal(torch.random.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert np.random.mtrand._rand.get_state(legacy=False)["state"]["key"].tolist() == numpy
    assert (nn.Module.__call__, torch.is_grad_enabled()) == (call, grad_mode)
    for name, attributes in before:
        now = vars(model.get_submodule(name))
        assert now.keys() == attributes.keys()
        assert all(now[key] is value for key, value in attributes.items())
        assert not now["_forward_hooks"]
        assert not now["_forward_pre_hooks"]
    assert [p.requires_grad for p in model.parameters()] == grads
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())


def test_networks_of_other_threads_run_on() -> None:
    other, x = Chain().eval(), torch.randn(2, 3, 8, 8)
    expected, wrong, done = other(x), [], threading.Event()

    def run() -> None:
        while not done.is_set():
            if not torch.equal(other(x), expected):
                wrong.append("another number")

    threads = [threading.Thread(target=run), *(threading.Thread(target=detect, args=(Chain(), x)) for _ in range(2))]
    for thread in threads:
        thread.start()
    for _ in range(3):
        assert detect(Resizing(), torch.zeros(2, 3, 8, 8)).backbone.n_blocks == 4
    for thread in threads[1:]:
        thread.join()
    done.set()
    threads[0].join()
    assert not wrong


def test_a_network_without_numbers_has_its_totals() -> None:
    with torch.device("meta"):
        model = Resizing()
    found = detect(model, torch.zeros(2, 3, 16, 16, device="meta"))
    real = detect(Resizing(), torch.zeros(2, 3, 16, 16)).backbone
    assert [(b.name, b.params, b.macs) for b in found.backbone.blocks] == [
        (b.name, b.params, b.macs) for b in real.blocks
    ]
