"""The public key of an application's system user."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


def read_public_key(text: str) -> RSAPublicKey:
    """The RSA key of a PEM text, public, private or a certificate. Raises ValueError for any other text."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        key = _load_public(text.encode())
    except TypeError:
        raise ValueError("the key is protected by a password: give the public key") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("it is not a key in PEM, '-----BEGIN PUBLIC KEY-----'") from None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("it is not an RSA key")
    return key


def _load_public(data: bytes) -> object:
    from cryptography.hazmat.primitives import serialization

    if b"CERTIFICATE" in data:
        from cryptography.x509 import load_pem_x509_certificate

        return load_pem_x509_certificate(data).public_key()
    if b"PRIVATE" in data:
        return serialization.load_pem_private_key(data, None).public_key()
    return serialization.load_pem_public_key(data)
