"""`mockso verify`: does a real server still answer what scenarios say?"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path

from mockso.commands.options import add_contract, add_target, open_contract
from mockso.errors import SettingError, count_of
from mockso.progress import follow
from mockso.recording.upstream import Target, Upstream
from mockso.recording.verify import ServerCheck, plan_request
from mockso.scenario.library import load_scenarios
from mockso.storage.files import write_atomically

# Source: the environments of SuperOffice CRM Online: sod is development, qaonline stage, online and app production.
_PRODUCTION = re.compile(r"(online|app)\d*\.superoffice\.com", re.IGNORECASE)


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    add("scenarios", nargs="+", metavar="SCENARIO", help="files, folders or names")
    add("--against", required=True, metavar="URL", help="the server, with its tenant")
    add("--allow-writes", action="store_true", help="send what may change something, too")
    add("--production", action="store_true", help="a production host is meant")
    add("--dry-run", action="store_true", help="print what would be sent, send nothing")
    add("--confidences", type=Path, metavar="FILE", help="write what was confirmed or refuted (JSON)")
    add_contract(parser)
    add_target(parser, named=False)


def run(arguments: argparse.Namespace) -> int:
    """0 when all that was checked holds, 1 when something does not, 2 when nothing was checked."""
    target = Target.of(arguments.against, "--against")
    if _PRODUCTION.fullmatch(target.host) and not arguments.production:
        raise SettingError(
            f"--against {arguments.against}: this is a production host. Add --production if it is meant."
        )
    contract = open_contract(arguments)
    plan = [
        plan_request(step, contract, target, writes=arguments.allow_writes)
        for scenario in load_scenarios(arguments.scenarios, contract)
        for step in scenario.steps
    ]
    if arguments.dry_run:
        for item in plan:
            print(item)
        print(f"{sum(not item.why for item in plan)} of {count_of(len(plan), 'step')} would be sent")
        return 0
    token = os.environ.get("MOCKSO_TOKEN", "")
    if not token:
        raise SettingError(
            "give a credential for the server in MOCKSO_TOKEN, such as 'Bearer 8A:Cust12345...'."
        )
    token = token if " " in token else f"Bearer {token}"
    upstream = Upstream(target, ca=arguments.ca, timeout=arguments.timeout)
    check = ServerCheck(contract, upstream, token, print)
    for item in follow("asking the server", plan, len(plan)):
        check.send(item)
    upstream.close()
    if arguments.confidences:
        text = json.dumps(check.confidences, indent=2, sort_keys=True) + "\n"
        write_atomically(arguments.confidences, text.encode())
    print(f"{check.checked} of {count_of(len(plan), 'step')} checked, {check.departing} leave what they say")
    if not check.checked:
        print("nothing was checked", file=sys.stderr)
        return 2
    return 1 if check.departing else 0
