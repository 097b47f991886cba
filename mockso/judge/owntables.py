"""The fields of a tenant's own tables: what its rows have, as nothing else describes such a table."""

from __future__ import annotations

from mockso.state.rows import Draft, Rows

PREFIX = "table:"


def own_fields(rows: Rows | Draft, table: str) -> dict[str, None]:
    """The names of the fields that rows of a tenant's own table have, in small letters, in their order."""
    return {
        name.lower(): None
        for _, value in rows.items(f"{PREFIX}{table.lower()}")
        for name in value
        if not name.startswith("$")
    }
