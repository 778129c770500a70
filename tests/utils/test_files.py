import os
import stat

import pytest

from torque_core.utils.files import make_private, write_atomically


def test_write_returns_the_path(tmp_path):
    path = tmp_path / "name"
    assert write_atomically(path, b"content") == path
    assert path.read_bytes() == b"content"


@pytest.fixture(params=[0o000, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_private_files_and_folders_are_the_users_whatever_the_umask(tmp_path):
    folder = make_private(tmp_path / "runs")
    assert mode(folder) == 0o700
    assert mode(write_atomically(folder / "run", b"content", private=True)) == 0o600


def test_an_existing_folder_and_its_files_become_private(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("")
    (folder := tmp_path / "runs").mkdir()
    (file := folder / "run").write_text("")
    (folder / "link").symlink_to(outside)
    outside.chmod(0o644)
    file.chmod(0o644)
    folder.chmod(0o755)
    make_private(folder)
    assert (mode(folder), mode(file), mode(outside)) == (0o700, 0o600, 0o644)
