from torque_core.utils.files import write_atomically


def test_the_path_is_returned(tmp_path):
    path = tmp_path / "name"
    assert write_atomically(path, b"content") == path
    assert path.read_bytes() == b"content"
