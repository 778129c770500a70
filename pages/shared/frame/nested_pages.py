"""Redirection of addresses below a page, which Streamlit would answer with a blank page."""

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.shared.frame.navigation import PAGES

__all__ = ["NestedPages"]

_SERVED = frozenset({"_stcore", "app", "component", "media", "static", "vendor"})
"""First parts of the addresses that Streamlit serves itself."""


class NestedPages:
    """ASGI middleware that leads a browser from an address such as ``/explore/more`` to the page that it names.

    The page of such an address would look for its scripts below it, and stay blank. If no part of the address is the
    name of a page, the first part is asked for, and Streamlit says that there is no such page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or st.get_option("server.baseUrlPath"):
            return await self._app(scope, receive, send)
        parts = [part for part in scope["path"].split("/") if part]
        page_wanted = scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
        if not page_wanted or len(parts) < 2 or parts[0] in _SERVED:
            return await self._app(scope, receive, send)
        page = next((part for part in parts if part in PAGES), parts[0])
        query = scope.get("query_string", b"").decode("latin-1")
        redirect = RedirectResponse(f"/{page}" + (f"?{query}" if query else ""), status_code=302)
        return await redirect(scope, receive, send)
