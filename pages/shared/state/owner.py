"""Owners of runs: a browser proves that it started a run by a secret cookie, which no page, link or file contains."""

import hashlib
import re
import secrets

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

__all__ = ["OwnerCookie", "owner_id", "session_id"]

_NAME = "torque_owner"
_SECRET = re.compile("[0-9a-f]{32}")
_MAX_AGE = 365 * 24 * 3600  # seconds


class OwnerCookie:
    """ASGI middleware that gives every browser without a secret a random one.

    Scripts cannot read the cookie (``HttpOnly``), and other sites cannot send it (``SameSite``).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; an answer that is a web page carries the cookie if the request had none."""

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    secure = "; Secure" if scope["scheme"] == "https" else ""
                    cookie = f"{_NAME}={secrets.token_hex(16)}; Max-Age={_MAX_AGE}; Path=/; HttpOnly; SameSite=Lax"
                    headers.append("set-cookie", cookie + secure)
            await send(message)

        known = scope["type"] != "http" or _SECRET.fullmatch(Request(scope).cookies.get(_NAME, ""))
        await self._app(scope, receive, send if known else send_with_cookie)


def owner_id() -> str:
    """Return the digest of this browser's secret, which is the same in all its tabs and after a restart of the server.

    A browser that sends no secret, as it refuses cookies, owns runs only until its page is reloaded.
    """
    secret = str(st.context.cookies.get(_NAME))
    return hashlib.sha256(secret.encode()).hexdigest()[:32] if _SECRET.fullmatch(secret) else session_id()


def session_id() -> str:
    """Return the id of this session; a page that is reloaded belongs to a new session."""
    context = get_script_run_ctx()
    return context.session_id if context else ""
