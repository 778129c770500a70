"""Every answer of the server has the headers, and its metrics are off by default."""

import pytest

from pages.shared.frame.security_headers import METRICS_VARIABLE, SecurityHeaders
from tests.run_async import run_async


def answer(path: str) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer of a server that knows every path."""
    messages = []

    async def server(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"ALLOWALL")]})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        messages.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    run_async(SecurityHeaders(server)(scope, None, send))
    return messages[0]["status"], {name.decode(): value.decode() for name, value in messages[0]["headers"]}


@pytest.mark.parametrize("path", ["/", "/explore", "/_stcore/health", "/_stcore/metrics"])
def test_every_answer_names_what_a_page_may_load(path):
    _, headers = answer(path)
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'self'"
    assert policy["object-src"] == "'none'"
    for sources in policy.values():
        assert not any("//" in source or source in ("*", "http:", "https:") for source in sources.split())
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/base/path/_stcore/metrics"])
def test_metrics_are_off_by_default(path, monkeypatch):
    monkeypatch.delenv(METRICS_VARIABLE, raising=False)
    assert answer(path)[0] == 404
    monkeypatch.setenv(METRICS_VARIABLE, "1")
    assert answer(path)[0] == 200
    assert answer("/_stcore/health")[0] == 200


def test_a_websocket_passes():
    seen = []

    async def server(scope, receive, send):
        seen.append(scope["type"])

    run_async(SecurityHeaders(server)({"type": "websocket", "path": "/_stcore/stream"}, None, None))
    assert seen == ["websocket"]
