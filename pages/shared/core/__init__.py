"""Cached access to :mod:`torque_core`; pages compute nothing and ask this package."""
