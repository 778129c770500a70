"""Caches of results: one shared by all sessions, and one per session for uploaded graphs."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

from torque_core import DatasetSpec
from torque_core.datasets.info import USER_GRAPH

__all__ = ["cached"]

_Rest = ParamSpec("_Rest")
_Result = TypeVar("_Result")
_Query = Callable[Concatenate[DatasetSpec, _Rest], _Result]


def cached(max_entries: int) -> Callable[[_Query[_Rest, _Result]], _Query[_Rest, _Result]]:
    """Decorate a function of a data set and further settings, so that it computes each result once.

    Results are shared by all sessions and must not be changed in place. Results for an uploaded graph are kept in its
    session only.

    Args:
        max_entries: Largest number of stored results.
    """

    def decorate(function: _Query[_Rest, _Result]) -> _Query[_Rest, _Result]:
        shared = st.cache_resource(function, max_entries=max_entries, show_spinner=False)
        private = st.cache_resource(function, max_entries=min(max_entries, 8), show_spinner=False, scope="session")

        @wraps(function)
        def query(spec: DatasetSpec, *rest: _Rest.args, **options: _Rest.kwargs) -> _Result:
            return (private if spec.name == USER_GRAPH else shared)(spec, *rest, **options)

        return query

    return decorate
