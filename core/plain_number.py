"""A number that somebody typed: on the command line, in a field, in a link."""


def plain_number(text: str) -> float:
    """Return the number that a text is: digits with a decimal point, perhaps an exponent.

    Python also reads ``1_0`` as ten, which no person means by it.

    Raises:
        ValueError: It is no number.

    >>> plain_number(" 1.5e3 ")
    1500.0
    """
    if "_" in text:
        raise ValueError(f"{text[:40]!r} is no number")
    return float(text)
