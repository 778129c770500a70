"""What the tests of pages share."""

import pytest
from streamlit.delta_generator import DeltaGenerator


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
