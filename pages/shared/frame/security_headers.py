"""Headers that tell browsers what a page of the app may load, and who may embed it."""

import os

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["METRICS_VARIABLE", "SecurityHeaders"]

METRICS_VARIABLE = "TORQUE_METRICS"
"""Environment variable that switches the metrics endpoint on, if it is 1."""
_METRICS = "/_stcore/metrics"
# Streamlit needs inline scripts and styles, and compiles WebAssembly; components are loaded from blob: addresses.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline' blob:",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in _POLICY.items()),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """ASGI middleware that adds the headers to every answer, and hides the server's metrics unless they are wanted.

    A page may load scripts, styles, pictures and data from its own server only, and only pages of that server may embed
    it. Streamlit serves counts of sessions and the memory of caches to anyone; they are off unless the environment
    variable :data:`METRICS_VARIABLE` is 1.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        app = self._app
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(_METRICS):
            app = app if os.environ.get(METRICS_VARIABLE) == "1" else PlainTextResponse("Not Found", status_code=404)
        await app(scope, receive, send_with_headers)
