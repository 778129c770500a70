"""An address below a page leads to the page; what Streamlit serves itself passes."""

import pytest

from pages.shared.frame.nested_pages import NestedPages
from tests.run_async import run_async


def answer(path: str, *, query: str = "", accept: str = "text/html,*/*") -> tuple[int, str]:
    """Status and target of an answer of a server that knows every path."""
    messages = []

    async def server(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        messages.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": query.encode(),
        "headers": [(b"accept", accept.encode())],
    }  # fmt: skip
    run_async(NestedPages(server)(scope, None, send))
    return messages[0]["status"], dict(messages[0]["headers"]).get(b"location", b"").decode()


@pytest.mark.parametrize(
    ("path", "target"),
    [("/nonsense/page", "/nonsense"), ("/explore/more/still", "/explore"), ("/app2/layers", "/layers")],
)
def test_an_address_below_a_page_leads_to_it(path, target):
    assert answer(path) == (302, target)
    assert answer(path, query="data=karate") == (302, f"{target}?data=karate")


@pytest.mark.parametrize("path", ["/", "/explore", "/nonsense", "/_stcore/health", "/media/file/a.html"])
def test_other_addresses_pass(path):
    assert answer(path) == (200, "")


def test_a_script_is_not_a_page():
    assert answer("/nonsense/static/js/index.js", accept="*/*") == (200, "")
