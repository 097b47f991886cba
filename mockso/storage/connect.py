"""The tables that an address names, in the database of its kind."""

from __future__ import annotations

from mockso.storage.sqlite import SqliteTables
from mockso.storage.table import MEMORY, Schema, Tables


def is_database(url: str) -> bool:
    """Whether an address is that of a file or a server, which others can open too."""
    return url not in MEMORY


def connect(url: str, schema: Schema, *, writing: bool = True, shared: bool = False) -> Tables:
    """Open the tables at `url`: "" or "memory:", a path or sqlite:///path, or postgresql://...

    Raises the schema's error when they cannot be used. With `writing=False` another process may be writing; the
    writers of a file may be several only where all say that it is `shared`.
    """
    scheme, sign, rest = url.partition(":")
    if url in MEMORY:
        return SqliteTables(schema)
    if not sign or len(scheme) == 1:  # a path, on Windows with a drive
        return SqliteTables(schema, url, writing=writing, shared=shared)
    if scheme == "sqlite" and rest.startswith("///"):
        return SqliteTables(schema, rest[3:], writing=writing, shared=shared)
    if scheme in ("postgresql", "postgres"):
        try:
            from mockso.storage.postgres import PostgresTables
        except ImportError as error:
            raise schema.error(
                f"a {schema.owner} in PostgreSQL needs psycopg 3, which is not installed. "
                "Run: pip install 'mockso[postgres]'"
            ) from error
        return PostgresTables(schema, url)
    raise schema.error(
        f"{url!r} is not a {schema.owner}. Give a file's path, 'memory:', 'sqlite:///FILE' or 'postgresql://...'."
    )
