"""Addresses in texts that come in pieces."""

from __future__ import annotations

import base64
import json

import pytest

from mockso.recording.rewrite import Rewriting

OLD, NEW = "https://sod2.superoffice.com", "http://127.0.0.1:8585"


def token(url: str) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part({'webapi_url': url + '/Cust12345/api'})}.c2lnbmVk"


def pieces_of(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_an_address_and_a_token_are_found_wherever_a_piece_ends(size):
    text = (
        f'{{"plain": "{OLD}/Cust12345/api", "escaped": "{OLD.replace("/", chr(92) + "/")}\\/x", '
        f'"token": "{token(OLD)}", "other": "{OLD}.example", "long": "{"a" * 500}", "last": "{OLD}"}}'
    ).encode()
    rewriting = Rewriting(OLD, NEW)

    made = b"".join(rewriting.stream(pieces_of(text, size)))

    assert made == rewriting.body(text)
    assert made.count(NEW.encode()) == 2
    assert token(NEW).encode() in made


@pytest.mark.parametrize("size", [1, 5, 50])
def test_a_port_that_goes_on_in_the_next_piece_is_another_server(size):
    text = b"x http://localhost:5012/a http://localhost:50/b http://localhost:50"

    made = b"".join(Rewriting("http://localhost:50", NEW).stream(pieces_of(text, size)))

    assert made == f"x http://localhost:5012/a {NEW}/b {NEW}".encode()


def test_a_text_without_an_end_is_not_held_back():
    data = [b"a" * 1000] * 5 + [b"h" * 200_000]

    made = []
    for piece in Rewriting(OLD, NEW).stream(iter(data)):
        made.append(piece)

    assert b"".join(made) == b"".join(data)
    assert made[0] == data[0]
