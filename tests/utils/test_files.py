from torque_core.utils.files import write_atomically


def test_write_returns_the_path(tmp_path):
    path = tmp_path / "name"
    assert write_atomically(path, b"content") == path
    assert path.read_bytes() == b"content"
