"""Time and memory of rewiring, beside its peers, on one machine in one go: ``python -m torque_core.bench``."""

__all__: list[str] = []
