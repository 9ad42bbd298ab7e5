"""The part of standalone sources that reads weights and pictures, and what the outputs of heads say."""

from typing import Final

READING: Final = '''def read_weights(path):
    """Return the tensors of a safetensors file."""
    return tensors_in(pathlib.Path(path).read_bytes())


def tensors_in(content):
    """Return the tensors in the content of a safetensors file."""
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    kinds = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "I64": torch.int64, "BOOL": torch.bool}
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (start + offset for offset in entry["data_offsets"])
            values = torch.empty(entry["shape"], dtype=kinds[entry["dtype"]])
            if end > begin:
                values = torch.frombuffer(bytearray(content[begin:end]), dtype=values.dtype).reshape(values.shape)
            found[name] = values
    return found


def read_picture(path, steps):
    """Return the picture of a file as the network knows pictures, uint8 [height, width, 3]."""
    try:
        return opened(path, steps)
    except Exception as fault:  # Pillow raises whatever a damaged file leads to
        raise ValueError(f"{path} can't be read as a picture: {fault}") from fault


def opened(path, steps):
    """Return the picture of a file, or raise what is wrong with it."""
    import numpy as np
    from PIL import Image, ImageOps

    height, width = steps["size"]
    with Image.open(path) as image:
        # JPEG is decoded at a half, a quarter or an eighth of its size, as in training.
        image.draft("RGB", (width, height))
        image = rgb(ImageOps.exif_transpose(image))
    if steps["resize"] == "none":
        if image.size != (width, height):
            raise ValueError(f"It has {image.size} pixels; the network knows {width} x {height}. Crop it to that.")
        return np.asarray(image)
    how = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[steps["resize"]]
    gap, fit = steps.get("reducing_gap"), steps.get("fit", "stretch")
    if fit == "crop" and image.width != image.height:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side))
    if fit == "pad" and image.width != image.height:
        scale = width / max(image.size)
        inner = image.resize([max(1, round(side * scale)) for side in image.size], how, reducing_gap=gap)
        padded = Image.new("RGB", (width, height))
        padded.paste(inner, ((width - inner.width) // 2, (height - inner.height) // 2))
        return np.asarray(padded)
    # Stretched: proportions are not kept.
    return np.asarray(image.resize((width, height), how, reducing_gap=gap))


def rgb(image):
    """Return a picture in eight bits and three colours: 16-bit values divided by 256, transparency laid on white."""
    import numpy as np
    from PIL import Image

    if image.mode == "F":
        raise ValueError("The picture holds decimal numbers. Save it with 8 or 16 bits per value.")
    if image.mode.startswith("I"):
        values = np.clip(np.asarray(image).astype(np.int64), 0, 65535) >> 8
        return Image.fromarray(values.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return image.convert("RGB")


def normalised(pictures, steps):
    """Return uint8 pictures [n, height, width, 3] as the network takes them."""
    height, width = steps["size"]
    if pictures.dtype.name != "uint8" or pictures.shape[1:] != (height, width, 3):
        raise ValueError(f"Pictures are uint8 [n, {height}, {width}, 3]; these are {pictures.dtype} {pictures.shape}.")
    x = torch.tensor(pictures).to(torch.float32)
    x = x.sub_(torch.tensor(steps["mean"])).div_(torch.tensor(steps["std"]))
    x = x.permute(0, 3, 1, 2)
    size = steps.get("network_size")
    if size is None or list(size) == [height, width]:
        return x
    return nn.functional.interpolate(x, size=tuple(size), mode="bilinear", antialias=True)


def answers(kind, classes, output):
    """Return what the output of one head says."""
    if kind in ("classification", "ordinal"):
        numbers = output.argmax(dim=1).tolist()
        return [classes[number] if classes else number for number in numbers]
    if kind == "multi-label":
        rows = [row.nonzero().flatten().tolist() for row in output > 0]
        return [[classes[number] if classes else number for number in row] for row in rows]
    if kind == "regression":
        # In the unit of the labels; a single number stands alone.
        return [row[0] if len(row) == 1 else row for row in output.tolist()]
    if kind == "segmentation":
        return output.argmax(dim=1)
    if kind == "normals":
        return nn.functional.normalize(output, dim=1)
    # Networks learn the logarithm of depth.
    return output.clamp(-20, 20).exp() if kind == "depth" else output
'''
