"""Text of unknown origin in places that Streamlit reads as Markdown: every label, message, tooltip and metric."""

import re

from torque_core.utils.text import visible

__all__ = ["escape_markdown"]

_SPECIAL = re.compile(r"[\\`*_\[\]<>~$|]|:(?=\w)|&(?=#?\w)|^[-+#]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
_INTERVAL = re.compile(r"\\(\[[\d., ]+)\\(\])(?![(\[:])")  # as in many messages; it is no link
_WORD_JOINER = "\u2060"  # has no width
# Streamlit replaces these in plain text, even if they are escaped: addresses, shortcodes of emoji and icons, arrows.
_REPLACED = re.compile(
    r"www(?=\.)|@(?=[-\w]+\.)|:(?=//|[\w+-]+:|material/)|(?<!\S)[-<>~](?=[-=>]+(?!\S))", re.IGNORECASE
)


def escape_markdown(text: str) -> str:
    """Escape a text, so that it is shown letter by letter, on one line.

    This holds for values of a link or a session file, names of files, nodes, classes and runs, and messages that quote
    any of them.

    Example:
        >>> print(escape_markdown("**bold** ![](//example.org) in [0, 1]"))
        \\*\\*bold\\*\\* !\\[\\](//example.org) in [0, 1]
    """
    text = _REPLACED.sub(lambda match: match[0] + _WORD_JOINER, " ".join(visible(text).split()))
    return _INTERVAL.sub(r"\1\2", _SPECIAL.sub(r"\\\g<0>", text))
