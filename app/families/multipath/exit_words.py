"""What exits are called on the screen, where blocks count from 1."""


def exit_words(name: str) -> str:
    """Return the name of an exit as a person reads it.

    >>> exit_words("3"), exit_words("2.conv1"), exit_words("layer4.0")
    ('block 4', 'block 3, conv1', 'layer4.0')
    """
    block, _, inside = name.partition(".")
    if not block.isdecimal():
        return name
    return f"block {int(block) + 1}{', ' + inside if inside else ''}"
