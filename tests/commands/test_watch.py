"""Scenario files that change while they are played."""

from __future__ import annotations

import os

import pytest

from mockso.commands.watch import Watch
from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from mockso.scenario.library import load_scenarios
from tests.conftest import NOON, call

FILE = "name: {name}\nsteps:\n  - match: {{operation: getContact}}\n    reply: {{status: {status}}}\n"


class Played:
    """A folder with a scenario that is played, and a watch on it that is asked to look."""

    def __init__(self, folder, tiny):
        self.folder = folder
        self.changes = 0
        self.write("a.yaml", "a", 204)
        settings = Settings(scenarios=(str(folder),))
        self.engine = Engine(
            settings, [tiny], Journal(), load_scenarios(settings.scenarios, tiny), clock=lambda: NOON
        )
        self.said: list[str] = []
        self.watch = Watch(self.engine, self.said.append)

    def write(self, file, name, status):
        self.text(file, FILE.format(name=name, status=status))

    def text(self, file, text):
        path = self.folder / file
        path.write_text(text)
        self.changes += 1  # the clock of some disks has seconds only
        os.utime(path, (self.changes, self.changes))

    def status(self, **asked):
        return self.engine.handle(call(**asked)).status


@pytest.fixture
def played(tmp_path, tiny):
    made = Played(tmp_path, tiny)
    yield made
    made.engine.close()


def test_a_changed_file_is_played_for_tenants_that_are_there_and_to_come(played):
    before = played.status()

    played.write("a.yaml", "a", 410)
    played.watch.look()

    assert (before, played.status(), played.status(tenant="Cust2")) == (204, 410, 410)
    assert played.said == [f"mockso: {played.folder / 'a.yaml'}: reloaded."]


def test_a_file_that_does_not_change_goes_on_counting(played):
    played.status()

    played.watch.look()

    assert [c.uses for c in played.engine.tenants.of("Cust12345").scenarios.counters()] == [1]
    assert played.said == []


def test_a_broken_change_keeps_the_version_before_and_says_so(played):
    played.text("a.yaml", "name: a\nsteps:\n  - reply: {staus: 410}\n")
    played.watch.look()

    assert played.status() == 204
    told, kept = played.said
    assert told.startswith(f"mockso: {played.folder / 'a.yaml'}:3:13: steps[0].reply.staus: no such key.")
    assert kept.endswith("not reloaded; the version before is played on.")
    assert [fault.line for fault in played.engine.playlist.faults] == [3]


def test_a_broken_change_is_told_once_and_forgotten_when_it_is_put_right(played):
    played.text("a.yaml", "name: a\n")
    played.watch.look()
    played.watch.look()
    said = len(played.said)

    played.write("a.yaml", "a", 410)
    played.watch.look()

    assert said == 2
    assert played.engine.playlist.faults == ()
    assert played.status() == 410


def test_a_reloaded_scenario_keeps_its_place_among_others(played):
    played.write("b.yaml", "b", 411)
    played.watch.look()
    assert played.status() == 411  # the one loaded last is asked first

    played.write("a.yaml", "a", 410)
    played.watch.look()

    assert played.status() == 411
    assert [s.name for s in played.engine.tenants.of("Cust12345").scenarios] == ["b", "a"]


def test_a_scenario_that_is_renamed_in_its_file_replaces_itself(played):
    played.status()

    played.write("a.yaml", "other", 410)
    played.watch.look()

    assert [s.name for s in played.engine.tenants.of("Cust12345").scenarios] == ["other"]
    assert played.status(tenant="Cust2") == 410


def test_two_files_of_one_name_are_a_fault(played):
    played.write("b.yaml", "a", 411)
    played.watch.look()

    assert played.status() == 204
    assert "a.yaml is called 'a' too; rename one." in played.said[0]
    assert played.said[1].endswith("b.yaml: not played.")


def test_a_file_that_is_gone_is_played_no_more_but_not_at_once(played):
    played.status()
    (played.folder / "a.yaml").unlink()

    played.watch.look()
    at_once = played.status()
    played.watch.look()

    assert (at_once, played.status(), played.status(tenant="Cust2")) == (204, 200, 200)
    assert played.said == [f"mockso: {played.folder / 'a.yaml'}: gone; 'a' is not played any more."]


def test_a_scenario_that_was_stopped_stays_so(played):
    played.status()
    played.engine.tenants.of("Cust12345").scenarios.unload("a")

    played.write("a.yaml", "a", 410)
    played.watch.look()

    assert played.status() == 200


def test_a_changed_body_file_is_taken_up(played):
    text = "name: a\nsteps:\n  - match: {method: GET}\n    reply: {status: 409, body_file: body.txt}\n"
    played.text("body.txt", "one")
    played.text("a.yaml", text)
    played.watch.look()
    one = played.engine.handle(call()).body

    played.text("body.txt", "two")
    played.watch.look()

    assert (one, played.engine.handle(call()).body) == (b"one", b"two")


def test_a_profile_that_is_taken_out_of_a_file_is_no_longer_the_tenants(played):
    played.text("a.yaml", "profile: onsite\n" + FILE.format(name="a", status=204))
    played.watch.look()
    turned = played.engine.tenants.of("Cust1").online

    played.write("a.yaml", "a", 204)
    played.watch.look()

    assert (turned, played.engine.tenants.of("Cust1").online) == (False, True)
