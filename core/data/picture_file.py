"""Picture files, looked at before they are decoded."""

import stat
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from core.data_roots import allowed
from core.errors import DataError
from core.studies.dataset_base import Fit

# Formats with many rare decoders, or with programs inside, are left out.
FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "PPM", "GIF", "TIFF")
MAX_PIXELS: Final = 50_000_000
MAX_BYTES: Final = 100_000_000


def read_picture(path: Path, size: int, fit: Fit = "stretch") -> NDArray[np.uint8]:
    """Return the picture of a file, ``uint8 [3, size, size]``: brought to a square, in RGB, upright.

    Stretched or padded, nothing is cut away. A camera's note on how it was held (EXIF) is followed;
    16-bit values are divided by 256; what is transparent is laid on white; of an animation or several pages the first
    counts.

    Args:
        path: The file; only its header is read where that claims too many pixels.
        size: Height and width wanted, in pixels.
        fit: Whether other proportions are stretched, padded with black on two sides, or cropped in the middle.

    Raises:
        DataError: There is no such file, it is outside the allowed folders, no picture,
            damaged or too large.
    """
    with _opened(path) as image:
        # JPEG can be decoded at a half, a quarter or an eighth of its size, much faster.
        image.draft("RGB", (size, size))
        try:
            with _quiet():
                upright = _rgb(ImageOps.exif_transpose(image), path.name)
        except DataError:
            raise
        except Exception:  # Pillow raises whatever a damaged file leads to
            raise DataError(f"The picture {path.name} is damaged. Replace it or remove it from the labels.") from None
    return np.asarray(square(upright, size, fit)).transpose(2, 0, 1)


def square(image: Image.Image, size: int, fit: Fit) -> Image.Image:
    """Return a picture brought to a square, bilinearly."""
    how, (width, height) = Image.Resampling.BILINEAR, image.size
    if fit == "stretch" or width == height:
        return image.resize((size, size), how, reducing_gap=3.0)
    if fit == "crop":
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return image.crop((left, top, left + side, top + side)).resize((size, size), how, reducing_gap=3.0)
    scale = size / max(width, height)
    inner = image.resize((max(1, round(width * scale)), max(1, round(height * scale))), how, reducing_gap=3.0)
    padded = Image.new("RGB", (size, size))
    padded.paste(inner, ((size - inner.width) // 2, (size - inner.height) // 2))
    return padded


def _rgb(image: Image.Image, name: str) -> Image.Image:
    if image.mode == "F":
        raise DataError(f"The picture {name} holds decimal numbers. Save it with 8 or 16 bits per value.")
    if image.mode.startswith("I"):
        # Sixteen bits, whatever the order of their bytes; Pillow alone would turn all above 255 white.
        values = np.clip(np.asarray(image).astype(np.int64), 0, 65535) >> 8
        return Image.fromarray(values.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        # Else the colours show that happen to stand under what nobody sees.
        picture = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return image.convert("RGB")


def read_pictures(paths: Sequence[Path], size: int, fit: Fit = "stretch") -> NDArray[np.uint8]:
    """Return the pictures of files, ``uint8 [n, 3, size, size]``.

    Args:
        paths: The files.
        size: Height and width wanted, in pixels.
        fit: As in ``read_picture``.

    Raises:
        DataError: As ``read_picture``.
    """
    pictures = np.empty((len(paths), 3, size, size), dtype=np.uint8)
    for place, path in enumerate(paths):
        pictures[place] = read_picture(path, size, fit)
    return pictures


def read_values(path: Path) -> NDArray[Any]:
    """Return the numbers of a picture file as they are stored, ``[height, width]`` or ``[height, width, channels]``.

    Palettes are not looked up and 16 bits stay 16 bits, as files of labels and depths mean them.

    Raises:
        DataError: As ``read_picture``.
    """
    with _opened(path) as image:
        try:
            return np.array(image)
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, MemoryError):
            raise DataError(f"{path.name} is damaged. Replace it or remove its sample.") from None


def picture_size(path: Path) -> tuple[int, int]:
    """Return the width and height in pixels that a file's header claims, decoding nothing.

    Raises:
        DataError: As ``read_picture``.
    """
    with _opened(path) as image:
        return image.size


def _opened(path: Path) -> Image.Image:
    real = allowed(path)
    try:
        found = real.stat()
        if not stat.S_ISREG(found.st_mode):
            raise DataError(f"{path.name} is no file. Name a picture.")
        if found.st_size > MAX_BYTES:
            raise DataError(f"The picture {path.name} has {found.st_size:,} bytes; at most {MAX_BYTES:,} are read.")
        with _quiet():
            image = Image.open(real, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(_too_large(path.name)) from None
    except FileNotFoundError:
        raise DataError(f"The picture {path.name} is missing. Put it there or remove it from the labels.") from None
    except DataError:
        raise
    except Exception:  # Pillow raises whatever a damaged file leads to
        raise DataError(f"{path.name} is no picture in {', '.join(FORMATS)}. Convert it.") from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        image.close()
        raise DataError(_too_large(path.name, f"{width:,} × {height:,} pixels"))
    return image


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Pillow says of odd tags from the terminal; a header that claims too much is still an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _too_large(name: str, claim: str = "far too many pixels") -> str:
    return f"The header of {name} claims {claim}; at most {MAX_PIXELS:,} are decoded. Make the picture smaller."
