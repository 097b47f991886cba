"""The playlist: what all tenants play, changed for all at once or for one."""

import threading

import pytest

from mockso.config import Settings
from mockso.errors import NoScenarioError
from mockso.scenario.scenario import Scenario, Step
from mockso.state.playlist import Playlist
from mockso.state.tenant import State, Tenant


def scenario(name: str, **more) -> Scenario:
    return Scenario(name, steps=(Step(),), **more)


def state(playlist: Playlist, name: str = "Cust1", kind: type[State] = State) -> State:
    made = kind(Tenant(name, True, Settings()))
    playlist.admit(made)
    return made


def names(scenarios) -> list[str]:
    return [each.name for each in scenarios]


def test_a_new_tenant_plays_all_and_the_last_is_asked_first(tiny):
    playlist = Playlist(tiny, [scenario("a"), scenario("b")])

    assert names(state(playlist).playing) == ["b", "a"]
    assert names(playlist.scenarios) == ["a", "b"]


def test_what_is_played_is_played_for_all_and_those_to_come(tiny):
    playlist = Playlist(tiny)
    first = state(playlist)

    playlist.play(scenario("a"))

    assert names(first.playing) == names(state(playlist, "Cust2").playing) == ["a"]


def test_what_is_played_for_one_is_not_played_for_others(tiny):
    playlist = Playlist(tiny)
    one, other = state(playlist), state(playlist, "Cust2")

    playlist.play(scenario("a"), one)

    assert (names(one.playing), names(other.playing), playlist.scenarios) == (["a"], [], ())


def test_a_scenario_that_is_played_again_takes_the_place_of_its_name(tiny):
    playlist = Playlist(tiny, [scenario("a"), scenario("b")])

    playlist.play(scenario("a", description="new"))

    assert [(each.name, each.description) for each in playlist.scenarios] == [("b", ""), ("a", "new")]


def test_another_version_goes_on_at_its_place_where_it_is_played(tiny):
    playlist = Playlist(tiny, [scenario("a"), scenario("b")])
    one, other = state(playlist), state(playlist, "Cust2")
    other.stop("a")

    playlist.replay("a", scenario("c"))

    assert names(playlist.scenarios) == ["c", "b"]
    assert (names(one.playing), names(other.playing)) == (["b", "c"], ["b"])


def test_stopping_says_whether_anybody_played_it(tiny):
    playlist = Playlist(tiny, [scenario("a")])
    one, other = state(playlist), state(playlist, "Cust2")

    assert playlist.stop("a", one)
    assert not playlist.stop("a", one)
    assert playlist.stop("a")
    assert not playlist.stop("a")
    assert not one.plays
    assert not other.plays


def test_stopping_all_leaves_nothing(tiny):
    playlist = Playlist(tiny, [scenario("a"), scenario("b")])
    one = state(playlist)

    assert playlist.stop()
    assert (playlist.scenarios, one.playing) == ((), ())


def test_a_tenant_that_was_dismissed_is_left_alone(tiny):
    playlist = Playlist(tiny)
    gone = state(playlist)

    playlist.dismiss("Cust1")
    playlist.dismiss("Cust1")
    playlist.play(scenario("a"))

    assert not gone.plays


def test_two_that_are_played_at_once_are_both_played_by_all(tiny):
    playlist = Playlist(tiny)
    second = threading.Thread(target=lambda: playlist.play(scenario("b")))

    class Slow(State):
        """While it takes the first scenario, the second comes."""

        def play(self, scenario: Scenario) -> None:
            if scenario.name == "a":
                second.start()
                second.join(0.2)
            super().play(scenario)

    one = state(playlist, kind=Slow)

    playlist.play(scenario("a"))
    second.join()

    assert names(playlist.scenarios) == ["a", "b"]
    assert names(one.playing) == ["b", "a"]


def test_a_named_scenario_is_one_of_the_tenants_then_of_the_playlist_then_of_those_that_come_with_mockso(
    tiny,
):
    playlist = Playlist(tiny, [scenario("a", description="all")])
    own = scenario("a", description="own")

    assert playlist.find_named("a", [own]) is own
    assert playlist.find_named("a").description == "all"
    assert playlist.find_named("server_error").name == "server-error"


def test_an_unknown_name_is_told_with_the_nearest(tiny):
    playlist = Playlist(tiny)

    with pytest.raises(
        NoScenarioError, match=r"there is no scenario 'server-eror'\. Did you mean 'server-error'"
    ):
        playlist.find_named("server-eror")
