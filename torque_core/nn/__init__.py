"""Models whose layers each have a graph of their own."""

from torque_core.nn.torque_gnn import TorqueGNN

__all__ = ["TorqueGNN"]
