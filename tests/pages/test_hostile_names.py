"""Names from links, files and runs are shown as text on every page; exports of an uploaded graph are made."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.protobuf.message import Message
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from pages.shared.core.markdown import escape_markdown
from pages.shared.frame.navigation import PAGES, page_script
from pages.shared.state.declarations import SETTINGS
from pages.shared.views import export_menu
from tests.hostile import HOST, LINES, NAMES, files, link
from tests.pages.test_train import trained
from torque_core import TorqueError

ROOT = Path(__file__).parents[2]
# fields that the browser reads as Markdown, by their names in Streamlit's protocol
MARKDOWN = {"body", "label", "help", "text", "caption", "captions", "delta", "content", "title", "placeholder"}
MARKUP = re.compile(
    r"(?<!\\)(?:(?<=!)\[\]\(|\[go\]|<img src|<a href|<b>|\$x\^2|\*\*bold|~~no|`code|:red\[|:smile|:material/home|&lt;b"
    r"|^\W*# second|^\W*# a)",
    re.MULTILINE,
)


def settled(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


def app(page: str, **link: str) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in link.items():
        test.query_params[key] = value
    return settled(test.switch_page(page_script(page)).run())


def texts(message: Message) -> Iterator[str]:
    """All texts of a message that the browser reads as Markdown."""
    for field, value in message.ListFields():
        parts = value if field.is_repeated else [value]
        if field.type == field.TYPE_MESSAGE and not field.message_type.GetOptions().map_entry:
            for part in parts:
                yield from texts(part)
        elif field.type == field.TYPE_STRING and field.name in MARKDOWN:
            yield from parts


def markdown(test: AppTest) -> list[str]:
    protos = [node.proto for node in test._tree if isinstance(getattr(node, "proto", None), Message)]
    return [text for proto in protos for text in texts(proto)]


def check(test: AppTest) -> str:
    """Assert that no text on the page has markup of a name; return all texts."""
    shown = "\n".join(markdown(test))
    assert not MARKUP.findall(shown)
    return shown


def uploaded() -> AppTest:
    test = app("your_graph")
    upload = [(name, content, "text/csv") for name, content in files().items()]
    settled(test.file_uploader(key="upload").set_value(upload).run())
    check(test)
    return settled(test.button(key="use_graph").click().run())


@pytest.fixture
def downloads(monkeypatch) -> dict[str, object]:
    """What each download button of the pages since gives, by its label."""
    given = {}
    button = DeltaGenerator.download_button

    def noted(self, label, data, *args, **options):
        given[label] = data
        return button(self, label, data, *args, **options)

    monkeypatch.setattr(DeltaGenerator, "download_button", noted)
    return given


def made(make: Callable[[], str | bytes]) -> str:
    """The content of a file, made as a click makes it: in a thread that belongs to no session."""
    content: list[str | bytes] = []
    thread = threading.Thread(target=lambda: content.append(make()))
    thread.start()
    thread.join()
    return content[0] if isinstance(content[0], str) else content[0].decode()


@pytest.mark.parametrize("page", PAGES)
def test_values_of_a_link_are_shown_as_text(page):
    part = list(PAGES).index(page)
    shown = check(app(page, **link(part)))
    assert escape_markdown(NAMES[part])[:30] in shown


def test_values_of_a_session_file_are_shown_as_text():
    test = app("explore")
    session = {"app": "Torque Explorer", "version": NAMES[0], "page": NAMES[7], "settings": {NAMES[2]: NAMES[3]}}
    session["settings"] |= dict(zip(SETTINGS, NAMES, strict=False)) | {"study": LINES}
    upload = [("s.json", json.dumps(session).encode(), "application/json")]
    settled(test.file_uploader(key="session_file").set_value(upload).run())
    assert "more" in test.warning[0].value
    check(test)


def test_names_of_an_uploaded_graph_are_shown_as_text_and_exported(downloads):
    test = uploaded()
    settled(test.sidebar.slider(key="rate").set_value(50).run())
    test.session_state.tables, test.session_state.picked = True, ("3", "0-1")
    test.session_state.epochs, test.session_state.models = 10, ["plain", "torque"]
    for page in [name for name in PAGES if name != "start"]:  # it hands a link on to Explore
        downloads.clear()
        settled(test.switch_page(page_script(page)).run())
        if page == "train":
            trained(test)
            run = test.session_state.job[0]
            test.text_input(key=f"name_{run}").set_value(NAMES[3][:40]).run()
        text = check(test)
        assert "desrever" not in text or "\\\\u202edesrever" in text
        for label, make in downloads.items():
            content = made(make) if callable(make) else make
            assert content
            if label == "Report of this view":
                assert "AUROC of torque" in content
                assert f"<img src=//{HOST}" not in content
            elif label == "Download the graph" or label == "Table as CSV":
                assert not re.search(r"(?:^|[,;|\t\n])[\s\"]*[=@＝]", content)
        expected = {"explore", "layers", "receptive_field", "compare"}
        assert ("Report of this view" in downloads) == (page in expected), page
    (epoch, *_) = test.session_state.own_runs.runs[run].models["torque"].refreshes
    test.session_state.snapshot = f"{run}-torque-{epoch}"
    settled(test.switch_page(page_script("explore")).run())
    assert r"«\<a href=" in check(test)


def test_a_failed_export_says_why(downloads, monkeypatch):
    test = app("explore", data="karate")

    def fail(*args: object) -> str:
        raise TorqueError("the *disk* is full")

    monkeypatch.setattr(export_menu, "report_html", fail)
    with pytest.raises(TorqueError):
        downloads["Report of this view"]()
    settled(test.run())
    assert [error.value for error in test.error] == ["Report of this view failed. TorqueError: the \\*disk\\* is full"]
    settled(test.run())
    assert not test.error
