"""The signature of a delivery."""

from __future__ import annotations

import base64
import hashlib
import hmac


def webhook_signature(secret: str, body: bytes) -> str:
    """Compute X-SuperOffice-Signature: HMAC-SHA256 over the exact bytes of the body, in base64 (firm).

    >>> webhook_signature("secret", b'{"EventId":"1"}')
    'F7m+VvmFkvL6uRXLTpW6kxWVJidaX92AiHc54U5jHcI='
    """
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
