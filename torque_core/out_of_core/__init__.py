"""Rewiring of graphs in files, larger than the memory, on one machine or on a cluster."""

from torque_core.out_of_core.cluster import DaskRunner
from torque_core.out_of_core.edge_source import EdgeColumns
from torque_core.out_of_core.plan import StorePlan, make_plan
from torque_core.out_of_core.rewire_store import rewire_store
from torque_core.out_of_core.stored_rewiring import StoredLayer, StoredRewiring

__all__ = ["DaskRunner", "EdgeColumns", "StorePlan", "StoredLayer", "StoredRewiring", "make_plan", "rewire_store"]
