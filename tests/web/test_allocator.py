"""Threads of a server share one arena, where the C library has arenas."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from mockso.web.allocator import limit_arenas

# Prints what glibc says of its arenas, after four threads that hold memory at the same time.
PROGRAM = """
import ctypes, threading
from mockso.web.allocator import limit_arenas
print(limit_arenas(), flush=True)
barrier = threading.Barrier(5)
def hold():
    blocks = [bytearray(5000) for _ in range(100)]
    barrier.wait()
    barrier.wait()
threads = [threading.Thread(target=hold) for _ in range(4)]
for thread in threads:
    thread.start()
barrier.wait()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
barrier.wait()
"""

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")


def arenas(**settings: str) -> tuple[str, int]:
    """What `limit_arenas` returned in a process of its own, and the number of arenas there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env={**environment, **settings},
    )
    return run.stdout.split()[0], run.stdout.count("<heap nr=")


@glibc
def test_threads_share_one_arena():
    assert arenas() == ("True", 1)


@glibc
def test_who_sets_the_number_keeps_it():
    limited, number = arenas(MALLOC_ARENA_MAX="3")

    assert limited == "False"
    assert number > 1


def test_another_c_library_stays_as_it_is(monkeypatch):
    import ctypes

    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    monkeypatch.delenv("MALLOC_ARENA_TEST", raising=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())

    assert limit_arenas() is False
