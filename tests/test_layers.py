"""Who may import whom (see the README, "How it is built")."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent / "mockso"

# A module may import what stands in a lower layer; inside one layer only what the sets below allow.
LAYERS = [
    {"version", "errors", "contract.model"},
    {"exchange", "config", "rules", "contract.values"},
    {
        "contract",
        "codec",
        "reading",
        "forms",
        "tolerant",
        "xmlbody",
        "zones",
        "dates",
        "conditions",
        "links",
        "providers",
        "encoded",
        "patched",
        "shape",
        "operators",
        "match",
        "moved",
        "delay",
        "redact",
        "redact_text",
        "template",
        "scenario_schema",
        "scenario_fields",
    },
    {
        "webhooks.signature",
        "webhooks.events",
        "webhooks.states",
        "webhooks.payload",
        "webhooks.hooks",
        "webhooks.target",
    },
    {"auth", "scenario", "scenario_*", "reply_plan", "journal", "journal_*", "entry", "har", "patch"},
    {"tenant"},
    {
        "faults",
        "intake",
        "queries",
        "mass",
        "judge",
        "encode",
        "refuse",
        "documents",
        "languages",
        "localized",
        "streams",
        "archives",
        "answer",
    },
    {"webhooks"},
    {"engine", "why", "why_change", "why_fix"},
    {"web", "wire", "server", "watch"},
    {"recording"},
    {"local", "testing"},
    {
        "pytest_plugin",
        "serving",
        "journal_command",
        "lint",
        "schema_command",
        "scenarios_command",
        "rules_command",
        "why_command",
        "cli",
        "__init__",
        "__main__",
    },
]


def layer_of(module: str) -> int:
    for number, names in enumerate(LAYERS):
        for name in names:
            if (
                module == name
                or module.startswith(name + ".")
                or (name.endswith("*") and module.startswith(name[:-1]))
            ):
                return number
    raise AssertionError(f"mockso.{module} belongs to no layer: put it into one")


def imports_of(path: Path) -> set[str]:
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # What only a type checker imports makes no circle.
    tree.body = [
        n for n in tree.body if not (isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test))
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mockso"):
            base = node.module.removeprefix("mockso").removeprefix(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".removeprefix(".")
                found.add(inner if (ROOT / (inner.replace(".", "/") + ".py")).exists() else base)
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.removeprefix("mockso.") for alias in node.names if alias.name.startswith("mockso.")
            }
    return found - {""}


def modules() -> dict[str, Path]:
    return {
        str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__"): path
        for path in ROOT.rglob("*.py")
    }


def test_no_module_imports_from_a_higher_layer():
    wrong = [
        f"{module} imports {other}"
        for module, path in modules().items()
        for other in imports_of(path)
        if layer_of(other) > layer_of(module)
    ]

    assert wrong == []


def test_flask_is_imported_at_the_edge_only():
    for module, path in modules().items():
        text = path.read_text(encoding="utf-8")
        assert ("import flask" not in text and "from flask" not in text) or module.startswith("web."), module


def test_no_module_is_much_over_400_lines():
    assert [
        name for name, path in modules().items() if path.read_text(encoding="utf-8").count("\n") > 450
    ] == []
