"""How the C library hands out memory to the threads of a server."""

from __future__ import annotations

import os

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h


def limit_arenas() -> bool:
    """Let all threads of this process take memory from one arena; whether the C library does so.

    glibc gives threads arenas of their own, up to eight a processor, so that they need not wait for each other. Ours
    do that anyway, for the interpreter's lock, and what one arena has free no other can use: a server whose calls have
    threads grew from 85 to 187 MB, of which 25 were in use. Who sets MALLOC_ARENA_MAX or MALLOC_ARENA_TEST keeps it.
    Call it before the first thread begins. Other C libraries have no arenas, or no such switch, and stay as they are.
    """
    if "MALLOC_ARENA_MAX" in os.environ or "MALLOC_ARENA_TEST" in os.environ:
        return False
    try:
        import ctypes

        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, 1))
    except (
        ImportError,
        OSError,
        AttributeError,
        TypeError,
    ):  # no ctypes; no library by that name; no mallopt
        return False
