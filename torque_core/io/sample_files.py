"""One small graph in every form that is read, to look at and to start from."""

import json

import pandas as pd

from torque_core.datasets.load import load
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.graph_formats import graph_file

__all__ = ["samples"]


def samples() -> dict[str, bytes]:
    """Zachary's karate club as files by name: links and nodes as CSV belong together, each other file is whole.

    Nodes have a class and two features, their degree and whether they lead a side.

    Example:
        >>> from torque_core.datasets.importers import import_graph
        >>> files = samples()
        >>> list(files)
        ['links.csv', 'nodes.csv', 'karate.graphml', 'karate.gexf', 'karate.json', 'karate.npz']
        >>> import_graph({"karate.json": files["karate.json"]}).info.edges
        78
    """
    data = load("karate").data
    y, size = data["y"], len(data["y"])
    pairs = undirected_pairs(data["edge_index"], size)
    members = [f"member {node + 1}" for node in range(size)]
    nodes = pd.DataFrame({
        "id": members,
        "class": [f"group {label}" for label in y.tolist()],
        "degree": pairs.flatten().bincount().tolist(),
        "leads": [int(node in (0, 33)) for node in range(len(members))],
    })  # fmt: skip
    links = pd.DataFrame({"source": [members[i] for i in pairs[0]], "target": [members[j] for j in pairs[1]]})
    document = {"directed": False, "nodes": nodes.to_dict("records"), "links": links.to_dict("records")}
    x = data["x"].new_tensor(nodes[["degree", "leads"]].to_numpy())
    return {
        "links.csv": links.to_csv(index=False, lineterminator="\n").encode(),
        "nodes.csv": nodes.to_csv(index=False, lineterminator="\n").encode(),
        "karate.graphml": graph_file("graphml", pairs, size, y=y, names=members),
        "karate.gexf": graph_file("gexf", pairs, size, y=y, names=members),
        "karate.json": json.dumps(document, indent=1).encode(),
        "karate.npz": graph_file("npz", pairs, size, y=y, x=x),
    }
