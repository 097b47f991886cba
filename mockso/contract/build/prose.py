"""Facts that stand in sentences: restrictions, limits, lists, thresholds, services, defaults.

Every function takes the text of a description, from Swagger or from a page, and gives the fact or
None. The sentences themselves go no further.
"""

from __future__ import annotations

import html
import re

# Source: reference, the "Online Restricted" note of each operation. The first key that the note
# has decides; a note with none of them says that access must be requested.
_RESTRICTION_KINDS = (
    ("not allowed for partner", "never"),
    ("superoffice-internal", "internal"),
    ("erp integration", "erp"),
)
_RESTRICTED = re.compile(r"Online Restricted:?\s*(?:##)?\s*The (\w+) agent is not available([^#]*)", re.I)
_EXPERIMENTAL = re.compile(r"##\s*Experimental\b", re.I)
_DEPRECATED = re.compile(r"\s*(?:deprecated|obsolete)\b", re.I)
_MAX = re.compile(r"\bmax(?:imum)?\.?\s+(\d+)\s*(?:(K)\b|(?:significant\s+)?char)", re.I)
_SLOW = re.compile(r"NsApiSlow threshold:\s*(\d+)\s*ms", re.I)
_SERVICE = re.compile(
    r"Calls the (?:(?P<agent>\w+) agent|\{?SuperOffice\.CRM\.Services\.I(?P<full>\w+?)Agent\}?) "
    r"service (?P<method>\w+)"
)
_ARCHIVE = re.compile(r'Calls the Archive service using the "(\w+)" archive')
_MDO = re.compile(r'Use MDO List name "([^"]+)"', re.I)
_DEFAULT = re.compile(
    r"""(?:\bDefault|\(default)(?:\s*[=:]\s*|\s+)   # "Default = ", "Default: ", "Default "
        (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<word>\w+))
        \s*(?=[.,;)]|$|=\s)""",
    re.X | re.M,
)
_NO_DEFAULT = frozenset({"null"})

# A member is read-only when a sentence says so of the member itself; "read-only for lines that ...",
# "is this a read only field?" and "0 = read/write, 1 = readonly" are about something else.
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[\r\n]+")
_READ_ONLY = (
    re.compile(r"^read-?only(?! for (?!external)| in )\b(?!\))", re.I),
    re.compile(r"^\(read-?only\)$|\(read-?only\)\.?$", re.I),
    re.compile(r"\b(?:property|field|member) is read-?only\b(?! for lines)", re.I),
    re.compile(r"\bread[- ]?only (?:property|field|fields|member)\b(?!\?)", re.I),
)
_TAG = re.compile(r"</?(?:para|see|c|code|br|b|i|p|summary|remarks)\b[^<>]*>", re.I)


def clean(text: str) -> str:
    """A description without XML-doc tags; the vendor's generator escapes entities twice (rule 4)."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return _TAG.sub(" ", text) if "<" in text else text


def restriction(text: str) -> tuple[str, str] | None:
    """The agent Online must have granted and the kind of the restriction.

    The agent is the one the text names, which need not be that of the path. What is glued on behind
    the note ("Calls the ...", "Update the ...") is not part of it (rule 3).
    """
    match = _RESTRICTED.search(text)
    if match is None:
        return None
    note = re.split(r"\b(?:Calls|Update) the\b", match[2])[0].lower()
    kind = next((kind for key, kind in _RESTRICTION_KINDS if key in note), "on-request")
    return match[1], kind


def is_experimental(text: str) -> bool:
    return _EXPERIMENTAL.search(text) is not None


def is_deprecated(text: str) -> bool:
    """True where the description starts with the mark; "deprecated in favor of this" further on
    speaks of another member."""
    return _DEPRECATED.match(text) is not None


def is_read_only(text: str) -> bool:
    if "only" not in text.lower():
        return False
    for sentence in _SENTENCE.split(clean(text).strip()):
        if sentence.endswith("?"):
            continue
        if any(pattern.search(sentence) for pattern in _READ_ONLY):
            return True
    return False


def max_length(text: str) -> int | None:
    """The limit in characters; "2K" are 2,048."""
    match = _MAX.search(text)
    if match is None:
        return None
    return int(match[1]) * (1024 if match[2] else 1)


def slow_ms(text: str) -> int | None:
    """The time in milliseconds above which the vendor calls the operation slow."""
    match = _SLOW.search(text)
    return int(match[1]) if match else None


def service(text: str) -> str | None:
    """The agent's service behind a REST operation, "Contact.GetContactEntity"; the first of two."""
    match = _SERVICE.search(text)
    return f"{match['agent'] or match['full']}.{match['method']}" if match else None


def archive(text: str) -> str | None:
    """The archive provider behind a collection."""
    match = _ARCHIVE.search(text)
    return match[1] if match else None


def mdo(text: str) -> str | None:
    """The MDO list that has the legal ids of a property."""
    match = _MDO.search(text)
    return match[1] if match else None


def default(text: str, *, boolean: bool = False) -> str | None:
    """The value a parameter has when it is absent, as text; None also where the prose describes the
    default instead of naming it ("Default = show all fields")."""
    match = _DEFAULT.search(text)
    if match is None:
        return None
    quoted = match["double"] if match["double"] is not None else match["single"]
    if quoted is not None:
        return quoted
    word = match["word"]
    if boolean:
        return {"no": "false", "false": "false", "yes": "true", "true": "true"}.get(word.lower())
    return None if word.lower() in _NO_DEFAULT else word
