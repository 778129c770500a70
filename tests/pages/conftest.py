"""What the tests of pages share."""

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.delta_generator import DeltaGenerator


@pytest.fixture(scope="session", autouse=True)
def installed_components():
    """Look for installed components once: each app under test would read the metadata of all packages for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def made(monkeypatch):
    """What the download buttons would make, by file name."""
    files = {}
    download = DeltaGenerator.download_button

    def kept(self, label, data, file_name, *args, **options):
        files[file_name] = data
        return download(self, label, data, file_name, *args, **options)

    monkeypatch.setattr(DeltaGenerator, "download_button", kept)
    return files
