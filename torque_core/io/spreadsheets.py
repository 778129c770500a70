"""Tables as CSV that no spreadsheet evaluates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from torque_core.utils.text import visible

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["escape_formulas", "spreadsheet_csv"]

# At the start of a cell, or of what another program takes for one because it separates cells by another character.
_FORMULA = re.compile(r"""(^(?=[\t\r\n])|(?:^|[,;|\t\r\n])[\s"]*(?=[=+\-@＝＋－＠]))""")


def spreadsheet_csv(table: pd.DataFrame) -> str:
    """Convert a table to CSV that spreadsheets open without evaluating any text, see :func:`escape_formulas`.

    Example:
        >>> import pandas as pd
        >>> spreadsheet_csv(pd.DataFrame({"name": ["=1+1", "a"], "value": [-1, 2]}))
        "name,value\\n'=1+1,-1\\na,2\\n"
    """
    return escape_formulas(table).to_csv(index=False, lineterminator="\n")


def escape_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a table in which an apostrophe precedes every text that a spreadsheet would evaluate.

    This includes titles, full-width signs, and parts of a text after a comma, semicolon, bar, tab or line break, as a
    spreadsheet may take any of these for the separator. Characters that reorder text are shown, see
    :func:`~torque_core.utils.text.visible`. Tables on screen need all this as well: users copy and save them into
    spreadsheets.

    Example:
        >>> import pandas as pd
        >>> escape_formulas(pd.DataFrame({"@name": ["a;=1+1", "a - b"]})).to_dict("list")
        {"'@name": ["a;'=1+1", 'a - b']}
    """

    def escaped(value: Any) -> Any:
        return _FORMULA.sub(r"\1'", visible(value)) if isinstance(value, str) else value

    texts = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(escaped) for name in texts}).rename(columns=escaped)
