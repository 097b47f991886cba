"""The table of all rules a call can break: its stage of judging, confidence, source and statement.

`source` is the general place; a violation of the contract cites the operation's or the type's own
place instead. "introduction" means the introductions of the agent and REST references, "WebAPI" the
framework the server is built on, "clients" what public clients send and get.
"""

from __future__ import annotations

from mockso.contract.model import Confidence
from mockso.exchange.call import Rule, Stage

_TABLE: dict[Stage, dict[str, tuple[Confidence, str, str]]] = {
    "address": {
        "unknown-address": ("likely", "WebAPI", "an address that no operation has is 404"),
    },
    "method": {
        "unknown-method": ("likely", "WebAPI", "an address called with a method it lacks is 405, with Allow"),
    },
    "host": {
        "wrong-host": ("firm", "introduction", "a host that does not own the tenant answers 421"),
    },
    "credential": {
        "no-credential": ("firm", "introduction", "a call without credential is 401"),
        "no-xsrf": ("firm", "introduction", "a session needs its value in X-XSRF-TOKEN"),
        "unknown-scheme": ("firm", "introduction", "the schemes are Basic, SOTicket, Bearer and Negotiate"),
        "malformed-credential": ("firm", "introduction", "a credential has the form of its scheme"),
        "unknown-credential": ("firm", "introduction", "a token or ticket that was never issued is 401"),
        "expired-credential": ("firm", "introduction", "an expired token or ticket is 401"),
        "other-tenant": ("assumed", "introduction", "a token opens only the tenant it names"),
        "basic-online": ("assumed", "introduction", "Basic is for onsite installations only"),
        "negotiate-online": ("firm", "introduction", "Windows log-in is for onsite installations only"),
        "scheme-off": (
            "firm",
            "introduction",
            "an onsite installation may switch Basic, SOTicket and Windows log-in off",
        ),
        "no-app-token": ("assumed", "introduction", "SOTicket in Online needs the application's SO-AppToken"),
    },
    "tenant": {
        "tenant-not-running": (
            "assumed",
            "tenant state",
            "a tenant in maintenance is 503, a suspended one 403",
        ),
    },
    "restriction": {
        "online-restricted": (
            "assumed",
            "reference",
            "an Online restricted operation is 403 unless the application was granted the agent",
        ),
        "online-blocked": (
            "assumed",
            "reference",
            "User/current is blocked in Online, which no grant changes: 403",
        ),
    },
    "media type": {
        "unsupported-media-type": ("likely", "WebAPI", "a body of a type the operation does not list is 415"),
        "no-media-type": ("assumed", "WebAPI", "a body without Content-Type is 415"),
        "unsupported-encoding": ("assumed", "WebAPI", "a body is plain or compressed with gzip or deflate"),
    },
    "decoding": {
        "too-large": ("assumed", "mockso", "a body over the limit is 413"),
        "broken-encoding": ("likely", "WebAPI", "a body is text in the charset it names, UTF-8 by default"),
        "broken-json": ("likely", "WebAPI", "a JSON body parses"),
        "json-syntax": (
            "likely",
            "WebAPI",
            "trailing commas, single quotes and bare names are read, though JSON does not allow them",
        ),
        "broken-multipart": ("likely", "WebAPI", "a multipart body has its boundary, headers and an end"),
        "broken-compression": (
            "assumed",
            "WebAPI",
            "a compressed body is whole and of the encoding it names",
        ),
        "not-finite": ("likely", "WebAPI", "JSON has no NaN and no Infinity"),
        "too-deep": ("assumed", "mockso", "a body nests to a limited depth"),
        "duplicate-name": ("assumed", "WebAPI", "an object names a property once"),
        "lone-surrogate": ("assumed", "WebAPI", "text is valid Unicode"),
        "broken-xml": ("likely", "WebAPI", "an XML body is well-formed"),
        "forbidden-xml": ("assumed", "WebAPI", "an XML body has no document type and no entities of its own"),
        "broken-form": ("likely", "WebAPI", "a form body is name=value pairs"),
    },
    "parameters": {
        "missing-parameter": ("firm", "reference", "a required parameter is given"),
        "parameter-type": ("firm", "reference", "a parameter has the documented type"),
        "unknown-parameter": ("assumed", "reference", "a query parameter that is not documented is ignored"),
        "repeated-parameter": ("assumed", "WebAPI", "a parameter that is not a list is given once"),
        "unknown-column": (
            "assumed",
            "reference",
            "$select names properties of the answer, a query the columns of its provider",
        ),
        "unknown-provider": (
            "assumed",
            "introduction",
            "Archive/{provider} names a provider of the server, else 404",
        ),
        "negative-rows": ("assumed", "introduction", "$top and $skip are not negative"),
        "filter-syntax": (
            "assumed",
            "introduction",
            "$filter, $orderBy and $select are written in the query language of archives",
        ),
        "filter-operator": (
            "assumed",
            "introduction",
            "an operator and its values fit the restriction type of their column",
        ),
        "unknown-zone": ("assumed", "time zones", "SO-TimeZone names a zone by its id or code"),
        "http-date": ("likely", "HTTP", "a condition that is not an HTTP date is ignored"),
    },
    "body": {
        "missing-body": ("firm", "reference", "an operation that takes an entity gets one"),
        "unexpected-body": ("likely", "reference", "a body that is not documented is ignored"),
        "body-type": ("likely", "reference", "a value has the documented type"),
        "coerced": (
            "likely",
            "clients",
            "numbers are read from text and the reverse, but the contract has one type",
        ),
        "rounded": ("assumed", "WebAPI", "a number with a fraction is rounded to an integer"),
        "out-of-range": ("likely", "reference", "a number is in the range of its type"),
        "enum-value": ("likely", "reference", "an enum has one of the documented values"),
        "enum-case": ("likely", "WebAPI", "names of enum values compare without regard to letter case"),
        "enum-number": ("likely", "clients", "an enum is read from its number"),
        "enum-list": ("likely", "reference", "values of an enum that are flags join with a comma"),
        "unknown-property": ("likely", "clients", "a property that the carrier lacks is ignored"),
        "property-case": ("firm", "clients", "property names compare without regard to letter case"),
        "date": ("likely", "reference", "a date-time is ISO 8601 with 0 to 7 fraction digits"),
        "encoded-value": ("likely", "reference", "an encoded value of a custom field fits its mark"),
        "base64": ("likely", "reference", "bytes are base64 text"),
        "too-long": ("assumed", "reference", "a text keeps the documented length"),
        "table-row": (
            "assumed",
            "introduction",
            "a row of a table operation has as many cells as there are columns",
        ),
        "protected-table": ("assumed", "introduction", "a table operation leaves protected tables alone"),
        "unknown-reference": ("assumed", "mockso", "a reference leads to a row of the tenant"),
        "other-key": ("assumed", "mockso", "a saved body has the key of its address"),
        "list-of-rows": ("likely", "mockso", "a list of other rows follows from their references"),
        "patch-operation": ("firm", "introduction", "JSON Patch has add, replace, remove and test"),
        "patch-leaf": (
            "assumed",
            "introduction",
            "a text deep in an address changes with the whole around it",
        ),
        "patch-path": ("firm", "introduction", "a JSON Patch path leads to a property of the entity"),
        # answers of a server behind the recording proxy
        "reply-status": (
            "likely",
            "reference",
            "an answer has a status that is documented for its operation",
        ),
        "reply-body": ("likely", "reference", "an answer of a documented type has a body"),
    },
}

RULES = {name: Rule(name, *row) for rows in _TABLE.values() for name, row in rows.items()}

STAGES = {name: stage for stage, rows in _TABLE.items() for name in rows}
"""The stage of judging that each rule belongs to."""
