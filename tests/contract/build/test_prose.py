from __future__ import annotations

import pytest

from mockso.contract.build import prose

NOTE = "## Online Restricted: ## The {} agent is not available to all. {}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NOTE.format("User", "Handling users is not allowed for partner applications."), ("User", "never")),
        (NOTE.format("ErpSync", "Meant for ERP integration."), ("ErpSync", "erp")),
        (NOTE.format("Doc", "Meant for SuperOffice-internal use."), ("Doc", "internal")),
        (NOTE.format("EMail", "Ask for it."), ("EMail", "on-request")),
        ("Nothing of the kind.", None),
    ],
)
def test_a_restriction_names_its_agent_and_kind(text, found):
    assert prose.restriction(text) == found


def test_text_glued_behind_a_restriction_does_not_decide_its_kind():
    text = NOTE.format("Role", "Ask for it. Calls the User agent, not allowed for partner applications.")

    assert prose.restriction(text) == ("Role", "on-request")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("A remark. Max 255 characters.", 255),
        ("May be long. Max 2K.", 2048),
        ("The text, max 2047 significant characters even if more fit", 2047),
        ("Max value (if type 1)", None),
        ("Maximum number of rows", None),
    ],
)
def test_a_length_limit(text, limit):
    assert prose.max_length(text) == limit


@pytest.mark.parametrize(
    "text",
    [
        "Who made it. The property is read-only.",
        "Read-only address, several lines",
        "Sum of minutes. Read-only for external use.",
        "Flows of this form (read-only)",
        "Count of errors. Readonly field",
        "A calculated, readonly field.",
        "Name - read only property",
    ],
)
def test_a_read_only_member(text):
    assert prose.is_read_only(text)


@pytest.mark.parametrize(
    "text",
    [
        "Is this a read only field?",
        "0 = read/write, 1 = readonly (no more)",
        "The unit; read-only for lines of a product",
        "Show as a (read-only!) field",
        "Target field is read only in the client",
        "Only this",
    ],
)
def test_what_only_speaks_of_reading(text):
    assert not prose.is_read_only(text)


@pytest.mark.parametrize(
    ("text", "deprecated"),
    [
        ("Deprecated: see Other", True),
        ("Obsolete, but kept", True),
        ("All of them; the others are deprecated in favor of this", False),
    ],
)
def test_a_deprecated_member_says_so_first(text, deprecated):
    assert prose.is_deprecated(text) is deprecated


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Deleted ones too. Default false.", "false"),
        ("In a column of its own? Default no", "false"),
        ("Default = show all fields.", None),
        ("Default NULL = no filter", None),
        ("Default/False: look first", None),
    ],
)
def test_the_default_of_a_boolean(text, value):
    assert prose.default(text, boolean=True) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('Names. Default = "chat". More', "chat"),
        ("Names. Default = 'chat'", "chat"),
        ('Default = "", which is all', ""),
        ("Default Unknown = no filter", "Unknown"),
        ("Default = show all fields.", None),
        ("Default NULL = no filter", None),
        ("Defaults to the owner", None),
    ],
)
def test_the_default_of_a_text(text, value):
    assert prose.default(text) == value


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("Calls the Contact agent service GetContactEntity.\r\nMore", "Contact.GetContactEntity"),
        (
            "Calls the {SuperOffice.CRM.Services.IContactAgent} service SaveContactEntity.",
            "Contact.SaveContactEntity",
        ),
        ("Calls the Preference agent service SetOne or SetTwo.", "Preference.SetOne"),
        ("Calls nobody.", None),
    ],
)
def test_the_service_behind_an_operation(text, service):
    assert prose.service(text) == service


def test_archive_list_and_threshold():
    text = 'Calls the Archive service using the "FindSale" archive provider. NsApiSlow threshold: 2000 ms.'

    assert prose.archive(text) == "FindSale"
    assert prose.slow_ms(text) == 2000
    assert prose.mdo('Kind. <para>Use MDO List name "task" to get list items.</para>') == "task"
    assert (prose.archive(""), prose.slow_ms(""), prose.mdo("")) == (None, None, None)


def test_entities_are_decoded_twice_and_tags_dropped():
    assert prose.clean("a &amp;lt; b <para/>c").split() == ["a", "<", "b", "c"]
