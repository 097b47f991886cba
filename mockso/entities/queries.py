"""The rules about archives, searches and tables: their finders and verbs, imported at the first operation of theirs.

Their modules are a third of all that the rules import.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockso.entities import archive, archiveagent, databasetable, findagent, selectioncriteria
from mockso.entities.verbs import Verb

_MODULES = (archive, archiveagent, databasetable, findagent, selectioncriteria)

FINDERS = (
    databasetable.find_plan,
    archive.find_plan,
    archiveagent.find_plan,
    findagent.find_plan,
    selectioncriteria.find_plan,
)
VERBS: Mapping[str, Verb] = {name: verb for module in _MODULES for name, verb in module.VERBS.items()}
READING: frozenset[str] = frozenset(name for module in _MODULES for name in module.READING)
