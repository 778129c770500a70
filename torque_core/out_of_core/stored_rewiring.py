"""The result of a rewiring in files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from torque_core import __version__
from torque_core.errors import BadFile
from torque_core.graph.pairs import directed_edges
from torque_core.out_of_core.plan import FORMAT
from torque_core.rewiring.spec import RewireSpec
from torque_core.utils.optional import require

__all__ = ["FATES", "RESULTS", "StoredLayer", "StoredRewiring"]

FATES = ("kept", "pruned")
"""Values of the column ``fate``."""

RESULTS = "results"
"""Name of the folder of the results; it exists only if they are complete."""


@dataclass(frozen=True)
class StoredLayer:
    """The result of one layer in Parquet files, sorted by source and target.

    The columns are ``source`` < ``target``; the factors of the torque and their product ``torque``; ``edge confidence``
    if the cut rule estimates it; ``weight`` and ``weight back``, from source to target and back, after the rewiring, if
    the edges have weights; and ``fate``, kept or pruned.

    Attributes:
        folder: Folder of the files.
        edges: Number of undirected edges.
        pruned: Number of pruned edges.
        threshold: Edges of at least this torque are pruned; infinite if none is.
        reason: The reason for the threshold, one sentence.
        null_fraction: Estimated fraction of random edges; None unless the cut rule is based on the torque gap.
    """

    folder: Path
    edges: int
    pruned: int
    threshold: float
    reason: str
    null_fraction: float | None = None

    @property
    def files(self) -> list[Path]:
        """The files in order."""
        return sorted(self.folder.glob("part-*.parquet"))

    def read(self, *columns: str) -> dict[str, Any]:
        """Read columns into memory as NumPy arrays, all of them by default; ``fate`` as an array of text."""
        parquet = require("pyarrow.parquet", extra="large")
        tables = [parquet.read_table(file, columns=list(columns) or None) for file in self.files]
        table = require("pyarrow", extra="large").concat_tables(tables)
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def graph(self) -> tuple[Tensor, Tensor | None]:
        """The rewired graph as ``edge_index``, :math:`(2, M)`, and ``edge_weight``, None if all are 1."""
        parquet = require("pyarrow.parquet", extra="large")
        compute = require("pyarrow.compute", extra="large")
        pairs, weights = [], []
        for file in self.files:
            names = ["source", "target", "weight", "weight back"]
            known = parquet.read_schema(file).names
            table = parquet.read_table(
                file, columns=[name for name in names if name in known], filters=compute.field("fate") == FATES[0]
            )
            columns = [torch.from_numpy(table.column(name).to_numpy().copy()) for name in table.column_names]
            pairs.append(torch.stack(columns[:2]))
            weights += [torch.stack(columns[2:])] if columns[2:] else []
        return directed_edges(torch.cat(pairs, dim=1), torch.cat(weights, dim=1) if weights else None)


@dataclass(frozen=True)
class StoredRewiring:
    """The result of :func:`~torque_core.out_of_core.rewire_store.rewire_store`.

    Attributes:
        folder: Folder of the results.
        spec: The spec of the rewiring.
        num_nodes: :math:`|\\mathcal{V}|`.
        layers: The result of each layer.
    """

    folder: Path
    spec: RewireSpec
    num_nodes: int
    layers: tuple[StoredLayer, ...]

    @classmethod
    def open(cls, folder: str | Path) -> "StoredRewiring":
        """Open the results that an earlier program wrote.

        Raises:
            BadFile: If the folder has no complete results, or those of another version.
        """
        file = Path(folder) / RESULTS / "summary.json"
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadFile(
                f"{folder} has no complete rewiring ({error.strerror}); run the same command again, which continues it"
            ) from error
        except ValueError as error:
            raise BadFile(f"{file} is damaged: {error}") from error
        if about.get("format") != FORMAT:
            raise BadFile(
                f"{folder} has format {about.get('format')}, written by version {about.get('version')}; this version "
                f"({__version__}) reads format {FORMAT}"
            )
        layers = tuple(
            StoredLayer(
                file.parent / f"layer-{number}",
                **{**layer, "threshold": float("inf") if layer["threshold"] is None else layer["threshold"]},
            )
            for number, layer in enumerate(about["layers"], start=1)
        )
        return cls(file.parent, RewireSpec(**about["spec"]), about["num_nodes"], layers)
