"""Names in figures: Plotly reads links, line breaks and other HTML in titles, labels and hover texts."""

from collections.abc import Iterable, Sequence

from torque_core.figures.palette import class_name
from torque_core.utils.text import visible

__all__ = ["class_text", "plotly_text", "plotly_texts"]


def plotly_text(text: str) -> str:
    """Escape a text, so that Plotly shows it letter by letter.

    Example:
        >>> plotly_text('<a href="https://example.org">a & b</a>')
        '&lt;a href="https://example.org"&gt;a &amp; b&lt;/a&gt;'
    """
    escaped = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("%{", "&#37;{")  # the beginning of a variable in hover templates


def plotly_texts(texts: Iterable[str]) -> list[str]:
    """Escape several texts."""
    return [plotly_text(text) for text in texts]


def class_text(label: int, classes: Sequence[str] | None) -> str:
    """Return the escaped name of a class, see :func:`~torque_core.figures.palette.class_name`."""
    return plotly_text(class_name(label, classes))
