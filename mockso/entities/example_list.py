"""Which operations of the shipped contract no rule makes living, told before a rule is imported.

Importing all rules costs as much as everything else up to a server's first answer. The file has the digest of the
contract it is about, and a bit for each operation in the contract's order, 1 where it stays an example.
"""

from __future__ import annotations

from itertools import compress
from pathlib import Path

from mockso.contract.catalogue import Contract

FILE = Path(__file__).with_name("examples.txt")


def examples_of(contract: Contract) -> frozenset[str]:
    """Ids of the operations that stay examples; empty for another contract, whose rules must be asked."""
    digest, bits = FILE.read_text(encoding="ascii").split()
    if contract.header.get("digest") != digest:
        return frozenset()
    return frozenset(compress(contract.ids(), map(int, f"{int(bits, 16):0{len(contract)}b}")))
