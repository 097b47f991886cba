"""Secrets of a call that stand in it again, few or thousands."""

import time

import pytest

from mockso.redaction.echoes import replace_all
from mockso.redaction.redaction import Redaction


def test_the_longest_of_several_that_begin_at_a_place_is_replaced():
    assert replace_all("x secret12 secret1 y", {"secret1": "#a", "secret12": "#b"}) == "x #b #a y"
    assert replace_all(b"secret1secret2", {b"secret1": b"#a", b"secret2": b"#b"}) == b"#a#b"
    assert replace_all("short", {"secret1": "#a"}) == "short"


@pytest.mark.parametrize("count", [3, 16, 17, 400])
def test_few_and_many_are_replaced_alike(count):
    secrets = {f"s3cret{number:05}": f"#{number:08x}" for number in range(count)}
    text = " and ".join([*secrets, "s3cretOther"])

    assert Redaction().echoes(text, secrets) == " and ".join([*secrets.values(), "s3cretOther"])
    assert Redaction().byte_echoes(text.encode(), secrets) == Redaction().echoes(text, secrets).encode()


def test_twice_the_text_with_twice_the_secrets_takes_about_twice_the_time():
    def seconds(count: int) -> float:
        text = ",".join(f'"token{n}":"s3cretvalue{n:06}"' for n in range(count))
        redaction, secrets, start = Redaction(), {}, time.process_time()
        redaction.byte_echoes(redaction.body(text.encode(), "text/plain", "", secrets), secrets)
        assert len(secrets) == count
        return time.process_time() - start

    seconds(100)
    assert seconds(16_000) < 12 * max(seconds(4_000), 0.02)
