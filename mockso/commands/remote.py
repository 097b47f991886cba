"""Asking a running mock over HTTP, as commands do that steer one."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from http.client import HTTPException
from json import JSONDecodeError
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from mockso.commands.options import with_scheme
from mockso.config import Settings
from mockso.errors import MocksoError


def ask(
    arguments: argparse.Namespace,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    error: type[MocksoError],
) -> Any:
    """The answer of a running mock to a call below /__mockso/; `body` is sent as JSON unless it is bytes.

    `arguments` has its address and its token. Raises `error` for a mock that refuses or does not answer.
    """
    settings = Settings.load({})
    address = with_scheme(arguments.address or f"http://{settings.host}:{settings.port}")
    url = f"{address.rstrip('/').removesuffix('/__mockso')}/__mockso/{path}"
    token = arguments.token or os.environ.get("MOCKSO_ADMIN_TOKEN", "")
    headers = {"X-Mockso-Admin": token} if token else {}
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    if data is not None:
        headers["Content-Type"] = "application/yaml" if isinstance(body, bytes) else "application/json"
    try:
        request = Request(f"{url}?{urlencode(query)}" if query else url, data, headers, method=method)
        # A proxy of the environment knows nothing of this machine's own addresses.
        with build_opener(ProxyHandler({})).open(request, timeout=60) as response:
            return json.load(response)
    except HTTPError as refusal:
        with refusal:
            text = refusal.read().decode("utf-8", "replace")
        try:
            text = str(json.loads(text)["error"])
        except (ValueError, KeyError, TypeError):
            text = f"{url}: status {refusal.code}. What answers there is not a mock; give the address of 'mockso serve'."
        raise error(text) from refusal
    except JSONDecodeError as problem:
        raise error(
            f"{address}: what answers there is not a mock. Give the address of 'mockso serve'."
        ) from problem
    except (URLError, OSError) as problem:
        raise error(f"{address}: no mock answers there. Start one with 'mockso serve'.") from problem
    except (
        HTTPException,
        ValueError,
    ) as problem:  # "localhost:8585", "http://[::1", an answer that is not HTTP
        cause = f"no mock can be asked there ({problem})"
        raise error(f"{address}: {cause}. Give an address such as http://127.0.0.1:8585.") from problem
