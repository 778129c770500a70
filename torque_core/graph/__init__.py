"""Undirected node pairs of a PyG graph, mean propagation over them, and noise."""
