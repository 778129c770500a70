"""Ids of nodes in tables."""

import re

from torque_core.datasets.importers.cell_values import whole_number
from torque_core.datasets.importers.edge_list_lines import QUOTED
from torque_core.datasets.importers.parsed_graph import ParsedGraph

__all__ = ["TableIds"]

_DECIMAL = re.compile(r"[+-]?\d+\.\d+")


class TableIds:
    """Ids of nodes in all tables, in which a whole number has one spelling."""

    def __init__(self) -> None:
        self.quoted: set[str] = set()  # markers of missing values in quotes, which are ids
        self._spellings: dict[str, str] = {}

    def read(self, cell: str) -> str:
        """Convert a cell to an id."""
        if cell.startswith(QUOTED):
            cell = cell[1:]
            self.quoted.add(cell)
        elif ("." in cell or "+" in cell) and (whole := whole_number(cell)) is not None:
            self._spellings.setdefault(whole, cell)
            return whole
        return cell

    def finish(self, parsed: ParsedGraph) -> None:
        """Restore the spellings if other ids have decimals, such as versions; else note that they were changed."""
        if not self._spellings:
            return
        if any("." in name and _DECIMAL.fullmatch(name) for name in parsed.ids):
            parsed.ids = {self._spellings.get(name, name): index for name, index in parsed.ids.items()}
        else:
            whole, spelling = next(iter(self._spellings.items()))
            parsed.notes.append(f"Ids that are whole numbers are the same in every spelling: {spelling} is {whole}.")
