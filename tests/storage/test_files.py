"""Files that appear whole or not at all."""

import pytest

from mockso.storage.files import write_atomically, write_secret_once


def test_a_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "one.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)

    write_atomically(path, b"new")

    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)


def test_a_copy_of_a_file_takes_the_place_of_another(tmp_path):
    source, path = tmp_path / "source", tmp_path / "one.bin"
    source.write_bytes(b"bytes")

    write_atomically(path, source)

    assert path.read_bytes() == b"bytes"
    assert sorted(tmp_path.iterdir()) == [path, source]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "folder" / "one.yaml", b"new")

    assert not list(tmp_path.iterdir())


def test_a_secret_is_written_once_and_for_its_owner(tmp_path):
    path = tmp_path / "key.pem"

    write_secret_once(path, b"first")
    write_secret_once(path, b"second")

    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"first", 0o600)
    assert list(tmp_path.iterdir()) == [path]
