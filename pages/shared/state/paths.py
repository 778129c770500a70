"""Folders of the app."""

from pathlib import Path

__all__ = ["ASSETS"]

ASSETS = Path(__file__).parents[3] / "assets"
"""Style sheet, scripts and icon of the pages."""
