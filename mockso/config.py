"""Settings in one frozen value; the only reader of the environment.

The switches of the second block are guesses about the real server that somebody may know better.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Any, Literal, get_args, get_type_hints

from mockso.errors import SettingError, did_you_mean

MIB = 1024 * 1024

Profile = Literal["auto", "online", "onsite"]

# The agents that Online restricts, as the shipped contract has them.
RESTRICTED_AGENTS = tuple(
    "CRMScript DocumentMigration EMail ErpSync Messaging Replication User Webhook".split()
)

# How recordings are played, see recording/player.py.
MODES = ("none", "once", "new_episodes", "all", "simulate", "spy", "record", "diff")


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults.

    `profile` "auto" is online for addresses with a tenant (/Cust12345/api), onsite for others.
    `grants` are the restricted agents that every tenant's application was granted; "*" is all.
    `strict_tokens`: only issued or seeded credentials are accepted, not every well-formed one.
    `applications` may log in besides `mockso-client`: "ID:SECRET", or "ID:SECRET:AGENT+AGENT" with grants of its own.
    `login_keys` is a folder that keeps the keys of the login; empty makes new ones in each process.
    `world`: in a "closed" one a row that was neither seeded nor saved does not exist, in an "open" one an
    invented one stands for it.
    `state` is where tenants are kept: "memory", a file, or "postgresql://..."; of the last two, processes share it.
    `journal` is where calls are written down; empty is the state's database, or memory where it has none.
    `data` is what tenants start with: data files and folders, laid over the shipped company; "none" forgets what
    came before it.
    `webhook_hosts` are those besides this machine that deliveries of webhooks may go to; "*" is all.
    """

    host: str = "127.0.0.1"
    port: int = 8585
    profile: Profile = "auto"
    grants: tuple[str, ...] = ()
    strict_tokens: bool = False
    contracts: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    only_scenarios: bool = False
    journal: str = ""
    state: str = "memory"
    admin_token: str = ""
    headers: bool = True
    body_limit: int = 32 * MIB
    journal_entries: int = 10_000
    journal_bytes: int = 32 * MIB
    journal_body_limit: int = 64 * 1024
    redact: tuple[str, ...] = ()
    redaction: bool = True
    hosts: tuple[str, ...] = ()
    world: Literal["closed", "open"] = "closed"
    data: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    login_keys: str = ""
    login_page: Literal["browser", "never"] = "browser"
    id_token_iat: Literal["text", "number"] = "text"

    error_text_key: Literal["both", "Message", "ErrorMessage"] = "both"
    agent_errors: Literal["http", "ok_with_error"] = "http"
    select_mode: Literal["null", "omit"] = "null"
    unknown_properties: Literal["ignore", "reject"] = "ignore"
    rights_position: Literal["end", "start"] = "end"
    xml_namespace: str = ""
    xml_nulls: Literal["nil", "omit"] = "nil"
    xml_arrays: Literal["typed", "item"] = "typed"
    xml_errors: Literal["xml", "json"] = "xml"
    json_syntax: Literal["lenient", "strict"] = "lenient"
    base_timezone: str = "UTC"
    unknown_timezone: Literal["refuse", "ignore"] = "refuse"
    unknown_provider: Literal["refuse", "ignore"] = "refuse"
    odata_next_link: Literal["off", "on"] = "off"
    protected_tables: tuple[str, ...] = ()
    compress: bool = True
    authorize_with_username: bool = True
    authorize_with_ticket: bool = True
    authorize_with_implicit: bool = True
    cors_enable: bool = True
    cors_origin: str = "loopback"
    netserver_version: str = "11.9.123.0"

    webhook_hosts: tuple[str, ...] = ()
    webhook_require_https: bool = False
    webhook_validate_https: bool = False
    webhook_probe: bool = False
    webhook_success: Literal["2xx", "200"] = "2xx"
    webhook_wait_factor: float = 1.0
    webhook_timeout: float = 30.0
    webhook_lease: float = 60.0

    @classmethod
    def load(cls, arguments: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from arguments over MOCKSO_* variables over defaults.

        `arguments` holds values already of the right type; None means not given. SettingError names an
        unknown variable or a value out of place.
        """
        environment = os.environ if environment is None else environment
        settings = cls()
        names = {f.name for f in fields(cls)}
        for variable in sorted(environment):
            if variable.startswith("MOCKSO_") and variable not in _NOT_SETTINGS:
                name = variable.removeprefix("MOCKSO_").lower()
                if name not in names:
                    raise SettingError(
                        f"environment variable {variable}: no such setting.{did_you_mean(name, names)}"
                    )
                settings = settings.with_text(name, environment[variable], f"environment variable {variable}")
        settings = replace(
            settings, **{name: value for name, value in arguments.items() if value is not None}
        )
        agents = [agent for text in settings.applications for agent in text.split(":")[2:]]
        for granted in (settings.grants, *(tuple(text.split("+")) for text in agents if text)):
            settings.check_agents(granted, "grants")
        return settings

    def check_agents(self, names: Iterable[str], place: str) -> None:
        """Raise SettingError for an agent that nothing restricts; other contracts than the shipped may have others."""
        known = {agent.lower() for agent in RESTRICTED_AGENTS} | {"*"}
        for name in names if not self.contracts else ():
            if name.lower() not in known:
                hint = did_you_mean(name, RESTRICTED_AGENTS) or f" There are {', '.join(RESTRICTED_AGENTS)}."
                raise SettingError(f"{place}: Online restricts no agent {name!r}.{hint}")

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Settings:
        """Settings from keyword options over MOCKSO_* variables. SettingError for one that is unknown or out of place.

        A text is read as on the command line, so that "Webhook" is a list of one and "false" is not true.
        """
        usual = cls()
        names = {field.name for field in fields(cls)}
        for name in options:
            if name not in names:
                raise SettingError(f"no setting {name!r}.{did_you_mean(name, names) or _ALL}")
        return cls.load({name: usual._of_option(name, value) for name, value in options.items()})

    def _of_option(self, name: str, value: Any) -> Any:
        """The value of a keyword option as the setting has it; None is not given."""
        default = getattr(self, name)
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        if value is None:
            return None
        if isinstance(value, str):
            return getattr(self.with_text(name, value, f"{name}={value!r}"), name)
        if isinstance(default, tuple) and isinstance(value, Iterable) and not isinstance(value, bytes):
            return tuple(value)
        if isinstance(default, bool) and isinstance(value, bool):
            return value
        if isinstance(default, int | float) and type(value) in (int, type(default)):
            return getattr(self.with_text(name, repr(value), f"{name}={value!r}"), name)
        kinds = {tuple: "a list", bool: "true or false", int: "a whole number", float: "a number from 0"}
        raise SettingError(f"{name} is {kinds.get(type(default), 'a text')}, not {value!r}.")

    def with_text(self, name: str, text: str, place: str) -> Settings:
        """These settings with one changed, its value given as text; `place` says where it was given."""
        hints = get_type_hints(Settings)
        if name not in hints:
            raise SettingError(f"{place}: no setting {name!r}.{did_you_mean(name, hints) or _ALL}")
        kind, default = hints[name], getattr(Settings(), name)
        value: Any = text
        if get_args(kind) and isinstance(default, str):
            if text not in get_args(kind):
                raise SettingError(f"{place}: {name} is one of {', '.join(get_args(kind))}, not {text!r}.")
        elif isinstance(default, bool):
            known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
            if text.lower() not in known:
                raise SettingError(f"{place}: {name} is true or false, not {text!r}.")
            value = known[text.lower()]
        elif isinstance(default, int):
            if not (text.isascii() and text.isdigit() and len(text) < 16):
                raise SettingError(f"{place}: {name} is a whole number, not {text!r}.")
            value = int(text)
            if name == "port" and value > 65535:
                raise SettingError(f"{place}: {text} is not a port; give 0 to 65535.")
        elif isinstance(default, float):
            try:
                value = float(text)
            except ValueError:
                value = -1.0
            if not (isfinite(value) and value >= 0):
                raise SettingError(f"{place}: {name} is a number from 0, not {text!r}.")
        elif isinstance(default, tuple):
            value = tuple(part.strip() for part in text.split(",") if part.strip())
        return replace(self, **{name: value})


# MOCKSO_ variables that are not settings.
_ALL = " 'mockso docs settings' has them all."
_NOT_SETTINGS = frozenset(
    {
        *("MOCKSO_CORPUS", "MOCKSO_PEERS"),
        *("MOCKSO_RECORD_TARGET", "MOCKSO_RECORD_TOKEN", "MOCKSO_RECORD_APP_TOKEN", "MOCKSO_RECORD_CA"),
        *("MOCKSO_URL", "MOCKSO_ROOT", "MOCKSO_TOKEN", "MOCKSO_APP_TOKEN", "MOCKSO_TENANT"),
    }
)
