"""A visitor without a browser: it speaks the protocol of Streamlit's frontend, so a server is tested cheaply."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


@contextmanager
def visit(url: str, cookie: str = "") -> Iterator["Visitor"]:
    """Connect to a server with the cookie of an earlier visit, or with that which the server gives to a new browser."""
    with urlopen(url, timeout=60) as answer:
        cookie = cookie or (answer.headers.get("Set-Cookie") or "").partition(";")[0]
    with connect(
        f"{url.replace('http', 'ws', 1)}/_stcore/stream",
        additional_headers={"Cookie": cookie},
        max_size=None,
        max_queue=None,  # a visitor may read late what the server has sent
        ping_interval=None,
        subprotocols=["streamlit"],
    ) as connection:
        yield Visitor(connection, cookie)


class Visitor:
    """One session: pages are opened, buttons pressed, and texts waited for."""

    def __init__(self, connection: ClientConnection, cookie: str) -> None:
        self.cookie = cookie
        self.buttons: dict[str, str] = {}
        self.texts: list[str] = []
        self._socket = connection
        self._query = self._page = ""

    def open(self, link: str) -> Self:
        """Ask for a page, such as ``train?data=karate``, without waiting for it."""
        parts = urlsplit(link)
        self._page, self._query = parts.path, parts.query
        return self._rerun()

    def press(self, label: str) -> Self:
        """Press a button that was drawn."""
        return self._rerun(trigger=self.buttons[label])

    def wait(self, *words: str, seconds: float = 60) -> str:
        """Read until an element holds one of these words, and return its text."""
        live = False
        for message in self._messages(seconds):
            kind = message.WhichOneof("type")
            live = live or kind == "auto_rerun"
            if kind == "script_finished" and live:  # as the frontend does every second while a run is active
                self._rerun()
            if kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            if kind != "delta":
                continue
            button = message.delta.new_element.button
            self.buttons[button.label] = button.id
            text = str(message.delta)
            self.texts.append(text)
            if any(word in text for word in words):
                return text
        raise AssertionError(f"the server closed the connection before it said {words}")

    @property
    def link(self) -> dict[str, str]:
        """The parameters of the page's URL."""
        return dict(parse_qsl(self._query))

    def _rerun(self, trigger: str = "") -> Self:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self._query, self._page
        if trigger:
            widget = state.widget_states.widgets.add()
            widget.id, widget.trigger_value = trigger, True
        self._socket.send(message.SerializeToString())
        return self

    def _messages(self, seconds: float) -> Iterator[ForwardMsg]:
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(timeout=seconds))
            yield message
