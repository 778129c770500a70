"""A visitor without a browser: it speaks the protocol of Streamlit's frontend, so a server is tested cheaply."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
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
    """One session: pages are opened, buttons pressed, sliders moved, and texts waited for."""

    def __init__(self, connection: ClientConnection, cookie: str) -> None:
        self.cookie = cookie
        self.buttons: dict[str, str] = {}
        self.sliders: dict[str, str] = {}
        self.alerts: list[str] = []
        self.exceptions: list[str] = []
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
        state = WidgetState(id=self.buttons[label], trigger_value=True)
        return self._rerun(state)

    def slide(self, label: str, value: float) -> Self:
        """Move a slider that was drawn."""
        state = WidgetState(id=self.sliders[label])
        state.double_array_value.data.append(value)
        return self._rerun(state)

    def wait(self, *words: str, seconds: float = 60) -> str:
        """Read until an element or the query of the URL holds one of these words, and return its text."""
        pause = None
        for message in self._messages(seconds):
            kind = message.WhichOneof("type")
            if kind == "auto_rerun":  # the frontend does it as often while a run is active
                pause = message.auto_rerun.interval
            if kind == "script_finished" and pause is not None:
                time.sleep(pause)
                self._rerun()
            text = {"delta": str(message.delta), "page_info_changed": self._query}.get(kind, "")
            if any(word in text for word in words):
                return text
        raise AssertionError(f"the server closed the connection before it said {words}")

    def finish(self, *, seconds: float = 60) -> Self:
        """Read until the page is complete."""
        complete = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        for message in self._messages(seconds):
            if message.WhichOneof("type") == "script_finished" and message.script_finished in complete:
                return self
        raise AssertionError("the server closed the connection before the page was complete")

    @property
    def link(self) -> dict[str, str]:
        """The parameters of the page's URL."""
        return dict(parse_qsl(self._query))

    def _rerun(self, *widgets: WidgetState) -> Self:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self._query, self._page
        state.widget_states.widgets.extend(widgets)
        self._socket.send(message.SerializeToString())
        return self

    def _messages(self, seconds: float) -> Iterator[ForwardMsg]:
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(timeout=seconds))
            match message.WhichOneof("type"):
                case "new_session":
                    self.alerts.clear()
                case "page_info_changed":
                    self._query = message.page_info_changed.query_string
                case "delta":
                    self._note(message.delta)
            yield message

    def _note(self, delta: Delta) -> None:
        element = delta.new_element
        self.texts.append(str(delta))
        match element.WhichOneof("type"):
            case "button":
                self.buttons[element.button.label] = element.button.id
            case "slider":
                self.sliders[element.slider.label] = element.slider.id
            case "alert":
                self.alerts.append(element.alert.body)
            case "exception":
                self.exceptions.append(element.exception.message)
