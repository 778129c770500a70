"""A graph that was imported from files, with a report of its contents and of every assumption."""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.datasets.attributes import GraphAttributes
from torque_core.datasets.clean import CleanedGraph, format_count, largest_component
from torque_core.datasets.importers.roles import ColumnRoles, FileColumns
from torque_core.datasets.info import DatasetInfo
from torque_core.datasets.load import LoadedDataset, split_dataset
from torque_core.datasets.spec import DatasetSpec
from torque_core.errors import BadConfig

__all__ = ["Directions", "ImportedGraph"]


@dataclass(frozen=True)
class Directions:
    """The edges in the directions in which the files list them.

    Attributes:
        edge_index: The edges, sorted, :math:`(2, D)`; those that go both ways occur twice.
        edge_weight: Their weights, :math:`(D,)`; None if all are 1.
    """

    edge_index: Tensor
    edge_weight: Tensor | None = None


@dataclass(frozen=True)
class ImportedGraph:
    """A graph that was imported from files, with a report.

    Attributes:
        graph: Features, labels (-1 where unknown), both directions of every edge, and node names.
        classes: Name of each class, by label.
        contents: One sentence for each part that was read.
        notes: One sentence for each part that was missing, changed or ignored.
        info: The same description that other data sets have.
        content: SHA-256 of the graph and the file names, which identifies the graph.
        files: Names of the files.
        roles: The columns that were used; only those with an influence on the graph.
        columns: The columns that could be used instead.
        attributes: All attributes of the nodes and edges, by their names in the files.
        directions: The edges in their directions, which a spec with ``directed`` keeps.
        is_directed: Whether the files declare that edges are directed, and some go one way only.
    """

    graph: CleanedGraph
    classes: tuple[str, ...]
    contents: tuple[str, ...]
    notes: tuple[str, ...]
    info: DatasetInfo
    content: str
    files: tuple[str, ...]
    roles: ColumnRoles
    columns: FileColumns
    attributes: GraphAttributes
    directions: Directions
    is_directed: bool

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names of the nodes; None if they are only numbered."""
        return self.graph.data.get("names")

    @property
    def labelled(self) -> bool:
        """True if there are at least two classes, so that a model can be trained."""
        return len(self.classes) > 1

    def dataset(self, spec: DatasetSpec) -> LoadedDataset:
        """Return the graph with one of its splits, in the form in which :func:`~torque_core.datasets.load` returns it.

        Raises:
            BadConfig: If the spec describes another graph, or a split or directions that the files do not contain.
        """
        spec.check_content(self.content)
        scheme = next((offered for offered in self.info.splits if offered.name == spec.scheme), None)
        if scheme is None:
            raise BadConfig(f"the files contain no splits; choose a scheme other than {spec.scheme!r}")
        if spec.split >= scheme.count:
            raise BadConfig(f"the files contain {format_count(scheme.count, 'split')}, got the index {spec.split}")
        graph, attributes = self._in_directions() if spec.directed else self.graph, self.attributes
        if scheme.largest_component:
            whole = copy.copy(graph.data)
            whole.node = torch.arange(len(whole["y"]))
            graph = largest_component(CleanedGraph(whole, graph.notes))
            attributes = attributes.subset(graph.data["node"])
        kept = [note for note in graph.notes if note not in self.graph.notes]
        ignored = (
            ["The edges are directed; their direction was ignored."] if self.is_directed and not spec.directed else []
        )
        notes = (*self.notes, *ignored, *kept)
        return split_dataset(CleanedGraph(graph.data, notes), self.info, scheme, spec.split, attributes)

    def _in_directions(self) -> CleanedGraph:
        """The graph with the directions of its edges."""
        directed, edges = self.directions.edge_index.size(1), self.attributes.pairs.size(1)
        if directed == 2 * edges:
            raise BadConfig(
                "all edges go both ways in the files, so there are no directions to keep; set directed=False"
            )
        data = copy.copy(self.graph.data)
        data.edge_index = self.directions.edge_index
        if self.directions.edge_weight is not None:
            data.edge_weight = self.directions.edge_weight
        both = format_count(directed - edges, "pair", "is")
        note = (
            f"Edges keep their direction: {format_count(directed, 'directed edge')} between "
            f"{format_count(edges, 'pair')} of nodes, of which {both} joined in both directions."
        )
        return CleanedGraph(data, (*self.graph.notes, note))
