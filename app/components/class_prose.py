"""Prose of the presenter's page for those who follow it."""

from app.components.served import Component

_PROSE = Component("class_prose")


def class_prose(html: str, *, key: str) -> None:
    """Place prose that followers see between the figures; on the presenter's own page it shows nothing.

    Args:
        html: The prose, in which every name is escaped.
        key: Key of the component.
    """
    _PROSE(key=key, data={"html": html})
