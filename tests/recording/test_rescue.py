"""Row 31 of the table of faults: nothing that was recorded is lost."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import pytest

from mockso.errors import SettingError
from mockso.journal.journal import Journal
from mockso.recording import rescue
from mockso.recording.tape import IN_MEMORY, Spool
from tests.conftest import call
from tests.journal.entries import finished
from tests.making import tiny


def test_a_place_in_folders_that_are_made_later_is_taken(tmp_path):
    rescue.try_place(tmp_path / "a" / "b" / "r.yaml")

    assert list(tmp_path.iterdir()) == []


def test_a_place_below_a_file_is_refused(tmp_path):
    (tmp_path / "a").write_text("")

    with pytest.raises(SettingError, match=r"--out .*r\.yaml: cannot be written"):
        rescue.try_place(tmp_path / "a" / "r.yaml")


def test_calls_in_memory_are_copied_to_a_file_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    journal = Journal()
    journal.add(finished(tiny(), journal.arrive(call())))

    line = rescue.keep_calls(journal, "", Path("r.yaml"))

    (place,) = tmp_path.glob("*/calls.journal")
    assert f"kept in {place}; 'mockso record --from-journal {place} --out r.yaml'" in line
    assert Journal(str(place), writing=False).count() == 1


def test_calls_in_a_file_stay_there():
    assert "kept in calls.db;" in rescue.keep_calls(Journal(), "calls.db", Path("r.yaml"))


def test_where_no_folder_takes_them_the_causes_are_told(monkeypatch):
    def refuse(**options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)

    assert "could not be kept either" in rescue.keep_calls(Journal(), "", Path("r.yaml"))
    assert "No space left" in rescue.keep_calls(Journal(), "", Path("r.yaml"))


def test_a_body_for_which_the_disk_is_full_goes_on_and_is_counted(tmp_path, monkeypatch):
    def refuse(**options):
        raise OSError(errno.ENOSPC, "No space left on device")

    spool = Spool(tmp_path)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)

    passed = b"".join(spool.tee(iter([b"x" * IN_MEMORY, b"y", b"z"])))
    body = spool.finish()

    assert len(passed) == IN_MEMORY + 2
    assert not body.whole
    assert body.loss == "its body could not be kept: No space left on device"
    assert body.size == IN_MEMORY + 2
