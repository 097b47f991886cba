"""An authority of mockso's own: certificates for the names under which a mock is called over HTTPS.

It is made at first use and kept in a folder, or forgotten with the process. `cryptography` is imported here only.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from mockso.errors import SettingError
from mockso.storage.files import write_atomically, write_secret_once

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

_CERTIFICATE, _KEY = "mockso-authority.pem", "mockso-authority-key.pem"
_DAYS_OF_AUTHORITY, _DAYS = 3650, 397
_KEPT_NAMES = 1000


class Authority:
    """Signs certificates. `folder` keeps its own, which clients are to trust; None keeps it in memory.

    Raises SettingError for a folder that cannot be used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._certificate: x509.Certificate
        self._key: ec.EllipticCurvePrivateKey
        self.file = None if folder is None else folder / _CERTIFICATE
        """Its certificate, which clients are to trust."""
        if folder is None:
            self._make()
            return
        try:
            if not (folder / _KEY).exists():
                folder.mkdir(parents=True, exist_ok=True)
                self._make()
                write_secret_once(folder / _KEY, self._key_pem(self._key) + self.pem)
            self._read(folder)
        except (OSError, ValueError, TypeError) as error:
            cause = getattr(error, "strerror", None) or error
            raise SettingError(
                f"--tls-folder {folder}: no authority can be read from it or kept in it ({cause}). Name another "
                "folder, or delete the two files mockso-authority*.pem in it."
            ) from error

    @property
    def pem(self) -> bytes:
        """Its certificate, which a client has to trust."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return self._certificate.public_bytes(Encoding.PEM)

    def java_store(self, password: bytes) -> bytes:
        """A trust store for Java (PKCS #12) that has the certificate."""
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

        own = pkcs12.PKCS12Certificate(self._certificate, b"mockso")
        return pkcs12.serialize_java_truststore([own], BestAvailableEncryption(password))

    def context(self, *names: str) -> ssl.SSLContext:
        """The TLS of a server of these names, which may be addresses too. Cached."""
        cache = ",".join(names)
        with self._lock:
            context = self._contexts.get(cache)
            if context is None:
                if len(self._contexts) >= _KEPT_NAMES:
                    self._contexts.clear()
                context = self._contexts[cache] = self._issue(names)
        return context

    def _make(self) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        self._key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"mockso on {os.uname().nodename if hasattr(os, 'uname') else 'this machine'}")
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        public = self._key.public_key()
        self._certificate = (
            _builder(name, name, public, _DAYS_OF_AUTHORITY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _read(self, folder: Path) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        content, public = (folder / _KEY).read_bytes(), folder / _CERTIFICATE
        # Until 0.1 the certificate stood in the public file alone.
        is_whole = b"CERTIFICATE" in content
        certificate = x509.load_pem_x509_certificate(content if is_whole else public.read_bytes())
        key = load_pem_private_key(content, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the key is not one of mockso's")
        if certificate.public_key() != key.public_key():
            raise ValueError("the certificate is that of another key")
        self._key, self._certificate = key, certificate
        if is_whole and not (public.exists() and public.read_bytes() == self.pem):
            write_atomically(public, self.pem)

    def _issue(self, names: tuple[str, ...]) -> ssl.SSLContext:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.x509.oid import ExtendedKeyUsageOID

        key = ec.generate_private_key(ec.SECP256R1())
        public, own = key.public_key(), self._key.public_key()
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        certificate = (
            _builder(_name(names[0]), self._certificate.subject, public, _DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _to_context(self._key_pem(key) + certificate.public_bytes(Encoding.PEM) + self.pem)

    @staticmethod
    def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def context_of_files(certificate: str, key: str) -> ssl.SSLContext:
    """The TLS of a server whose certificate and key are files. Raises SettingError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise SettingError(
            f"--tls-cert {certificate}, --tls-key {key}: {error.strerror or error}. Give two PEM files that belong "
            "together, the key without a password."
        ) from error
    return context


def _to_context(pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Python reads a key from a file only.
    with tempfile.TemporaryDirectory(prefix="mockso-") as folder:
        file = Path(folder) / "key.pem"
        file.write_bytes(pem)  # nobody else can enter the folder
        context.load_cert_chain(file)
    return context


def _name(text: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "mockso, for tests only"),
            x509.NameAttribute(NameOID.COMMON_NAME, text[:64]),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    from cryptography import x509

    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # Clocks of containers differ.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
