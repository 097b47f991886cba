"""Parts that need a library which not everybody has: imported when they are asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mockso.errors import SettingError


def import_extra(module: str, library: str) -> Any:
    """A module of ours that needs a library. Raises SettingError with what to install where it is not there."""
    __tracebackhide__ = True
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != library:
            raise
        raise SettingError(
            f"this needs {library}, which is not installed: pip install 'mockso[{library}]'."
        ) from None
