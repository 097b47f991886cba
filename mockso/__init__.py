"""mockso: the stand-in for the SuperOffice CRM WebAPI.

The names below are imported when they are used: `import mockso` costs next to nothing.

    serve(...)        a mock on a socket of its own, as a context manager
    create_app(...)   the mock as a Flask application, for a WSGI host
    World             a tenant of its own for one test: `with so.world() as world`
    webhook_signature(secret, body)   what a delivery's X-SuperOffice-Signature must be
    ContractBroken    what a world raises when something is wrong that nobody allowed
    MocksoError       whatever is wrong with a setting, a contract, a scenario
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mockso.version import VERSION as __version__

if TYPE_CHECKING:
    from mockso.errors import ContractError, JournalError, MocksoError, ScenarioError, SettingError
    from mockso.testing.mock import Mock, serve
    from mockso.testing.world import ContractBroken, World
    from mockso.web.app import create_app
    from mockso.webhooks.signature import webhook_signature

_HOME = {
    "Mock": "mockso.testing.mock",
    "create_app": "mockso.web.app",
    "serve": "mockso.testing.mock",
    "ContractBroken": "mockso.testing.world",
    "World": "mockso.testing.world",
    "ContractError": "mockso.errors",
    "JournalError": "mockso.errors",
    "MocksoError": "mockso.errors",
    "ScenarioError": "mockso.errors",
    "SettingError": "mockso.errors",
    "webhook_signature": "mockso.webhooks.signature",
}

__all__ = [
    "ContractBroken",
    "ContractError",
    "JournalError",
    "Mock",
    "MocksoError",
    "ScenarioError",
    "SettingError",
    "World",
    "__version__",
    "create_app",
    "serve",
    "webhook_signature",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'mockso' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
