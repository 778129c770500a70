"""Text of unknown origin, such as names in a file, made fit to be shown."""

import unicodedata

__all__ = ["visible"]

_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters with the Unicode property Bidi_Control: they change the order in which the text after them is shown."""
_CONTROLS = [chr(code) for code in range(0xA0) if unicodedata.category(chr(code)) == "Cc" and not chr(code).isspace()]
_ESCAPES = {ord(letter): letter.encode("unicode_escape").decode() for letter in (*_BIDI_CONTROLS, *_CONTROLS)}


def visible(text: str) -> str:
    """Write characters that reorder or hide text as escape sequences, and what is not valid Unicode as well.

    Whitespace stays as it is.

    Example:
        >>> visible("invoice\\u202egpj.exe"), visible("half of a pair: \\ud800"), visible("a\\tb")
        ('invoice\\\\u202egpj.exe', 'half of a pair: \\\\ud800', 'a\\tb')
    """
    return text.translate(_ESCAPES).encode("utf-8", "backslashreplace").decode()
