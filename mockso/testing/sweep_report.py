"""The result of a failure sweep: the table, the weaknesses, and the file a later run continues from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from mockso.errors import SettingError
from mockso.storage.files import write_atomically

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
    """The runs in a file, by "test | call | failure"; empty without a file. Raises SettingError for an invalid one."""
    path = Path(file)
    try:
        if not path.exists():
            return {}
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["format"] != FORMAT:
            raise ValueError(f"format {value['format']!r} is not {FORMAT}")
        runs: dict[str, Any] = value["runs"]
        for key, run in runs.items():
            _parts(key)
            if run["outcome"] not in OUTCOMES or not isinstance(run["about"], str):
                raise ValueError(f"{key!r} did not end as {run!r}")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise SettingError(
            f"{file}: not a file of --mockso-sweep ({error}). Delete it, or name another."
        ) from error
    return runs


def write_runs(file: str, runs: Mapping[str, Any]) -> None:
    """Write the runs, sorted, so that the same runs give the same file. Raises SettingError if that fails."""
    text = json.dumps({"format": FORMAT, "runs": runs}, indent=1, sort_keys=True)
    path = Path(file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, f"{text}\n".encode())
    except OSError as error:
        raise SettingError(
            f"{file}: cannot be written ({error.strerror}). Name another with --mockso-sweep-file."
        ) from error


def key_of(test: str, call: str, failure: str) -> str:
    """The key of a run; only a test's name may have a bar in it."""
    return f"{test} | {call.replace('|', '%7C')} | {failure}"


def _parts(key: str) -> tuple[str, str, str]:
    test, call, failure = key.rsplit(" | ", 2)
    return test, call, failure


def weaknesses(runs: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Outcome, test, call, failure and remark of each run that shows a weakness."""
    return sorted(
        (run["outcome"], *_parts(key), run["about"]) for key, run in runs.items() if run["outcome"] in WEAK
    )


def lines(runs: Mapping[str, Any]) -> Iterator[str]:
    """The survival table: the outcomes of each failure; then each weakness."""
    if not runs:
        yield "failure sweep: no test made a call"
        return
    counts: dict[str, Counter[str]] = {}
    for key, run in runs.items():
        counts.setdefault(_parts(key)[2], Counter())[run["outcome"]] += 1
    outcomes = [outcome for outcome in OUTCOMES if any(count[outcome] for count in counts.values())]
    width = max(map(len, counts))
    yield f"failure sweep: {len(runs)} runs"
    yield f"  {'':<{width}}  " + "  ".join(outcomes)
    for name in sorted(counts):
        cells = (str(counts[name][outcome] or "-").rjust(len(outcome)) for outcome in outcomes)
        yield f"  {name:<{width}}  " + "  ".join(cells)
    weak = weaknesses(runs)
    yield f"weaknesses: {len(weak)}"
    for outcome, test, call, failure, about in weak:
        yield f"  {outcome} {failure} of call {call} in {test}" + (f": {about}" if about else "")
