"""One small graph in every format that :mod:`torque_core.datasets.importers` reads."""

import json

from torque_core.datasets.load import load
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.graph_formats import graph_file
from torque_core.utils.optional import require

__all__ = ["example_files"]


def example_files() -> dict[str, bytes]:
    """Return Zachary's karate club as files by name.

    The edges and the nodes in CSV belong together; each other file contains the whole graph. Nodes have a class and
    two features: their degree, and whether they lead one of the two groups.

    Raises:
        MissingDependency: If pandas is not installed.

    Example:
        >>> from torque_core.datasets.importers import import_graph
        >>> files = example_files()
        >>> list(files)
        ['edges.csv', 'nodes.csv', 'karate.graphml', 'karate.gexf', 'karate.json', 'karate.npz']
        >>> import_graph({"karate.json": files["karate.json"]}).info.edges
        78
    """
    pd = require("pandas", extra="app")
    data = load("karate").data
    y, num_nodes = data["y"], len(data["y"])
    pairs = undirected_pairs(data["edge_index"], num_nodes)
    members = [f"member {node + 1}" for node in range(num_nodes)]
    nodes = pd.DataFrame({
        "id": members,
        "class": [f"group {label}" for label in y.tolist()],
        "degree": pairs.flatten().bincount().tolist(),
        "leads": [int(node in (0, 33)) for node in range(num_nodes)],
    })  # fmt: skip
    edges = pd.DataFrame({"source": [members[i] for i in pairs[0]], "target": [members[j] for j in pairs[1]]})
    document = {"directed": False, "nodes": nodes.to_dict("records"), "links": edges.to_dict("records")}
    x = data["x"].new_tensor(nodes[["degree", "leads"]].to_numpy())
    return {
        "edges.csv": edges.to_csv(index=False, lineterminator="\n").encode(),
        "nodes.csv": nodes.to_csv(index=False, lineterminator="\n").encode(),
        "karate.graphml": graph_file("graphml", pairs, num_nodes, y=y, names=members),
        "karate.gexf": graph_file("gexf", pairs, num_nodes, y=y, names=members),
        "karate.json": json.dumps(document, indent=1).encode(),
        "karate.npz": graph_file("npz", pairs, num_nodes, y=y, x=x),
    }
