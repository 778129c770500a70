"""Markers of missing values, and the spellings of whole numbers, as statistics programs write them."""

import math
import re

__all__ = ["MISSING_MARKERS", "MISSING_SYMBOLS", "is_code", "is_missing", "is_missing_word", "whole_number"]

MISSING_MARKERS = frozenset((
    "NA", "N/A", "n/a", "<NA>", "#N/A", "#NA", "#N/A N/A", "NaN", "nan", "-NaN", "-nan", "NaT", "NULL", "null", "None",
    "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "NAN", "Null", "none", "NONE", "(null)", "(NULL)", "N.A.", "n.a.",
    "\\N", "#NULL!", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?",
))  # fmt: skip
"""Texts for a missing value, as written by R, pandas, Excel and databases: those that :func:`pandas.read_csv`
recognises, their other spellings, and errors of Excel."""
MISSING_SYMBOLS = frozenset(("?", "-", "--", "---", ".", "..", "\u2013", "\u2014"))
"""Symbols for a missing value, as in the data sets of UCI and SAS; where + is a class, - is one, too."""
_WORDS = frozenset(("na", "nil", "missing", "unknown", "undefined", "blank", "(blank)", "(missing)", "*"))
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}\.0*|[+-]?\d(\.\d+)?[eE]\+\d{2}")
_CODE = re.compile(r"0\d+")


def is_missing(value: object) -> bool:
    """Return True for None, NaN and the texts in :data:`MISSING_MARKERS` and :data:`MISSING_SYMBOLS`.

    Example:
        >>> is_missing(float("nan")), is_missing(" N/A"), is_missing("?"), is_missing("Nadia")
        (True, True, True, False)
    """
    if isinstance(value, float):
        return math.isnan(value)
    if not isinstance(value, str):
        return value is None
    return len(value) < 20 and ((text := value.strip()) in MISSING_MARKERS or text in MISSING_SYMBOLS)


def is_missing_word(text: str) -> bool:
    """Return True for a word that stands for a missing value among numbers, but may be a class elsewhere.

    Example:
        >>> is_missing_word("Unknown"), is_missing_word("AB1")
        (True, False)
    """
    return text.strip().lower() in _WORDS


def whole_number(text: str) -> str | None:
    """Return an integer without decimal point and exponent; None if the text is anything else.

    A column of integers in which a value is missing becomes a column of floats in pandas, which writes 2 as 2.0; R
    writes 100000 as 1e+05.

    Example:
        >>> whole_number("2.0"), whole_number("1e+05"), whole_number("2.5"), whole_number("2"), whole_number("12e4")
        ('2', '100000', None, None, None)
    """
    if not _WHOLE_NUMBER.fullmatch(text):
        return None
    if "e" not in text and "E" not in text:
        return str(int(text.partition(".")[0]))
    number = float(text)
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else None


def is_code(text: str) -> bool:
    """Return True for digits with leading zeros, which no program writes for a number, such as the post code 01001."""
    return _CODE.fullmatch(text) is not None
