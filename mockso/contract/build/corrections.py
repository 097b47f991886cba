"""Corrections of faults that all sources share and the behaviour of the real server shows.

Each entry replaces the type of a response. Without it the true answer of a server would count as a breach.
"""

from __future__ import annotations

from collections.abc import Mapping

# Operation -> status -> type. Source: section 14.4: a list of names in the envelope of archives, not a map of
# texts; the columns by name, not rows.
RESPONSES: Mapping[str, Mapping[int, str]] = {
    "v1Archive_GetArchive": {200: "SuperOffice.Services.WebApi.OData.ODataSlimResponse"},
    "v1Archive_GetArchiveMetadata": {200: "map<SuperOffice.CRM.ArchiveLists.ArchiveColumnInfo>"},
}
