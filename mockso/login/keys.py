"""The keys of the login: one to sign with, made at first use or kept in a folder, and those of applications.

`cryptography` is imported when the first token is signed, as a mock that nobody logs in to needs none of it.
"""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mockso.errors import SettingError
from mockso.formats.base64url import to_base64url
from mockso.state.public_key import read_public_key
from mockso.storage.files import write_secret_once

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

FILE = "login.pem"
"""The file in the folder of `--login-keys`: the private key, and behind it the certificate."""

APPLICATION_KEY = Path(__file__).with_name("application.pem")
"""The private key of the shipped application's system user. It protects nothing: everybody has it."""

# A tenant's clock may be moved anywhere, and verifiers compare it with the certificate.
_VALID_FROM, _VALID_TO = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class _Pair(NamedTuple):
    key: RSAPrivateKey
    certificate: Certificate


class Keys:
    """The key by which one mock signs; made when it is first needed. Threads may share it."""

    def __init__(self, folder: str = "", share: Callable[[Callable[[], str]], str] | None = None) -> None:
        self._folder = folder
        self._share = share
        self._lock = threading.Lock()
        self._made: _Pair | None = None

    def open(self) -> None:
        """Read the key of the folder, made there if need be. Raises SettingError where that cannot be done."""
        self._pair  # noqa: B018 - to have it is all that is wanted

    @property
    def _pair(self) -> _Pair:
        with self._lock:
            if self._made is None:
                self._made = self._find()
            return self._made

    def _find(self) -> _Pair:
        if self._folder:
            return _keep(Path(self._folder))
        if self._share is None:
            return _make()
        # Several processes are one mock: one of them makes a key, and all sign by it.
        return _read(self._share(lambda: _to_pem(_make()).decode()).encode(), Path("the state's database"))

    @cached_property
    def thumbprint(self) -> bytes:
        """The certificate's SHA-1, which names the key."""
        from cryptography.hazmat.primitives.hashes import SHA1

        return self._pair.certificate.fingerprint(SHA1())

    @cached_property
    def _header(self) -> str:
        names = {"kid": self.thumbprint.hex().upper(), "x5t": to_base64url(self.thumbprint)}
        return _part({"typ": "JWT", "alg": "RS256", **names})

    @cached_property
    def secret(self) -> bytes:
        """Bytes that follow from the key and that nobody else knows."""
        from hashlib import sha256

        return sha256(_private_pem(self._pair.key)).digest()

    def document(self) -> dict[str, Any]:
        """The public key as JWKS. Source: section 3.2; firm."""
        from cryptography.hazmat.primitives.serialization import Encoding

        pair = self._pair
        numbers = pair.key.public_key().public_numbers()
        der = pair.certificate.public_bytes(Encoding.DER)
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.thumbprint.hex().upper(),
            "x5t": to_base64url(self.thumbprint),
            "n": to_base64url(_to_bytes(numbers.n)),
            "e": to_base64url(_to_bytes(numbers.e)),
            "x5c": [b64encode(der).decode()],
        }
        return {"keys": [key]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Claims as a signed JWT, RS256. Source: section 3.5; firm."""
        text = f"{self._header}.{_part(claims)}"
        return f"{text}.{to_base64url(_sign(self._pair.key, text.encode()))}"


def sign_system_token(system_token: str, at: float, private_key: bytes | None = None) -> str:
    """A system token with a time and signature, as an application sends it. Source: section 4.1; firm.

    `private_key` is PEM, that of the shipped application by default.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key: Any = load_pem_private_key(private_key or APPLICATION_KEY.read_bytes(), None)
    text = f"{system_token}.{datetime.fromtimestamp(at, UTC):%Y%m%d%H%M}"
    return f"{text}.{b64encode(_sign(key, text.encode())).decode()}"


def has_signature(text: str, signature: bytes, public_key: str) -> bool:
    """Whether a signature of a text was made with the private half of a PEM key, the shipped one's by default."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        read_public_key(public_key or APPLICATION_KEY.read_text()).verify(
            signature, text.encode(), PKCS1v15(), SHA256()
        )
    except InvalidSignature:
        return False
    return True


# --- making and keeping -------------------------------------------------------------------------


def _make() -> _Pair:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.hashes import SHA256

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mockso")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_TO)
        .sign(key, SHA256())
    )
    return _Pair(key, certificate)


def _to_pem(pair: _Pair) -> bytes:
    return _private_pem(pair.key) + _public_pem(pair.certificate)


def _keep(folder: Path) -> _Pair:
    """The pair in a folder, made there if need be; of several processes one makes it and all have it."""
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_secret_once(path, _to_pem(_make()))
        data = path.read_bytes()
    except OSError as error:
        raise SettingError(
            f"login_keys: {path} cannot be read or written ({error.strerror}). Name another folder."
        ) from error
    return _read(data, path)


def _read(data: bytes, path: Path) -> _Pair:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        key: Any = load_pem_private_key(data, None)
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("it is not an RSA key")
        certificate = load_pem_x509_certificate(data)
        if certificate.public_key() != key.public_key():
            raise ValueError("the certificate is that of another key")
        return _Pair(key, certificate)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingError(
            f"login_keys: {path} is not a key with its certificate ({error}). Remove it, and it is made anew."
        ) from error


def _private_pem(key: RSAPrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    return key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())


def _public_pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _sign(key: RSAPrivateKey, content: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    return key.sign(content, PKCS1v15(), SHA256())


def _to_bytes(number: int) -> bytes:
    # Source: RFC 7518, section 2: no byte more than it takes.
    return number.to_bytes(-(-number.bit_length() // 8), "big")


def _part(value: Mapping[str, Any]) -> str:
    return to_base64url(json.dumps(value, separators=(",", ":")).encode())
