"""Rewiring methods: the catalog, their comparison on one graph, and training with them."""

from torque_core.methods.catalog import METHODS, find_method, methods_for
from torque_core.methods.compare import MethodResult, compare
from torque_core.methods.method import Method, register_method
from torque_core.methods.train_by import train_by

__all__ = ["METHODS", "Method", "MethodResult", "compare", "find_method", "methods_for", "register_method", "train_by"]
