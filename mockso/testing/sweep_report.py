"""What a failure sweep found: the table, the weaknesses, and the file a later run goes on from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from mockso.errors import SettingError

Outcome = Literal["retries", "raises", "notices", "swallows", "crashes", "hangs", "unreached"]

OUTCOMES: dict[Outcome, str] = {
    "retries": "the call was made again and the test passed",
    "raises": "an error that says so reached the test",
    "notices": "the client went on, an assertion of the test failed",
    "swallows": "the test passed as if nothing had happened",
    "crashes": "an error of the language reached the test",
    "hangs": "the client has no time-out",
    "unreached": "the call did not come this time",
}
WEAK: tuple[Outcome, ...] = ("swallows", "crashes", "hangs")
FORMAT = 1


def read_runs(file: str) -> dict[str, Any]:
    """The runs in a file, by "test | call | failure"; none when there is no file."""
    path = Path(file)
    if not path.exists():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["format"] != FORMAT:
            raise ValueError(f"format {value['format']!r} is not {FORMAT}")
        runs: dict[str, Any] = value["runs"]
    except (ValueError, KeyError, TypeError) as error:
        raise SettingError(
            f"{file}: not a file of --mockso-sweep ({error}). Delete it, or name another."
        ) from error
    return runs


def write_runs(file: str, runs: Mapping[str, Any]) -> None:
    """Write the runs, sorted, so that the same runs give the same file."""
    text = json.dumps({"format": FORMAT, "runs": runs}, indent=1, sort_keys=True)
    Path(file).write_text(f"{text}\n", encoding="utf-8")


def lines(runs: Mapping[str, Any]) -> Iterator[str]:
    """The survival table: how often each failure ended how; then each weakness."""
    if not runs:
        yield "failure sweep: no test made a call"
        return
    counts: dict[str, Counter[str]] = {}
    for key, run in runs.items():
        counts.setdefault(key.rsplit(" | ", 1)[1], Counter())[run["outcome"]] += 1
    shown = [outcome for outcome in OUTCOMES if any(count[outcome] for count in counts.values())]
    width = max(map(len, counts))
    yield f"failure sweep: {len(runs)} runs"
    yield f"  {'':<{width}}  " + "  ".join(shown)
    for name in sorted(counts):
        cells = (str(counts[name][outcome] or "-").rjust(len(outcome)) for outcome in shown)
        yield f"  {name:<{width}}  " + "  ".join(cells)
    weak = sorted(
        (run["outcome"], *key.split(" | "), run["about"])
        for key, run in runs.items()
        if run["outcome"] in WEAK
    )
    yield f"weaknesses: {len(weak)}"
    for outcome, test, call, failure, about in weak:
        yield f"  {outcome} {failure} of call {call} in {test}" + (f": {about}" if about else "")
