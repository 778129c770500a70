"""Caches of what the core says: one for all sessions, and one of its own for each session that brought a graph."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

from torque_core import DatasetSpec
from torque_core.datasets.info import USER_GRAPH

__all__ = ["cached"]

_Rest = ParamSpec("_Rest")
_Answer = TypeVar("_Answer")
_Question = Callable[Concatenate[DatasetSpec, _Rest], _Answer]


def cached(max_entries: int) -> Callable[[_Question[_Rest, _Answer]], _Question[_Rest, _Answer]]:
    """Ask once for each data set and settings, and share the answer, read-only.

    What is said of a person's own graph is kept for their session alone, and is gone with it.
    """

    def decorate(function: _Question[_Rest, _Answer]) -> _Question[_Rest, _Answer]:
        of_all = st.cache_resource(function, max_entries=max_entries, show_spinner=False)
        of_one = st.cache_resource(function, max_entries=min(max_entries, 8), show_spinner=False, scope="session")

        @wraps(function)
        def ask(spec: DatasetSpec, *rest: _Rest.args, **named: _Rest.kwargs) -> _Answer:
            return (of_one if spec.name == USER_GRAPH else of_all)(spec, *rest, **named)

        return ask

    return decorate
