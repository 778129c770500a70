"""From what files say to a graph, with a report of what was read, what was assumed and what was left out."""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.datasets.clean import Tidied, count_of, largest_component, tidy
from torque_core.datasets.importers.parsed import CLASS_NAMES, NAME_NAMES, Cell, Parsed
from torque_core.datasets.importers.structural_features import STRUCTURE, structure_features
from torque_core.datasets.info import YOURS, DatasetInfo
from torque_core.datasets.load import LoadedDataset, split_notes
from torque_core.datasets.spec import DatasetSpec
from torque_core.datasets.splits import stratified_split
from torque_core.diagnostics.homophily import edge_homophily
from torque_core.graph.pairs import undirected_pairs

__all__ = ["Imported", "assemble"]


@dataclass(frozen=True)
class Imported:
    """A person's graph, and what was made of their files.

    Attributes:
        graph: Features, labels (-1 where unknown) and both directions of every edge, with names; and what was changed.
        classes: The name of each class, by label.
        read: A sentence for each thing that was read.
        assumed: A sentence for each thing that was missing, changed or left out.
        info: As of any other data set.
        content: SHA-256 of all of it, the names of the files included, which tells one graph from another.
        files: The names of the files.
    """

    graph: Tidied
    classes: tuple[str, ...]
    read: tuple[str, ...]
    assumed: tuple[str, ...]
    info: DatasetInfo
    content: str
    files: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...] | None:
        """Of the nodes, if they are not called by their numbers."""
        return self.graph.data.get("names")

    @property
    def labelled(self) -> bool:
        """Whether there are two classes or more, so that a model can be trained."""
        return len(self.classes) > 1

    def dataset(self, spec: DatasetSpec) -> LoadedDataset:
        """The graph with one of its splits, as :func:`~torque_core.datasets.load` returns other sets.

        Raises:
            BadConfig: The spec is of another graph.
        """
        spec.check_content(self.content)
        scheme = next(known for known in self.info.splits if known.name == spec.scheme)
        graph = largest_component(self.graph) if scheme.largest_component else self.graph
        x, y, edge_index = (graph.data[key] for key in ("x", "y", "edge_index"))
        assert scheme.fractions is not None
        split = stratified_split(y, scheme.fractions, seed=spec.split)
        data = Data(x=x, y=y, edge_index=edge_index, train_mask=split.train, val_mask=split.val, test_mask=split.test)
        notes = (*self.assumed, *graph.notes[len(self.graph.notes) :], *split_notes(y, split, self.info.class_names))
        return LoadedDataset(data, self.info, notes, graph.data.get("names"))


def assemble(parsed: Parsed, files: tuple[str, ...]) -> Imported:
    """Make a graph of what was read.

    Raises:
        BadFile: There are fewer than two nodes; a feature is no finite number; there are too many classes or features.
    """
    budget = parsed.budget
    size = len(parsed.ids)
    if not size:
        raise budget.bad("there is no node")
    if size == 1:
        raise budget.bad("there is only one node; rewiring needs two")
    ids, order = _order(parsed)
    columns = {name: _in_order(cells, order) for name, cells in parsed.columns.items()}
    assumed = list(parsed.notes)
    if parsed.left_out:
        assumed.append(f"Of links only their ends are read; left out: {', '.join(sorted(parsed.left_out)[:8])}.")
    if parsed.directed:
        assumed.append("The links have a direction; it was left out.")
    classed = _class_column(columns)
    labels = (name for name, cells in columns.items() if _are_names(name, cells))
    named = next((name for name in columns if name.lower() in NAME_NAMES), None) or next(labels, None)
    names = None
    if named is not None:
        names = tuple(str(ids[at] if cell is None else cell) for at, cell in enumerate(columns[named]))
    elif ids != tuple(map(str, range(size))):
        names = ids
    place = np.empty(size, dtype=np.int64)
    place[order] = np.arange(size)
    ends = np.array([parsed.source, parsed.target], dtype=np.int64).reshape(2, -1)
    links = torch.from_numpy(place[ends]) if ends.size else torch.empty(2, 0, dtype=torch.long)
    y, classes = _labels(columns[classed] if classed else [None] * size)
    budget.allow(classes=len(classes))
    if not classes:
        assumed.append("No classes: views that need them show a dash, and nothing can be trained.")
    elif len(classes) == 1:
        assumed.append(f"Only one class, {classes[0]}: nothing can be trained.")
    rest = {name: cells for name, cells in columns.items() if name not in (named, classed)}
    x, origin = _features(parsed, rest, order, links, assumed)
    data = Data(x=x, y=y, edge_index=links)
    if names is not None:
        data.names = names
    graph = tidy(data)
    pairs = undirected_pairs(links, size)
    twice = links.size(1) - int((links[0] == links[1]).sum()) - pairs.size(1)
    both_ways = 2 * pairs.size(1) == links.size(1)
    if twice and not both_ways:
        assumed.append(f"{count_of(twice, 'link')} that stood there more than once, or in both directions, became one.")
    assumed += [note for note in graph.notes if "one-way" not in note and "label" not in note]
    unknown = int((y < 0).sum())
    if classes and unknown:
        assumed.append(f"{count_of(unknown, 'node')} without a class: in no split.")
    read = (
        f"{count_of(size, 'node')} and {count_of(pairs.size(1), 'undirected edge')}.",
        f"Features: {origin}.",
        f"{len(classes)} classes: {', '.join(classes[:12])}{' …' if len(classes) > 12 else ''}." if classes
        else "No classes.",
        *([f"Names from the column {named}."] if named else ["Ids as names."] if names else []),
    )  # fmt: skip
    info = DatasetInfo(
        YOURS, budget.file, size, pairs.size(1), x.size(1), len(classes), edge_homophily(graph.data["edge_index"], y),
        "Your graph, in this session only.", "imported", "your files", "yours",
        class_names=None if classes == tuple(map(str, range(len(classes)))) else classes,
    )  # fmt: skip
    return Imported(graph, classes, read, tuple(assumed), info, _digest(graph.data, classes, files), files)


def _order(parsed: Parsed) -> tuple[tuple[str, ...], np.ndarray]:
    """Ids, and the places of the nodes in the order of the graph: by number if ids are 0, 1, 2, ..., else as read."""
    ids = tuple(parsed.ids)
    if all(text in parsed.ids for text in map(str, range(len(ids)))):
        order = np.array([parsed.ids[str(node)] for node in range(len(ids))], dtype=np.int64)
        return tuple(map(str, range(len(ids)))), order
    return ids, np.arange(len(ids))


def _in_order(cells: list[Cell], order: np.ndarray) -> list[Cell]:
    return [cells[at] if at < len(cells) else None for at in order.tolist()]


def _class_column(columns: dict[str, list[Cell]]) -> str | None:
    lower = {name.lower(): name for name in reversed(list(columns))}
    called_so = (lower[name] for name in CLASS_NAMES if name in lower)
    return next(
        (name for name in called_so if not (_are_names(name, columns[name]) or _are_measures(columns[name]))), None
    )


def _are_names(column: str, cells: list[Cell]) -> bool:
    """Whether labels are names, as Gephi calls them: each node has one of its own."""
    said = [cell for cell in cells if cell is not None]
    return column.lower() == "label" and len(said) > 2 and len(set(said)) == len(said)


def _are_measures(cells: list[Cell]) -> bool:
    """Whether all are numbers, and not all whole: places of a drawing, say, whose y is no class."""
    try:
        numbers = [float(cell) for cell in cells if cell is not None]
    except ValueError:
        return False
    return any(number % 1 > 0 for number in numbers)


def _labels(cells: list[Cell]) -> tuple[Tensor, tuple[str, ...]]:
    """Labels and class names; classes that are whole numbers are in their order, and negative ones are unknown."""
    said = [None if cell is None or str(cell).lower() in ("nan", "none", "null") else str(cell) for cell in cells]
    known = {text for text in said if text is not None}
    whole = all(text.lstrip("-").isdecimal() and text.isascii() and len(text) < 19 for text in known)
    classes = sorted((text for text in known if not (whole and text.startswith("-"))), key=int if whole else None)
    label = {text: number for number, text in enumerate(classes)}
    return torch.tensor([label.get(text, -1) if text is not None else -1 for text in said]), tuple(classes)


def _features(
    parsed: Parsed, columns: dict[str, list[Cell]], order: np.ndarray, links: Tensor, assumed: list[str]
) -> tuple[Tensor, str]:
    """Features by the array, by the columns of numbers, or by the structure; and where they are from."""
    budget, size = parsed.budget, len(order)
    texts = [name for name, cells in columns.items() if all(cell is None or isinstance(cell, str) for cell in cells)]
    numeric = [name for name in columns if name not in texts]
    if texts:
        assumed.append(f"Columns of text are no features and were left out: {', '.join(texts[:8])}.")
    if parsed.x is not None:
        with np.errstate(over="ignore"):  # it becomes infinite, and is refused
            x = parsed.x[order].astype(np.float32)
        bad = ~np.isfinite(x)
        if bad.any():
            node, column = np.argwhere(bad)[0].tolist()
            raise budget.bad(f"feature {column} of node {node:,} is {x[node, column]}, no finite number")
        if numeric:
            assumed.append(f"The features are the array; columns left out: {', '.join(numeric[:8])}.")
        if x.shape[1]:
            return torch.from_numpy(x), f"{x.shape[1]:,} columns of the array x"
    elif numeric:
        budget.allow(numbers=size * len(numeric))
        return _matrix(parsed, {name: columns[name] for name in numeric}, order, assumed)
    assumed.append(f"No features: each node has five numbers of its place in the graph, {', '.join(STRUCTURE)}.")
    return structure_features(undirected_pairs(links, size), size), "five numbers of structure"


def _matrix(
    parsed: Parsed, columns: dict[str, list[Cell]], order: np.ndarray, assumed: list[str]
) -> tuple[Tensor, str]:
    x = np.zeros((len(order), len(columns)), dtype=np.float32)
    missing = 0
    for at, (name, cells) in enumerate(columns.items()):
        if name in parsed.no_number:
            raise parsed.no_number[name]
        for node, cell in enumerate(cells):
            if cell is None:
                missing += 1
            else:
                x[node, at] = cell
    if missing:
        assumed.append(f"{count_of(missing, 'missing value')} of features taken as 0.")
    named = ", ".join(list(columns)[:8])[:200] + (" …" if len(columns) > 8 else "")
    return torch.from_numpy(x), f"{len(columns):,} columns of numbers, {named}"


def _digest(data: Data, classes: tuple[str, ...], files: tuple[str, ...]) -> str:
    digest = hashlib.sha256(repr((files, tuple(data["x"].shape), classes, data.get("names"))).encode())
    for key in ("x", "y", "edge_index"):
        digest.update(data[key].contiguous().numpy().tobytes())
    return digest.hexdigest()
