"""Rewiring methods: the catalog, their comparison on one graph, and training with them."""
