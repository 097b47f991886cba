"""Progress of what lasts, by a clock that the tests move."""

from __future__ import annotations

import io

import pytest

from mockso import progress
from mockso.progress import Progress, follow


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    moments = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: moments[0])
    return moments


def steps(shown: Progress, clock: list[float], count: int) -> None:
    for _ in range(count):
        clock[0] += 1.0
        shown.step()


def test_nothing_is_said_for_two_seconds(clock):
    out = io.StringIO()

    with Progress("reading", 9, out) as shown:
        steps(shown, clock, 1)

    assert out.getvalue() == ""


def test_in_a_pipe_a_line_comes_now_and_then(clock):
    out = io.StringIO()

    with Progress("reading", 30, out) as shown:
        steps(shown, clock, 30)

    assert out.getvalue() == "reading: 2 of 30\nreading: 12 of 30\nreading: 22 of 30\n"


def test_in_a_terminal_one_line_is_written_anew_and_wiped(clock):
    out = Terminal()

    with Progress("reading", stream=out) as shown:
        steps(shown, clock, 3)

    assert out.getvalue() == "\rreading: 2\rreading: 3\r          \r"


def test_items_are_followed(clock, capsys):
    def slow():
        for number in range(4):
            clock[0] += 1.5
            yield number

    assert list(follow("reading", slow(), 4)) == [0, 1, 2, 3]
    assert capsys.readouterr().err == "reading: 2 of 4\n"


def test_a_stream_that_is_gone_stops_nothing(clock):
    out = io.StringIO()
    out.close()

    with Progress("reading", 9, out) as shown:
        steps(shown, clock, 9)

    assert shown.count == 9
