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
        >>> print(with_mathml("$x$ and `$x$`"))
        <span><math xmlns="..." display="inline"><mrow><mi>x</mi></mrow></math></span> and `$x$`
    """
    parts = _CODE.split(text)
    for at in range(0, len(parts), 2):
        part = _DISPLAY.sub(lambda match: _mathml(match[1], "block"), parts[at])
        # in a span, as Markdown takes a line that begins with <math> for a block
        parts[at] = _INLINE.sub(lambda match: f"<span>{_mathml(match[1] or match[2], 'inline')}</span>", part)
    return "".join(parts)


def _mathml(latex: str, display: str) -> str:
    # few fonts have the character that stands for \setminus
    return convert(" ".join(latex.split()), display=display).replace("&#x029F5;", "&#x0005C;")
