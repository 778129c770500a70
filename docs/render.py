"""Render README and those pages of the documentation that hold numbers: ``python -m docs.render``.

Every measured number in them comes from the shipped results or from a record in ``assets/bench``. The templates in
``docs/templates`` are Jinja templates and use

- ``study("noise")``, a :class:`Study`: ``{{ noise["torque_default@cora+50"] }}`` is a test score in %,
  ``{{ noise["torque_default@cora+50 - plain"] }}`` a difference, ``{{ noise.table() }}`` a table;
- ``summary()``, the sentences above the matrix of the page Evidence;
- ``bench``, ``app`` and ``pruning``, the records of the benchmarks;
- ``claim(...)``, which renders nothing, but fails if a statement in the text no longer holds.
"""

import copy
import json
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from docs.ladder import comparisons, complete, ladder
from torque_core.bench.__main__ import table as bench_table
from torque_core.bench.training import training_table
from torque_core.datasets import DATASETS
from torque_core.experiments.report.markdown import markdown
from torque_core.experiments.report.matrix import LEFT_OUT, evidence_matrix, matrix_summary
from torque_core.experiments.report.tables import (
    Table,
    detection_runs,
    evidence,
    labels_of,
    measure_tables,
    metric_name,
    noise_name,
    study_tables,
)
from torque_core.experiments.results import SHIPPED
from torque_core.experiments.results.store import Store
from torque_core.experiments.studies.relations import LADDER
from torque_core.methods.catalog import METHODS

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "docs" / "templates"
PAGES = {"README.md": ROOT / "README.md"} | {
    name: ROOT / "docs" / name for name in ("results.md", "performance.md", "howto/hosting.md", "howto/reproduce.md")
}
_ADDRESS = re.compile(
    r"(?P<label>.+?)@(?P<dataset>\w+)(?::(?P<scheme>[\w-]+))?(?:\+(?P<rate>[\d.]+)(?: (?P<kind>\w+))?)?"
)


class Percent(float):
    """A number that is printed with one digit."""

    def __str__(self) -> str:
        return f"{self:.1f}"

    def __abs__(self) -> "Percent":
        return Percent(super().__abs__())

    def __neg__(self) -> "Percent":
        return Percent(super().__neg__())

    def __add__(self, other: float) -> "Percent":
        return Percent(float(self) + other)

    def __sub__(self, other: float) -> "Percent":
        return Percent(float(self) - other)


class Study:
    """The stored results of one study."""

    def __init__(self, store: Store, name: str) -> None:
        self.frame = store.frame(name)
        self.tables = {table.name: (table, evidence(table)) for table in study_tables(self.frame)}

    def only(self, name: str) -> "Study":
        """The study with one of its tables."""
        part = copy.copy(self)
        part.tables = {name: self.tables[name]}
        return part

    @cached_property
    def _places(self) -> list[dict[tuple[str, str, float], list[int]]]:
        """For each table, where the rows of a label, a data set and a rate in % are."""
        every = []
        for _, cells in self.tables.values():
            places: dict[tuple[str, str, float], list[int]] = {}
            for place, row in enumerate(zip(cells["label"], cells["dataset"], cells["rate"], strict=True)):
                places.setdefault((row[0], row[1], round(100 * row[2], 6)), []).append(place)
            every.append(places)
        return every

    @cached_property
    def detection(self) -> dict[tuple[str, str], pd.DataFrame]:
        """The AUROC of every score by data set and kind of noise."""
        found = (evidence(table, "auroc") for table in study_tables(detection_runs(self.frame), "auroc"))
        return {(cells["dataset"].iloc[0], cells["noise_kind"].iloc[0]): cells for cells in found}

    @cached_property
    def measures(self) -> dict[str, pd.DataFrame]:
        """The means of the measures of over-squashing, by table."""
        tables = {}
        for table in measure_tables(self.frame):
            rows = [cells.assign(column=title) for title, cells in table.columns.items()]
            tables[table.name] = pd.concat(rows)
        return tables

    def measure(self, table: str, label: str, name: str) -> float:
        """A mean of :attr:`measures`; ``name`` is the measure, or the title of the column."""
        rows = self.measures[table]
        found = rows[(rows["label"] == label) & ((rows["metric"] == name) | (rows["column"] == name))]
        return float(found["mean"].iloc[0])

    def row(self, address: str) -> Any:
        """The row of evidence of ``LABEL@DATASET[:SCHEME][+RATE[ KIND]]``, with the rate in %."""
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise ValueError(f"cannot read the address {address!r}; write for example 'plain@cora+50'")
        rate = float(match["rate"] or 0) / 100
        kind = match["kind"] or ("insert" if rate else "none")
        for (table, cells), places in zip(self.tables.values(), self._places, strict=True):
            found = cells.loc[places.get((match["label"], match["dataset"], round(100 * rate, 6)), [])]
            found = found[(found["noise_kind"] == kind) | (table.noise_kind == "attack")]
            if match["scheme"]:
                found = found[found["scheme"] == match["scheme"]]
            if len(found) == 1:
                return found.iloc[0]
        raise LookupError(f"no result at {address!r}")

    def __getitem__(self, address: str) -> Percent:
        """A mean test score in %, or a difference of two: ``torque@cora+50 - plain`` uses one cell for both."""
        first, minus, second = address.partition(" - ")
        score = 100 * self.row(first)["mean"]
        if minus:
            second = second if "@" in second else f"{second}@{first.partition('@')[2]}"
            score -= 100 * self.row(second)["mean"]
        return Percent(score)

    def spread(self, address: str) -> str:
        """A mean and its standard deviation."""
        row = self.row(address)
        return f"{100 * row['mean']:.1f} ± {100 * row['std']:.1f}"

    def pruned(self, address: str) -> int:
        """The mean fraction of edges pruned, in %."""
        return round(100 * self.row(address)["pruned"])

    def error(self, address: str) -> Percent:
        """The expected calibration error in %."""
        return Percent(100 * self.row(address)["ece"])

    def wins(self, address: str) -> int:
        """The number of splits in which a method is above the plain model."""
        return int(self.row(address)["wins"])

    def significant(self, address: str) -> bool:
        """Return True if the difference from the plain model is significant after correction."""
        return bool(self.row(address)["mark"])

    def table(
        self, *names: str, rows: Sequence[str] | None = None, also: "Sequence[Study]" = (), columns: Sequence[str] = ()
    ) -> str:
        """Scores as Markdown, in %: a row per method, a column per noise level or per data set.

        Args:
            names: The tables of the study to show; all by default.
            rows: The labels to show; all by default.
            also: Studies whose data sets or noise levels are further columns.
            columns: The titles of the columns to show, in this order; all by default.
        """
        tables = [self.tables[name] for name in names or self.tables]
        tables += [both for study in also for both in study.tables.values()]
        cells = _columns(tables, rows)
        cells = {title: cells[title] for title in columns} if columns else cells
        labels = labels_of(pd.concat([table.runs for table, _ in tables]))
        groups = {label: group for label, group in labels.items() if rows is None or label in rows}
        return _titled(markdown(cells, groups, _score))

    def side_by_side(self, columns: Mapping[str, Sequence[str]], rows: Sequence[str]) -> str:
        """Scores as Markdown with several in a cell: titles of columns with places such as ``cora+20 dice``."""
        every = [place for places in columns.values() for place in places]
        best = {place: str(max(self[f"{label}@{place}"] for label in rows)) for place in every}
        lines = [f"| | {' | '.join(columns)} |", f"|---|{'--:|' * len(columns)}"]
        for label in rows:
            texts = []
            for places in columns.values():
                scores = []
                for place in places:
                    score, mark = str(self[f"{label}@{place}"]), self.row(f"{label}@{place}")["mark"]
                    scores.append(f"**{score}**" * (score == best[place]) or score)
                    scores[-1] += f" {mark}" * bool(mark)
                texts.append(" / ".join(scores))
            lines.append(f"| {title_of(label)} | {' | '.join(texts)} |")
        return "\n".join(lines)

    def list_of(self, rows: Mapping[str, str], dataset: str) -> str:
        """Scores of one column as a list: titles of rows with labels."""
        lines = ["| | test score, % |", "|---|--:|"]
        lines += [f"| {title} | {self.spread(f'{label}@{dataset}')} |" for label, title in rows.items()]
        return "\n".join(lines)

    def aurocs(self, rows: Mapping[str, str], datasets: Sequence[str], rate: float = 0.5) -> str:
        """AUROC of scores as Markdown; edges inserted uniformly at random / in proportion to the degrees."""
        titles = [DATASETS[name].title for name in datasets]
        lines = [f"| score | {' | '.join(titles)} |", f"|---|{'--:|' * len(titles)}"]
        for label, title in rows.items():
            texts = [
                " / ".join(f"{self.auroc(label, name, kind, rate):.3f}" for kind in ("insert", "insert_by_degree"))
                for name in datasets
            ]
            lines.append(f"| {title} | {' | '.join(texts)} |")
        return "\n".join(lines)

    def cuts(self, rates: Sequence[float]) -> str:
        """What the default cut finds: AUROC, and the fractions of pruned, of right and of found edges, as Markdown."""
        columns = {"auroc_screened_torque": "AUROC", "pruned": "pruned", "precision": "precision", "recall": "recall"}
        runs = self.frame[(self.frame["kind"] == "detection") & self.frame["rate"].isin(rates)]
        lines = [f"| graph | attack | rate | {' | '.join(columns.values())} |", "|---|---|--:|" + len(columns) * "--:|"]
        for (dataset, kind, rate), part in runs.groupby(["dataset", "noise_kind", "rate"], sort=True):
            means = part[list(columns)].astype(float).mean()
            auroc = f"{means.pop('auroc_screened_torque'):.2f}"
            fractions = ("–" if value != value else f"{100 * value:.0f} %" for value in means)
            where = f"{DATASETS[dataset].title} | {noise_name(kind)} | {100 * rate:g} %"
            lines.append(f"| {where} | {auroc} | {' | '.join(fractions)} |")
        return "\n".join(lines)

    def auroc(self, label: str, dataset: str, kind: str = "insert", rate: float = 0.5) -> float:
        """A mean AUROC."""
        cells = self.detection[dataset, kind]
        return float(cells[(cells["label"] == label) & (cells["rate"] == rate)]["mean"].iloc[0])


def _columns(tables: Sequence[tuple[Table, pd.DataFrame]], rows: Sequence[str] | None) -> dict[str, pd.DataFrame]:
    """The evidence of each column, by its title."""
    columns = {}
    for table, cells in tables:
        shown = cells if rows is None else cells[cells["label"].isin(rows)]
        other = f"{noise_name(table.noise_kind)} " if table.noise_kind != tables[0][0].noise_kind else ""
        for value, part in shown.groupby("rate" if table.over_rate else "place", sort=True):
            unusual = metric_name(part["dataset"].iloc[0]) != "accuracy" and not table.over_rate
            columns[
                f"{other}{100 * value:g} %" if table.over_rate else f"{value}, ROC AUC" if unusual else str(value)
            ] = part
    return columns


def _score(row: Any, rows: pd.DataFrame) -> str:
    """Mean ± standard deviation, the best in bold, with the mark of a significant difference."""
    mean, best = (f"{100 * value:.1f}" for value in (row.mean, rows["mean"].max()))
    spread = "" if row.std != row.std else f" ± {100 * row.std:.1f}"
    return (f"**{mean}**" if mean == best else mean) + spread + f" {row.mark}" * bool(row.mark)


def title_of(label: str) -> str:
    """The title of a method, or the label itself."""
    return METHODS[label].title if label in METHODS else label


def _titled(text: str) -> str:
    """A Markdown table whose rows begin with titles instead of labels."""
    lines = []
    for line in text.splitlines():
        first, label, rest = line.split("|", 2)
        lines.append(f"{first}| {title_of(label.strip())} |{rest}" if label.strip() in METHODS else line)
    return "\n".join(lines)


class Bench:
    """The record of ``make bench``."""

    def __init__(self) -> None:
        self.record = json.loads((ROOT / "assets" / "bench" / "bench.json").read_text())
        self.results = [result for result in self.record["results"] if result["graph"] != "karate"]

    def table(self) -> str:
        """Seconds and memory of every method on every graph."""
        return bench_table(self.record["machine"], self.results).strip()

    def slowdown(self, method: str) -> list[float]:
        """The time of a method divided by that of a plain gather pass, on each graph, sorted."""
        seconds = {
            (result["graph"], result["method"]): result["seconds"] for result in self.results if "seconds" in result
        }
        graphs = [graph for graph, measured in seconds if measured == method]
        return sorted(seconds[graph, method] / seconds[graph, "gather"] for graph in graphs)

    @property
    def minutes(self) -> int:
        """The time of all timed calls together."""
        return round(sum(sum(result.get("all_seconds", ())) for result in self.record["results"]) / 60)


class OutOfCore:
    """The record of ``python -m torque_core.bench.out_of_core``."""

    def __init__(self) -> None:
        self.record = json.loads((ROOT / "assets" / "bench" / "out_of_core.json").read_text())

    def table(self) -> str:
        """Time and memory of every run."""
        titles = ("nodes", "edges", "features", "--max-memory", "workers", "seconds", "processor seconds", "peak")
        lines = [f"| {' | '.join(titles)} |", f"|{'--:|' * len(titles)}"]
        for run in self.record["runs"]:
            cells = [f"{run['nodes']:,}", f"{run['edges']:,}", str(run["features"]), run["max_memory"]]
            cells += [str(run["workers"] or "–"), f"{run['seconds']:,.0f}", f"{run['cpu_seconds']:,.0f}"]
            lines.append(f"| {' | '.join(cells)} | {run['peak_bytes'] / 1e9:.1f} GB |")
        return "\n".join(lines)


class Waits:
    """The record of ``make bench-app``."""

    def __init__(self) -> None:
        self.record = json.loads((ROOT / "assets" / "bench" / "app.json").read_text())

    def __getitem__(self, name: str) -> str:
        """A median in seconds."""
        return f"{self.record['seconds'][name]['median']:g}"

    def longest(self, name: str) -> str:
        """The longest wait in seconds."""
        return f"{self.record['seconds'][name]['max']:g}"


class Pruning:
    """The record of ``python -m docs.pruning``."""

    def __init__(self) -> None:
        self.entries = json.loads((ROOT / "assets" / "bench" / "pruning.json").read_text())["entries"]

    def entry(self, dataset: str, rate: int, *, settings: str = "default") -> Any:
        """One rewiring, with the rate in %."""
        return next(
            entry
            for entry in self.entries
            if entry["dataset"] == dataset and round(100 * entry["rate"]) == rate and entry["settings"] == settings
        )

    def table(self) -> str:
        """What is pruned on every graph."""
        titles = ("graph", "injected", "pruned", "precision, %", "recall, %", "AUROC of torque",
                  "AUROC of the cosine distance", "edge homophily, %")  # fmt: skip
        lines = [f"| {' | '.join(titles)} |", f"|---|{'--:|' * (len(titles) - 1)}"]
        for entry in (entry for entry in self.entries if entry["settings"] != "former"):
            layer, title = entry["layer"], DATASETS[entry["dataset"]].title
            title += ", automatic choice" if entry["settings"] == "automatic" else ""
            found = layer["detection"] if entry["rate"] else dict.fromkeys(("precision", "recall", "auroc"))
            before, after = (100 * entry[key]["edge_homophily"] if key == "before" else
                             100 * layer["after"]["edge_homophily"] for key in ("before", "after"))  # fmt: skip
            lines.append(
                f"| {title} | {100 * entry['rate']:.0f} % "
                f"| {layer['edges_pruned']:,} of {layer['edges_judged']:,} | {_percent(found['precision'])} "
                f"| {_percent(found['recall'])} | {_digits(found['auroc'])} | {_digits(entry['auroc_cosine'])} "
                f"| {before:.1f} → {after:.1f} |"
            )
        return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def claim(*holds: bool) -> str:
    """Render nothing; fail if a statement of the text does not hold."""
    if not all(holds):
        raise AssertionError(f"a statement in the text no longer holds: {holds}")
    return ""


def rises(values: Sequence[float]) -> bool:
    """Return True if each value is at least the one before."""
    return all(first <= second for first, second in pairwise(values))


def summary_of_matrix(studies: Mapping[str, Study]) -> str:
    """The summary that the page Evidence shows above its matrix, as a list."""
    matrix = evidence_matrix({name: study.tables.values() for name, study in studies.items()})
    return "\n".join(f"- {sentence}" for sentence in matrix_summary(matrix))


def wrap(text: str, width: int = 120) -> str:
    """Wrap the paragraphs and list items of a Markdown text; leave tables, code, headings and HTML as they are.

    Example:
        >>> print(wrap("# Title\\n\\nA long\\nsentence.\\n\\n- one\\n  item\\n- two", width=10))
        # Title
        <BLANKLINE>
        A long
        sentence.
        <BLANKLINE>
        - one item
        - two
    """
    lines: list[str] = []
    paragraph: list[str] = []
    in_code = False

    def flush() -> None:
        if paragraph:
            indent = "  " if paragraph[0].startswith("- ") else ""
            words = " ".join(line.strip() for line in paragraph)
            wrapped = textwrap.wrap(
                words, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
            )
            if misread := [line for line in wrapped[1:] if re.match(r"\s*(\d+[.)]|[-+*#>]) ", line)]:
                raise ValueError(f"Markdown would read this line as a list or a heading: {misread[0]!r}")
            lines.extend(wrapped)
            paragraph.clear()

    for line in text.splitlines():
        in_code ^= line.startswith("```")
        if in_code or not line.strip() or re.match(r"```|    |\||#|<|  <|\$\$", line):
            flush()
            lines.append(line)
        else:
            if line.startswith("- "):
                flush()
            paragraph.append(line)
    flush()
    return "\n".join(lines).strip() + "\n"


def render() -> dict[Path, str]:
    """The text of every page that is rendered, by its file."""
    with Store(SHIPPED, read_only=True) as store:
        every = pd.concat([store.frame(role=role) for role in ("final", "trial")]).drop_duplicates("key")
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True,
            trim_blocks=True, lstrip_blocks=True, autoescape=False,
        )  # fmt: skip
        study = cache(lambda name: Study(store, name))
        rungs = complete(study("relations").frame, LADDER)
        environment.globals |= {
            "study": study,
            "summary": lambda: summary_of_matrix({name: study(name) for name in set(store.studies()) - LEFT_OUT}),
            "ladder": ladder(rungs, LADDER),
            "ladder_comparisons": comparisons(rungs),
            "bench": Bench(),
            "out_of_core": OutOfCore(),
            "training": json.loads((ROOT / "assets" / "bench" / "training.json").read_text()),
            "training_table": training_table,
            "app": Waits(),
            "memory": json.loads((ROOT / "assets" / "bench" / "memory.json").read_text()),
            "pruning": Pruning(),
            "claim": claim,
            "rises": rises,
            "methods": METHODS,
            "runs": f"{len(every):,}",
            "hours": round(every[["seconds", "rewire_seconds"]].astype(float).sum().sum() / 3600),
            "megabytes": f"{SHIPPED.stat().st_size / 1e6:.1f}",
        }
        return {path: wrap(environment.get_template(f"{name}.jinja").render()) for name, path in PAGES.items()}


def main() -> int:
    """Write the pages."""
    for path, text in render().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
