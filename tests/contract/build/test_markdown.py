from __future__ import annotations

import pytest

from mockso.contract.build import markdown
from tests.contract.build.sources import FIXTURES, HOSTILE, page

BODY = "## Request Body: request \n\n| Property Name | Type |  Description |\n|---|---|---|\n"
STATUS = "## Response:\n\nOK\n\n| Response | Description |\n|---|---|\n| 200 | OK |\n\n"


def read(data, load=lambda _: None):
    found = markdown.read_page(data, "p.md", load)
    assert found is not None
    return found


def kinds(found):
    return [finding.kind for finding in found.findings if finding.weight == "failure"]


def fixture(name):
    [path] = (found for found in FIXTURES.rglob(f"{name}.md") if "samples" not in found.parts)
    return read(path.read_bytes(), lambda relative: (path.parent / relative).read_text("utf-8"))


def hostile(name):
    return read((HOSTILE / f"{name}.md").read_bytes())


# generations


def test_the_page_this_project_started_from():
    found = fixture("pages/agent/User_Agent/v1UserAgent_SaveUntrustedCredentials")

    assert (found.method, found.path) == ("POST", "/api/v1/Agents/User/SaveUntrustedCredentials")
    assert found.line == 10
    assert [(row.name, row.type) for row in found.body_rows] == [
        ("Type", "String"),
        ("Credentials", "UntrustedCredentials"),
    ]
    assert found.restricted == ("User", "never", 16)
    assert len(found.consumes) == 7
    assert found.produces == ()
    assert found.headers == ["SO-AppToken"]
    assert (found.success, found.result) == (204, "TimeZoneData")
    assert kinds(found) == []


def test_a_page_of_2021_has_an_id_blank_carriers_and_its_body_type_on_a_line():
    found = fixture("v1ContactAgent_GetNote")

    assert (found.uid, found.rank) == ("v1ContactAgent_GetNote", 0)
    assert found.result == "object"
    assert [row.type for row in found.result_rows][2] == ""
    assert found.response_sample["NoteId"] == 1
    assert kinds(found) == []


def test_a_raw_binary_sample_is_no_json_and_no_fault():
    found = fixture("v1BLOBAgent_GetPicture")

    assert found.response_sample is markdown.NO_SAMPLE
    assert kinds(found) == []


def test_a_page_of_2021_without_answer_has_no_body_type():
    found = fixture("v1BLOBAgent_DropPicture")

    assert (found.success, found.result, found.body) == (204, None, None)


def test_a_page_of_2023_names_the_answer_in_a_heading():
    found = fixture("v1ContactEntity_GetContactEntity")

    assert found.result == "ContactEntityWithLinks"
    assert sorted(found.statuses) == [200, 304, 404]
    assert [row.name for row in found.path_rows] == ["id"]


def test_suffixes_of_a_body_heading_are_dropped():
    assert fixture("v1ContactEntity_PatchContactEntity").body == "changes"
    assert read(page(rest="## Request Body: image binary\n")).body == "image binary"


def test_experimental_is_description_and_no_section():
    found = fixture("v1ReportAgent_GetReports")

    assert "## Experimental" in found.text
    assert kinds(found) == []


def test_included_samples_are_read_beside_the_page():
    found = fixture("pages/agent/Report_Agent/v1ReportAgent_SaveReport")

    assert found.request_sample == [{"Name": "x", "Draft": True}]
    assert found.response_sample["ReportId"] == 1
    assert found.rank > fixture("v1ReportAgent_GetReports").rank > fixture("v1ContactAgent_GetNote").rank


def test_an_index_is_no_operation():
    path = FIXTURES / "pages" / "rest" / "Contact" / "index.md"

    assert markdown.read_page(path.read_bytes(), "index.md") is None


def test_without_uid_the_file_name_is_the_identity():
    data = page(rest=STATUS).replace(b"uid: v1X_Get\n", b"")

    found = markdown.read_page(data, "rest/v1Y_Get.md")

    assert found.uid == "v1Y_Get"


def test_blocks_behind_the_first_table_are_examples():
    text = STATUS + "```http\nGET /api/v1/Other\n```\n"

    assert kinds(read(page(rest=text))) == []


def test_the_http_block_wins_over_the_title():
    data = page(method="DELETE", path="/api/v1/X/{xId}").replace(b"# DELETE X", b"# DEL X/{id}")

    found = read(data)

    assert (found.method, found.path) == ("DELETE", "/api/v1/X/{xId}")
    assert [finding.kind for finding in found.findings] == ["title-method", "title-path"]
    assert found.findings[0].other == "p.md:6"


# hostile pages


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NoBlock", {"no-http-block": [6]}),
        ("TwoBlocks", {"two-http-blocks": [13]}),
        ("WrongWidth", {"bad-row": [31, 32]}),
        ("BrokenJson", {"bad-json": [43, 54], "unclosed": [49]}),
        ("LostInclude", {"missing-include": [38]}),
        ("Strange", {"unknown-heading": [36], "unknown-fence": [40]}),
        ("OpenRow", {"unclosed": [32]}),
    ],
)
def test_a_hostile_page_is_named_with_its_lines(name, expected):
    found: dict[str, list[int]] = {}
    for finding in hostile(name).findings:
        found.setdefault(finding.kind, []).append(int(finding.place.rpartition(":")[2]))

    assert {kind: sorted(lines) for kind, lines in found.items()} == expected


def test_the_first_of_two_blocks_decides():
    found = hostile("TwoBlocks")

    assert (found.method, found.path) == ("POST", "/api/v1/Agents/Report/TwoBlocks")


def test_a_row_of_wrong_width_is_dropped_and_an_escaped_pipe_kept():
    rows = hostile("WrongWidth").body_rows

    assert [(row.name, row.text) for row in rows] == [("Good", "fine"), ("Piped", "a | b")]


def test_a_row_goes_on_until_a_pipe_closes_it():
    rows = hostile("OpenRow").body_rows

    assert (rows[0].name, rows[0].text) == ("Long", "goes on and on")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda data: b"\xef\xbb\xbf" + data, []),
        (lambda data: data.replace(b"\n", b"\r\n"), []),
        (lambda data: data.replace(b"\n", b"\r"), []),
        (lambda data: data.replace(b"OK", b"O\0K", 1), ["nul-bytes"]),
        (lambda data: data.replace(b"OK", b"\xe6\xf8", 1), ["bad-encoding"]),
    ],
    ids=["BOM", "CRLF", "CR", "NUL", "latin-1"],
)
def test_an_odd_encoding_does_not_hide_the_operation(change, expected):
    found = read(change(page(rest=STATUS)))

    assert (found.method, found.path, found.success) == ("POST", "/api/v1/X", 200)
    assert kinds(found) == expected


def test_a_page_that_is_not_utf_8_names_the_line_of_the_first_bad_byte():
    data = page(rest=STATUS).replace(b"OK", b"\xe6", 1)

    [finding] = read(data).findings

    assert finding.place == "p.md:14"


TEN_MILLION = 10_000_000


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("| a | b |\n|", "-", "x\n"),
        ("", "`", " a b\n"),
        ("# a", " ", "b\n"),
        ("| Property Name | Type | Description |\n|-|-|-|\n| a | string | ", "<para ", "only |\n"),
        ("", "|", ""),
        ("", "\0", ""),
    ],
    ids=["dashes", "backticks", "blanks", "tags", "pipes", "NUL"],
)
def test_ten_megabytes_on_a_line_are_read(before, piece, after):
    line = before + piece * (TEN_MILLION // len(piece)) + after

    found = read(page(rest=STATUS + line))

    assert found.success == 200


def test_a_sample_nested_without_end_is_a_fault_of_the_page():
    text = STATUS + "## Sample request\n\n```http!\nPOST x\n\n" + "[" * 100_000 + "\n```\n"

    assert kinds(read(page(rest=text))) == ["bad-json"]
