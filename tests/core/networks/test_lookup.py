"""Networks that are named, and code that does not do what it should when it is called."""

import pytest
import torch
from torch import nn

from core.errors import BackboneError
from core.networks.named import made_network
from core.networks.tracing import detect


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys\nsys.exit(3)", "fails while it is imported: it ends the process"),
        ("def net():\n    raise SystemExit('bye')", "can't make a network: it ends the process"),
    ],
)
def test_code_that_ends_the_process_is_a_sentence(text, words, tmp_path, monkeypatch):
    name = f"ends_{abs(hash(text))}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [str(tmp_path), *__import__("sys").path])
    with pytest.raises(BackboneError, match=words):
        made_network(f"{name}:net", {})


class Keeps(nn.Module):
    """Adds what it saw first to all that follows."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, 2)
        self.first: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        if self.first is None:
            self.first = x.detach().mean()
        return self.head((x + self.first).mean((2, 3)))


def test_a_network_that_keeps_a_tensor_between_calls_leaves_no_symbol_behind():
    model = Keeps()
    # Blocks would add what each input holds, not what the first one held.
    with pytest.raises(BackboneError, match="does something else when it runs again at"):
        detect(model, torch.zeros(2, 3, 8, 8))
    assert model.first is None
