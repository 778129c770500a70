"""Cached access to `torque_core`; all other code of the app goes through this package."""
