import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.backbones.reading_text import READING
from core.data.picture_file import picture_size, read_picture, read_pictures
from core.data_roots import VARIABLE
from core.errors import DataError


def claiming(width, height):
    """Give a PNG whose header claims some size and that holds next to nothing."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("mode", "suffix", "colour"),
    [
        ("RGB", ".png", (200, 100, 50)),
        ("RGB", ".bmp", (200, 100, 50)),
        ("RGBA", ".png", (200, 100, 50, 255)),
        ("CMYK", ".jpg", (55, 155, 205, 0)),
        ("YCbCr", ".jpg", (124, 86, 182)),
        ("L", ".png", 100),
        ("LA", ".png", (100, 255)),
        ("1", ".png", 1),
        ("I;16", ".png", 100 * 256),
        ("I;16", ".pgm", 100 * 256),
    ],
)
def test_every_mode_becomes_rgb(tmp_path, mode, suffix, colour):
    Image.new(mode, (12, 9), colour).save(tmp_path / f"x{suffix}")
    found = read_picture(tmp_path / f"x{suffix}", 16)
    assert (found.shape, found.dtype) == ((3, 16, 16), np.uint8)
    expected = {"1": (255,) * 3, "L": (100,) * 3, "LA": (100,) * 3, "I;16": (100,) * 3}.get(mode, (200, 100, 50))
    assert np.abs(found.astype(int) - np.array(expected)[:, None, None]).max() <= 4


def test_sixteen_bits_keep_their_order_and_their_share_of_the_range(tmp_path):
    grey = (np.arange(256, dtype=np.uint32) * 257).astype(np.uint16).reshape(16, 16)
    Image.fromarray(grey).save(tmp_path / "x.png")
    found = read_picture(tmp_path / "x.png", 16)
    assert np.array_equal(found[0], np.arange(256).reshape(16, 16))
    assert np.array_equal(found[0], found[2])


def sixteen_bit_rgb(values):
    """Give a PNG of three 16-bit channels, which Pillow reads and does not write."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_sixteen_bit_colours_are_scaled_like_greys(tmp_path):
    values = np.random.default_rng(0).integers(0, 65536, (16, 16, 3))
    (tmp_path / "x.png").write_bytes(sixteen_bit_rgb(values))
    assert np.array_equal(read_picture(tmp_path / "x.png", 16), (values >> 8).transpose(2, 0, 1))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_laid_on_white(tmp_path, mode):
    content = np.zeros((16, 16, 4), dtype=np.uint8)
    content[:8, :, 3] = 255
    image = Image.fromarray(content)
    (image if mode == "RGBA" else image.convert(mode)).save(tmp_path / "x.png")
    found = read_picture(tmp_path / "x.png", 16)
    assert (found[:, :8] == 0).all()
    assert (found[:, 8:] == 255).all()


def test_a_picture_of_decimal_numbers_gets_a_sentence(tmp_path):
    (tmp_path / "x.pfm").write_bytes(b"Pf\n4 4\n-1.0\n" + np.zeros(16, dtype="<f4").tobytes())
    with pytest.raises(DataError, match="decimal numbers"):
        read_picture(tmp_path / "x.pfm", 16)


def test_other_formats_are_named(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "x.tga")
    with pytest.raises(DataError, match=r"x\.tga is no picture in PNG, JPEG"):
        read_picture(tmp_path / "x.tga", 16)


def test_a_picture_of_the_right_size_stays_as_it_is(tmp_path):
    content = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    Image.fromarray(content).save(tmp_path / "x.png")
    assert np.array_equal(read_picture(tmp_path / "x.png", 16), content.transpose(2, 0, 1))
    assert read_pictures([tmp_path / "x.png"] * 2, 16).shape == (2, 3, 16, 16)


def test_a_picture_is_stretched_and_nothing_cut_away(tmp_path):
    content = np.zeros((20, 80, 3), dtype=np.uint8)
    content[:, 40:] = 200
    Image.fromarray(content).save(tmp_path / "x.png")
    found = read_picture(tmp_path / "x.png", 20)
    assert picture_size(tmp_path / "x.png") == (80, 20)
    assert (found[:, :, :8] == 0).all()
    assert (found[:, :, 12:] == 200).all()


def test_a_turned_photograph_is_upright(tmp_path):
    content = np.zeros((32, 32, 3), dtype=np.uint8)
    content[:16] = 255
    image, exif = Image.fromarray(content), Image.Exif()
    exif[0x0112] = 3  # upside down
    image.save(tmp_path / "x.jpg", exif=exif, quality=95)
    found = read_picture(tmp_path / "x.jpg", 32)
    assert found[:, :12].mean() < 20
    assert found[:, 20:].mean() > 235


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (12_000, 10_000), (8_000, 8_000), (2**31 - 1, 1)])
def test_a_header_that_claims_too_much_is_refused_before_decoding(tmp_path, width, height):
    (tmp_path / "bomb.png").write_bytes(claiming(width, height))
    for look in (picture_size, lambda path: read_picture(path, 32)):
        with pytest.raises(DataError, match=r"header of bomb\.png claims .* pixels; at most 50,000,000"):
            look(tmp_path / "bomb.png")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no picture in PNG"),
        (b"hello", "is no picture in PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is no picture in PNG"),
        (claiming(9, 9), "is damaged"),
    ],
)
def test_what_is_no_picture_gets_a_sentence(tmp_path, content, sentence):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        read_picture(tmp_path / "x.png", 16)


def test_a_missing_file_and_a_folder_get_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"none\.png is missing"):
        read_picture(tmp_path / "none.png", 16)
    with pytest.raises(DataError, match="is no file"):
        read_picture(tmp_path, 16)


def test_a_link_out_of_the_roots_is_refused(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "out.png")
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out.png")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "in"))
    with pytest.raises(DataError, match="outside"):
        read_picture(tmp_path / "in" / "link.png", 16)


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "gif", "webp", "bmp"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0), change=st.integers(1, 255), cut=st.floats(0, 1))
def test_a_damaged_picture_is_read_or_refused(tmp_path, suffix, place, change, cut):
    path = tmp_path / f"x.{suffix}"
    Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save(path)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= change
    path.write_bytes(data[: len(data) - int(cut * len(data) * (change % 2))])
    try:
        assert read_picture(path, 16).shape == (3, 16, 16)
    except DataError as fault:
        assert "\n" not in str(fault)  # noqa: PT017


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16", "1", "CMYK", "RGBA"])
def test_tiff_is_read_like_png(tmp_path, mode):
    content = np.arange(256, dtype=np.uint16).reshape(16, 16)
    image = (
        Image.fromarray(content * 257) if mode == "I;16" else Image.fromarray(content.astype(np.uint8)).convert(mode)
    )
    image.save(tmp_path / "x.tif")
    image.convert("RGB" if mode == "CMYK" else mode).save(tmp_path / "x.png")
    assert np.array_equal(read_picture(tmp_path / "x.tif", 16), read_picture(tmp_path / "x.png", 16))


def test_of_a_tiff_of_several_pages_the_first_counts(tmp_path):
    pages = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    pages[0].save(tmp_path / "x.tif", save_all=True, append_images=pages[1:])
    assert read_picture(tmp_path / "x.tif", 16)[:, 0, 0].tolist() == [255, 0, 0]


def test_proportions_are_kept_by_padding_or_cropping(tmp_path):
    content = np.zeros((32, 64, 3), np.uint8)
    content[:, :16], content[:, 16:48], content[:, 48:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    Image.fromarray(content).save(tmp_path / "x.png")
    cropped, padded, stretched = (read_picture(tmp_path / "x.png", 16, fit) for fit in ("crop", "pad", "stretch"))
    assert (cropped == np.array([0, 255, 0])[:, None, None]).all()
    assert (padded[:, [0, 3, 12, 15]] == 0).all()
    assert padded[:, 7, [0, 15]].tolist() == stretched[:, 7, [0, 15]].tolist() == [[255, 0], [0, 0], [0, 255]]


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("shape", [(40, 70), (70, 40), (33, 33), (5, 90)])
def test_what_is_taken_home_reads_pictures_alike(tmp_path, fit, shape):
    content = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    Image.fromarray(content).save(tmp_path / "x.png")
    program: dict = {}
    exec(f"import pathlib, json\nclass torch: pass\n{READING}", program)
    steps = {"size": [16, 16], "resize": "bilinear", "reducing_gap": 3.0, "fit": fit}
    taken = program["opened"](tmp_path / "x.png", steps)
    assert np.array_equal(taken.transpose(2, 0, 1), read_picture(tmp_path / "x.png", 16, fit))
