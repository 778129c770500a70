"""Storage of experiment results."""

from pathlib import Path

__all__ = ["SHIPPED"]

SHIPPED = Path(__file__).with_name("_shipped") / "results.sqlite.xz"
"""The results that come with the package."""
