"""The one call all tools answer: the operation mockso started from, where a tool can stub it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

ADDRESS = "/api/v1/Agents/User/SaveUntrustedCredentials"


@dataclass(frozen=True)
class Call:
    """A POST and the status that is the correct answer to it."""

    path: str
    body: str = '{"Type":"x","Credentials":null}'
    status: int = 204
    headers: Mapping[str, str] = field(
        default_factory=lambda: {
            "Authorization": "Bearer 8A:Cust12345.abc",
            "Content-Type": "application/json",
        }
    )

    @property
    def varied(self) -> Call:
        """The same with another body each time it is sent by load.lua."""
        return replace(self, body=self.body.replace('"x"', '"x%d"'))

    def to_json(self) -> str:
        """The call as text, for the script of another process."""
        return json.dumps(asdict(self))


SEED = Call(ADDRESS)
SEED_ONLINE = Call(f"/Cust12345{ADDRESS}")
# moto has no stubs: the cheapest thing it answers stands in.
GET_CALLER_IDENTITY = Call(
    "/",
    body="Action=GetCallerIdentity&Version=2011-06-15",
    status=200,
    headers={
        "Authorization": "AWS4-HMAC-SHA256 Credential=x/20240101/us-east-1/sts/aws4_request",
        "Content-Type": "application/x-www-form-urlencoded",
    },
)


def status_of(call: Call, port: int, *, timeout: float = 30.0) -> int:
    """The status a server on this port gives to the call, 0 if nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", call.path, call.body, dict(call.headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
