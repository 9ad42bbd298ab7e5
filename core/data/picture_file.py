"""Picture files, looked at before they are decoded."""

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from core.data.roots import allowed
from core.errors import DataError

# Formats with many rare decoders, or with programs inside, are left out.
FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "PPM", "GIF")
MAX_PIXELS: Final = 50_000_000
MAX_BYTES: Final = 100_000_000


def read_picture(path: Path, size: int) -> NDArray[np.uint8]:
    """Return the picture of a file, ``uint8 [3, size, size]``: stretched to a square, in RGB, upright.

    Nothing is cut away, so maps stretched alike still fit. A camera's note on how it was held (EXIF) is followed;
    16-bit values are divided by 256; what is transparent is laid on white; of an animation the first picture counts.

    Args:
        path: The file; only its header is read where that claims too many pixels.
        size: Height and width wanted, in pixels.

    Raises:
        DataError: There is no such file, it is outside the allowed folders, no picture,
            damaged or too large.
    """
    with _opened(path) as image:
        # JPEG can be decoded at a half, a quarter or an eighth of its size, much faster.
        image.draft("RGB", (size, size))
        try:
            upright = _rgb(ImageOps.exif_transpose(image), path.name)
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, MemoryError):
            raise DataError(f"The picture {path.name} is damaged. Replace it or remove it from the labels.") from None
    return np.asarray(upright.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=3.0)).transpose(2, 0, 1)


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


def read_pictures(paths: Sequence[Path], size: int) -> NDArray[np.uint8]:
    """Return the pictures of files, ``uint8 [n, 3, size, size]``.

    Args:
        paths: The files.
        size: Height and width wanted, in pixels.

    Raises:
        DataError: As ``read_picture``.
    """
    pictures = np.empty((len(paths), 3, size, size), dtype=np.uint8)
    for place, path in enumerate(paths):
        pictures[place] = read_picture(path, size)
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
        image = Image.open(real, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(_too_large(path.name)) from None
    except FileNotFoundError:
        raise DataError(f"The picture {path.name} is missing. Put it there or remove it from the labels.") from None
    except (OSError, ValueError, SyntaxError, MemoryError, OverflowError):
        raise DataError(f"{path.name} is no picture in {', '.join(FORMATS)}. Convert it.") from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        image.close()
        raise DataError(_too_large(path.name, f"{width:,} × {height:,} pixels"))
    return image


def _too_large(name: str, claim: str = "far too many pixels") -> str:
    return f"The header of {name} claims {claim}; at most {MAX_PIXELS:,} are decoded. Make the picture smaller."
