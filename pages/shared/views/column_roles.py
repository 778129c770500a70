"""Selectors of the columns of an uploaded graph: what each contains, guessed and correctable."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from torque_core.datasets.importers import ColumnRoles, FileColumns, ImportedGraph
from torque_core.utils.text import visible

__all__ = ["draw_column_roles"]

_NONE = "–"
_FIXED = "The file format fixes this."
_ROLES: dict[str, tuple[str, Callable[[FileColumns], tuple[str, ...]], str]] = {
    "id": ("Node id", lambda columns: columns.ids, "Column of the table of nodes by which edges refer to them."),
    "source": ("Source", lambda columns: columns.ends, "Column of the first end in the table of edges."),
    "target": ("Target", lambda columns: columns.ends, "Column of the second end in the table of edges."),
    "weight": ("Edge weight", lambda columns: columns.edges, "Edge attribute with positive numbers. Without it, all "
               "edges have the same weight."),
    "classes": ("Class", lambda columns: columns.nodes, "Node attribute with the classes."),
    "name": ("Name", lambda columns: columns.nodes, "Node attribute with the names. Without it, the ids are names."),
}  # fmt: skip
_LISTS: dict[str, tuple[str, Callable[[FileColumns], tuple[str, ...]], str]] = {
    "features": ("Features", lambda columns: columns.features, "Node attributes with numbers. Without any, structural "
                 "features are computed."),
    "split": ("Split", lambda columns: columns.nodes, "One node attribute with the words train, val and test, or one "
              "mask for each of them."),
}  # fmt: skip
_REQUIRED = ("id", "source", "target")


def draw_column_roles(
    own: ImportedGraph, chosen: ColumnRoles, on_change: Callable[[ColumnRoles], None], *, serial: int
) -> None:
    """Draw a selector for each role, with the column that is used, and the list of columns without a role.

    Args:
        own: The graph.
        chosen: The roles that the user has chosen before.
        on_change: Called with the roles when the user chooses another column.
        serial: A number that changes when the selectors must show the columns in use again.
    """

    def change(role: str, key: str) -> None:
        value = st.session_state[key]
        if role in _LISTS:
            on_change(replace(chosen, **{role: tuple(value)}))
        else:
            on_change(replace(chosen, **{role: "" if value == _NONE else value}))

    st.markdown("**Who is who**: the columns in use. A guess can be wrong; choose another column to read it again.")
    grid = [*st.columns(3), *st.columns(3)]
    for place, (role, (title, offered, description)) in zip(grid, _ROLES.items(), strict=True):
        columns, used, key = offered(own.columns), getattr(own.roles, role), f"role_{role}_{serial}"
        options = [*([] if role in _REQUIRED and columns else [_NONE]), *columns]
        place.selectbox(
            title, options, index=options.index(used) if used in options else 0, key=key, disabled=not columns,
            format_func=visible, on_change=change, args=(role, key),
            help=description if columns else f"{description} {_FIXED if role in _REQUIRED else 'There is none.'}",
        )  # fmt: skip
    for place, (role, (title, offered, description)) in zip(st.columns(2), _LISTS.items(), strict=True):
        columns, used, key = offered(own.columns), getattr(own.roles, role) or (), f"role_{role}_{serial}"
        place.multiselect(
            title, columns, default=[name for name in used if name in columns], key=key, disabled=not columns,
            format_func=visible, on_change=change, args=(role, key), help=description,
            placeholder="none" if columns else "no such columns",
        )  # fmt: skip
