"""The operations that stay examples are known without their rules: `python -m tests.entities.test_example_list --write`."""

import subprocess
import sys

from mockso.contract.catalogue import SHIPPED, Contract
from mockso.entities.example_list import FILE, examples_of
from mockso.entities.rules import Rules


def examples_by_rule(contract: Contract) -> list[bool]:
    rules = contract.derive(Rules)
    return [rules.plan_of(operation) is None for operation in contract.operations()]


def text_for(contract: Contract) -> str:
    bits = "".join(str(int(is_example)) for is_example in examples_by_rule(contract))
    return f"{contract.header['digest']}\n{int(bits, 2):x}\n"


def test_the_file_says_what_the_rules_say():
    assert FILE.read_text(encoding="ascii") == text_for(Contract.open()), (
        "write it again: python -m tests.entities.test_example_list --write"
    )


def test_the_ids_are_those_without_a_plan():
    contract = Contract.open()
    examples = examples_of(contract)
    rules = contract.derive(Rules)
    assert examples == {o.id for o in contract.operations() if rules.plan_of(o) is None}
    assert 1000 < len(examples) < len(contract)


def test_of_another_contract_nothing_is_known():
    data = SHIPPED.read_bytes().replace(b'"digest": "', b'"digest": "0', 1)
    assert examples_of(Contract(data, "another")) == frozenset()


def test_an_example_is_answered_without_the_rules():
    code = (
        "import sys; from mockso.testing.mock import open_mock; from tests.conftest import call\n"
        "engine = open_mock(grants=['User']).engine\n"
        "path = '/api/v1/Agents/User/SaveUntrustedCredentials'\n"
        "assert engine.handle(call('POST', path, {'Type': 'x'})).status == 204\n"
        "print(*sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    modules = set(ended.stdout.split())
    assert "mockso.engine" in modules
    assert {"mockso.entities.rules", "mockso.contract.kinds"}.isdisjoint(modules)


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    FILE.write_text(text_for(Contract.open()), encoding="ascii", newline="\n")
