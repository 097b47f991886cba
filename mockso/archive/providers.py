"""The names of the archive providers of the server.

Source: the vendor's list of archive providers; `columns.py` has their columns.
"""

from __future__ import annotations

from mockso.archive.columns import ALL, collections, open_shipped
from mockso.contract.catalogue import Contract


def provider_names(contract: Contract) -> list[str]:
    """The documented names and those behind the contract's collections."""
    names = {name.lower(): name for name in (ALL, *open_shipped().names)}
    return sorted({**collections(contract), **names}.values(), key=str.lower)
