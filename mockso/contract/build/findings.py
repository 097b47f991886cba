"""Findings of the compiler about its sources: defects of one place, contradictions of two.

A finding has a class, and the classes stand in one table: whether the class is a contradiction
(two places, a rule that decided) and whether it makes a strict run fail. Nothing here reads a source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Weight = Literal["note", "contradiction", "failure"]

# class -> its weight and what it means. Notes are defects the vendor's sources are known for; a
# failure is a source that could not be read as it stands.
CLASSES: dict[str, tuple[Weight, str]] = {
    # two places
    "body-name": ("contradiction", "the body has another name"),
    "body-property-type": ("contradiction", "a property of the request has another type"),
    "body-type": ("contradiction", "the request body has another type"),
    "method-or-path": ("contradiction", "method or path differ"),
    "operation-id": ("contradiction", "the operation was renamed"),
    "page-generations": ("contradiction", "two pages of one operation differ; the newer decides"),
    "path-enum": ("contradiction", "the members of a path parameter differ"),
    "path-type": ("contradiction", "a path parameter has another type"),
    "produces": ("contradiction", "the media types of the response differ"),
    "consumes": ("contradiction", "the media types of the request differ"),
    "property-only-in-page": ("contradiction", "a property stands in the page only"),
    "property-only-in-swagger": ("contradiction", "a property stands in Swagger only"),
    "query-enum": ("contradiction", "the members of a query parameter differ"),
    "query-name-case": ("contradiction", "the letter case of a query parameter differs"),
    "query-only-in-page": ("contradiction", "a query parameter stands in the page only"),
    "query-only-in-swagger": ("contradiction", "a query parameter stands in Swagger only"),
    "query-type": ("contradiction", "a query parameter has another type"),
    "header-set": ("contradiction", "the request headers differ"),
    "required": ("contradiction", "only one of the two says a parameter is required"),
    "response-property-type": ("contradiction", "a property of the response has another type"),
    "response-type": ("contradiction", "the response body has another type"),
    "restricted": ("contradiction", "only one of the two says it is restricted"),
    "server-property-omitted": ("contradiction", "the page leaves out what the server computes"),
    "statuses": ("contradiction", "the documented statuses differ"),
    "sample-is-list": ("contradiction", "the sample is a list, the table that of one object"),
    "title-method": ("contradiction", "the title abbreviates the method; the http block decides"),
    "title-path": ("contradiction", "the title has another path; the http block decides"),
    "variable-name": ("contradiction", "a path variable has another name"),
    "body-of-204": ("contradiction", "a 204 that names a type; there is no body"),
    # one place, known of the vendor's sources
    "ambiguous-path": ("note", "two templates fit one address and neither is more specific"),
    "corrected-response": ("note", "the server is known to answer otherwise; corrected"),
    "delete-with-body": ("note", "a DELETE with a body"),
    "duplicate-column": ("note", "a column stands twice in a provider; the first decides"),
    "no-columns": ("note", "an archive provider without columns"),
    "no-accept": ("note", "no media type for a documented response body"),
    "no-content-type": ("note", "a body without media types"),
    "no-success": ("note", "no success status; 200 without a known body is served"),
    "only-in-pages": ("note", "the operation stands in pages only"),
    "only-in-swagger": ("note", "the operation stands in Swagger only"),
    "reference-elsewhere": ("note", "a reference without target in its file, found in another"),
    "same-route": ("note", "templates equal but for the variable: one route with alternatives"),
    "unreliable-label": ("note", "a fallback label stands for a type; resolved without it"),
    "type-from-page": ("note", "a type that only pages have, compiled from its table"),
    "unresolved-type": ("note", "a type no source resolves: any JSON"),
    "query-shape": ("note", "a query parameter whose type Swagger 2.0 cannot have; text"),
    "security-scheme": ("note", "security names a scheme that is not defined"),
    # could not be read as it stands
    "bad-column": ("failure", "a column whose name, restriction or order is unclear, dropped"),
    "bad-encoding": ("failure", "not UTF-8"),
    "bad-json": ("failure", "JSON that does not parse"),
    "bad-row": ("failure", "a table row of wrong width, dropped"),
    "dangling-reference": ("failure", "a reference no file defines: any JSON"),
    "duplicate-operation": ("failure", "an operation stands twice with different content"),
    "missing-include": ("failure", "an included file is missing"),
    "no-http-block": ("failure", "no http block with a method and a path"),
    "nul-bytes": ("failure", "NUL bytes, dropped"),
    "two-http-blocks": ("failure", "two http blocks; the first decides"),
    "unclosed": ("failure", "a fence or row that is never closed"),
    "unknown-fence": ("failure", "a fence of unknown kind"),
    "unknown-heading": ("failure", "a heading of unknown meaning"),
    "unknown-keyword": ("failure", "a Swagger keyword of unknown meaning"),
    "unknown-type-word": ("failure", "a type word of unknown meaning"),
    "unreadable": ("failure", "a source that cannot be read"),
    "unwritable-type": ("failure", "a name or member that the contract file cannot hold: any JSON"),
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding: its class, the place that decided or is at fault, the other place, what differs."""

    kind: str
    place: str
    other: str = ""
    detail: str = ""

    @property
    def weight(self) -> Weight:
        return CLASSES[self.kind][0]

    def __str__(self) -> str:
        against = f" against {self.other}" if self.other else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.place}{against}{detail}"


def count(findings: Iterable[Finding], weight: Weight) -> dict[str, int]:
    """How many findings of each class of that weight there are, sorted by class."""
    counted = Counter(finding.kind for finding in findings if finding.weight == weight)
    return dict(sorted(counted.items()))
