import pytest
import torch

from core.errors import BackboneError
from core.networks.small import Residual, small_residual


@pytest.mark.parametrize("width", [2, 8])
def test_five_blocks_from_32_to_4(width):
    x = torch.randn(2, 3, 32, 32)
    shapes = [tuple((x := block(x)).shape[1:]) for block in small_residual(width)]
    w = width
    assert shapes == [(w, 16, 16), (w, 16, 16), (2 * w, 8, 8), (4 * w, 4, 4), (4 * w, 4, 4)]


@pytest.mark.parametrize("blocks", [1, 4])
def test_with_fewer_blocks_it_is_the_same_network(blocks):
    torch.manual_seed(3)
    whole = torch.nn.Sequential(*small_residual(4)).eval()
    torch.manual_seed(3)
    found = small_residual(4, blocks=blocks)
    x = torch.randn(2, 3, 28, 28)
    assert len(found) == blocks
    assert torch.equal(torch.nn.Sequential(*found).eval()(x), whole(x))


@pytest.mark.parametrize("blocks", [0, 6])
def test_it_has_at_most_five_blocks(blocks):
    with pytest.raises(BackboneError, match=f"1 to 5 blocks, not {blocks}"):
        small_residual(4, blocks=blocks)


@pytest.mark.parametrize("size", [16, 17, 31, 40])
def test_odd_sizes_run(size):
    x = torch.randn(2, 3, size, size)
    for block in small_residual(4):
        x = block(x)
    assert x.shape[:2] == (2, 16)


def test_without_its_convolutions_a_block_is_its_shortcut():
    block = Residual(3, 5, 2).eval()
    torch.nn.init.zeros_(block.norm2.weight)
    x = torch.rand(1, 3, 4, 4)
    with torch.no_grad():
        out = block(x)
    expected = x.unfold(2, 2, 2).unfold(3, 2, 2).mean(dim=(4, 5))
    torch.testing.assert_close(out[:, :3], expected)
    assert not out[:, 3:].any()


@pytest.mark.parametrize(("width", "channels"), [(0, 3), (8, 0)])
def test_nothing_below_one(width, channels):
    with pytest.raises(BackboneError, match="at least one"):
        small_residual(width, in_channels=channels)
