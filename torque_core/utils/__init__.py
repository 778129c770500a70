"""Validation, registries, devices, random streams, sparse products and files: what every other package builds on."""

__all__: list[str] = []
