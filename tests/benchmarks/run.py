"""Measure mockso beside its peers: python tests/benchmarks/run.py [--only startup,suite] [--quick].

The peers come from `sh tests/benchmarks/peers.sh FOLDER`; what is not installed is skipped and named.
Everything is bounded in count and time, on loopback, and all that was started is stopped.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import report
from goals import GOALS
from measures import MEASURES, QUICK, Bench, Effort, Series
from process import can_pin
from tools import MOCKSO, Place

ROOT = Path(__file__).parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the JSON; 1 if a goal that was measured is not met."""
    asked = _arguments(arguments)
    # A terminated run must still end its servers: leave by the exits of the context managers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(
        f"two cores for server and load: {'yes' if can_pin() else 'no'}; load now {os.getloadavg()[0]:.2f}",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="mockso-benchmarks-") as scratch:
        place = Place(Path(asked.peers), Path(asked.corpus), Path(scratch))
        bench = Bench(place, QUICK if asked.quick else Effort())
        series = _measured(bench, asked.only)
    medians = {(one.kind, one.tool): one.median for one in series}
    outcomes = [goal.judge(medians) for goal in GOALS]
    measured = [outcome for outcome in outcomes if outcome.met is not None]
    goals = report.judged(measured) if measured else ()
    print(*report.tables(series, base=MOCKSO.name), *goals, sep="\n")
    if asked.json:
        Path(asked.json).write_text(report.to_json(series, outcomes, bench.skipped), encoding="utf-8")
    return 0 if all(outcome.met for outcome in measured) else 1


def _measured(bench: Bench, names: Sequence[str]) -> list[Series]:
    series = []
    for name in names:
        print(f"{name}: {(MEASURES[name].__doc__ or '').splitlines()[0]}", file=sys.stderr)
        series += MEASURES[name](bench)
    return series


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure mockso beside its peers.", allow_abbrev=False)
    parser.add_argument("--only", type=_names, default=list(MEASURES), help=f"some of {','.join(MEASURES)}")
    parser.add_argument(
        "--peers",
        default=os.environ.get("MOCKSO_PEERS", "peers"),
        help="where peers.sh installed (MOCKSO_PEERS)",
    )
    parser.add_argument(
        "--corpus",
        default=os.environ.get("MOCKSO_CORPUS", str(ROOT.parent / "shared" / "corpus" / "swagger")),
        help="folder of the Swagger files, for Prism (MOCKSO_CORPUS)",
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: a look, not figures to quote")
    parser.add_argument("--json", metavar="FILE", help="write all figures there too")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(MEASURES):
        raise argparse.ArgumentTypeError(
            f"no measure {', '.join(sorted(unknown))}: there are {', '.join(MEASURES)}"
        )
    return names


if __name__ == "__main__":
    sys.exit(main())
