"""A person brings a graph: each form of file, good and bad, and then looks at it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App
from torque_core.io.example_files import example_files

pytestmark = pytest.mark.browser
BAD = {
    "bad.csv": (b"source,target\na,b\nc\n", "bad.csv, line 3: expected the two ends of an edge"),
    "bad.graphml": (b'<!DOCTYPE x [<!ENTITY a "b">]><graphml/>', "bad.graphml, line 1: document type declarations"),
    "bad.gexf": (b"<gexf><graph>", "bad.gexf, line 1: not valid XML"),
    "bad.json": (b'{"nodes": [', "bad.json, line 1: not valid JSON"),
    "bad.npz": (b"PK\x03\x04", "bad.npz: not an npz file"),
}


def bring(app: App, files: dict[str, bytes]) -> None:
    given = [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in files.items()]
    app.page.locator("input[type=file]").first.set_input_files(given)
    app.settle()


def test_each_form_is_read_shown_and_used(app: App):
    files = example_files()
    app.open("/your_graph").healthy()
    links, nodes = files.pop("edges.csv"), files.pop("nodes.csv")
    for upload in ({"edges.csv": links, "nodes.csv": nodes}, *({name: content} for name, content in files.items())):
        app.open("/your_graph")
        bring(app, upload)
        app.healthy()
        assert (app.metric("Nodes"), app.metric("Edges"), app.metric("Classes")) == ("34", "78", "4")
    bring_back = next(iter(upload))
    app.page.get_by_role("button", name="Use this graph").click()
    expect(app.page).to_have_url(re.compile(r"/explore\?data=yours"))
    app.settle().healthy()
    expect(app.page.get_by_text(bring_back).first).to_be_visible()
    expect(app.network("Network of layer 1: 34 nodes").locator("canvas")).to_be_visible()
    app.page.reload()
    app.settle().healthy()
    expect(app.page.get_by_text(bring_back).first).to_be_visible()  # it survives a reload of its page
    expect(app.page.get_by_text("session that has ended")).to_have_count(0)


def test_what_is_wrong_is_said_and_the_next_file_is_read(app: App):
    app.open("/your_graph")
    for name, (content, said) in BAD.items():
        app.open("/your_graph")
        bring(app, {name: content})
        app.healthy()
        expect(app.page.get_by_text(said)).to_be_visible()
        expect(app.page.get_by_role("button", name="Use this graph")).to_have_count(0)
    bring(app, {})
    app.open("/your_graph")
    bring(app, {"edges.csv": example_files()["edges.csv"]})
    assert app.metric("Nodes") == "34"
    expect(app.page.get_by_text("No features: five structural features")).to_be_visible()


def test_samples_are_downloaded(app: App, tmp_path: Path):
    app.open("/your_graph")
    for name, content in example_files().items():
        with app.page.expect_download() as download:
            app.page.locator(f".st-key-sample_{name.replace('.', '-')}").get_by_role("button").click()
        assert download.value.suggested_filename == name
        assert Path(download.value.path()).read_bytes() == content
