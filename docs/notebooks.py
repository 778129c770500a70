"""Run the how-to notebooks and store what their cells print: ``python -m docs.notebooks``."""

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["NOTEBOOKS", "run"]

NOTEBOOKS = sorted((Path(__file__).resolve().parent / "howto").glob("*.ipynb"))


def run(notebook: dict[str, Any]) -> dict[str, Any]:
    """Run the cells of a notebook in order, in a namespace of their own.

    Returns:
        The notebook with what each cell printed as its output.
    """
    namespace: dict[str, object] = {"__name__": "__main__"}
    cells, count = [], 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("".join(cell["source"]), f"<cell {count}>", "exec"), namespace)
            lines = printed.getvalue().splitlines(keepends=True)
            outputs = [{"name": "stdout", "output_type": "stream", "text": lines}] if lines else []
            cell = cell | {"execution_count": count, "outputs": outputs}
        cells.append(cell)
    return notebook | {"cells": cells}


def main() -> int:
    """Run all notebooks and write their outputs into them."""
    for path in NOTEBOOKS:
        notebook = run(json.loads(path.read_text("utf-8")))
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
