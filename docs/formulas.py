"""Formulas: LaTeX as MathML, which browsers draw without scripts, fonts or a network."""

import re

from latex2mathml.converter import convert

__all__ = ["with_mathml"]

_CODE = re.compile(r"(```.*?```|``[^`]+``|`[^`\n]+`)", re.DOTALL)
_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_INLINE = re.compile(r"\\\\\((.+?)\\\\\)|(?<![\\$\w])\$(?![\s$])([^$\n]+?)(?<!\s)\$(?!\w)", re.DOTALL)


def with_mathml(text: str) -> str:
    r"""Replace the formulas of a Markdown text, except in code.

    Args:
        text: Markdown with ``$$...$$`` for displayed formulas, and ``$...$`` or ``\\( ... \\)`` for inline ones.

    Example:
        >>> with_mathml("$x$ and `$x$`")
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><mi>x</mi></mrow></math> and `$x$`'
    """
    parts = _CODE.split(text)
    for at in range(0, len(parts), 2):
        part = _DISPLAY.sub(lambda match: _mathml(match[1], "block"), parts[at])
        parts[at] = _INLINE.sub(lambda match: _mathml(match[1] or match[2], "inline"), part)
    return "".join(parts)


def _mathml(latex: str, display: str) -> str:
    return convert(" ".join(latex.split()), display=display)
