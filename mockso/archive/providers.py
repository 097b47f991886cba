"""The names of the archive providers of the server.

Source: the vendor's list of archive providers; `columns.py` has their columns.
"""

from __future__ import annotations

from mockso.archive.columns import ALL, collections, open_shipped, provider_of
from mockso.contract.catalogue import Contract


def is_provider(name: str, contract: Contract) -> bool:
    """Whether there is a provider of that name, in any letter case (likely); "CustomObject:y_equipment" is one."""
    return provider_of(name, contract) is not None


def provider_names(contract: Contract) -> list[str]:
    """The documented names and those behind the contract's collections."""
    names = {name.lower(): name for name in (ALL, *open_shipped().names)}
    return sorted({**collections(contract), **names}.values(), key=str.lower)
