"""Secrets: the names whose values are secret, and their replacements.

A fingerprint is "#" and eight hexadecimal digits, keyed with random bytes that live as long as the
process: the same secret gives the same fingerprint, and no guess can be tried against it afterwards.
Scheme and tenant stay readable ("Bearer 8A:Cust12345.#3f9a2c11").
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TypeAlias

Replacements: TypeAlias = dict[str, str]
"""The secrets of one call, each with its replacement."""

AUTHORIZATION = frozenset({"authorization", "proxy-authorization"})
HEADERS = frozenset(
    {
        *AUTHORIZATION,
        "cookie",
        "set-cookie",
        "so-apptoken",
        "x-xsrf-token",
        "xsrf-token",
        "x-mockso-admin",
        "x-superoffice-signature",
        "x-api-key",
    }
)

# Names whose values are secret end like this, or have "passw" or "secret" in them.
_ENDINGS = tuple(
    """token ticket sessionkey authkey apikey privatekey credentialvalue authorizationcode assertion
    codeverifier codechallenge passphrase pwd sessionid accesskey accountkey clientkey encryptionkey sharedkey
    signingkey jwt""".split()
)
# Dates of a company's requests, which columns of archives are called by.
_DATES = ("lastticket", "lastcompletedticket", "lastdobyticket")
# These are headers that a body may have, such as those a webhook sends.
_WHOLE = frozenset({"authorization", "proxyauthorization", "cookie"})
# The password of an address, "https://user:password@host", stands behind no name. The slashes may be escaped.
PASSWORD_PATTERN = r"""(:(?:\\?/){2}[^\s/?#@:"'<>\\]*+:)([^\s/@"'<>\\]++)(?=@)"""
PASSWORD = re.compile(PASSWORD_PATTERN)
# When something was is not a secret, whatever its name: "LastTicket" is the date of a company's last request.
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,16}(?:Z|[+-][0-9]{2}:?[0-9]{2})?\Z")


class Secrets:
    """The names whose values are secret, and the fingerprints of one process. Threads may share it.

    `fields` are further such names, of members, arguments, cookies or headers; letter case, "_" and "-" do
    not matter. `key` is for tests: the same key gives the same fingerprints.
    """

    def __init__(self, fields: Iterable[str] = (), *, key: bytes = b"") -> None:
        self.fields = frozenset(_fold(name) for name in fields if _fold(name))
        self._key = key or os.urandom(32)

    def fingerprint(self, secret: str) -> str:
        """The fingerprint of a secret; a fingerprint stands for itself."""
        if is_fingerprint(secret):
            return secret
        from hashlib import blake2b

        digest = blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=4, key=self._key)
        return f"#{digest.hexdigest()}"

    def is_secret_name(self, name: str) -> bool:
        """Whether the value of a member, an argument or a header of that name is secret."""
        folded = _fold(name)
        if folded[-1:].isdigit() and folded not in self.fields:
            folded = folded.rstrip("0123456789")  # a second one is as secret: "refreshToken2"
        if folded in self.fields or folded in _WHOLE:
            return True
        if folded.endswith(_ENDINGS):
            return not folded.endswith(_DATES)
        # CustomerPasswordTemplateId and its like are numbers that say nothing.
        return ("passw" in folded or "secret" in folded) and not folded.endswith(("id", "ids"))

    def token(self, secret: str, replacements: Replacements) -> str:
        """The replacement of a text that is a secret as a whole, which is added to `replacements`."""
        if not secret or is_fingerprint(secret) or _MOMENT.match(secret):
            return secret
        prefix, rest = _token_parts(secret)
        safe = prefix + self.fingerprint(rest)
        if safe != secret:
            replacements[secret] = safe
        return safe


def _token_parts(token: str) -> tuple[str, str]:
    """The part of a token that stays readable, "8A:Cust1.", and the secret rest."""
    if token.startswith("8A:"):
        tenant, dot, _ = token[3:].partition(".")
        prefix = (
            token[: len(tenant) + 4] if dot and tenant.replace("-", "").replace("_", "").isalnum() else "8A:"
        )
    else:
        prefix = next((start for start in ("7T:", "eyJ") if token.startswith(start)), "")
    return prefix, token[len(prefix) :]


def is_fingerprint(text: str) -> bool:
    """Whether a text already stands for a secret."""
    return len(text) == 9 and text[0] == "#" and not text[1:].strip("0123456789abcdef")


def is_public(token: str) -> bool:
    """Whether a token is one that the documentation gives to everybody: "8A:Cust12345.mockso", "7T:mockso"."""
    return token == "7T:mockso" or (token.startswith("8A:") and token.endswith(".mockso"))


def is_ticket(name: str) -> bool:
    """Whether a name can be that of a customer's request as well as of a credential."""
    return _fold(name).endswith("ticket")


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(".", "").replace(" ", "")
