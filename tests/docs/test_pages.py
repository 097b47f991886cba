"""The pages as a whole: small, in plain English, linked, printed by `mockso docs`, shown beside the calls."""

from __future__ import annotations

import re

import pytest

from mockso import cli
from mockso.docs import FOLDER, PAGES, anchor, lines_with_anchors, read_page, summary
from mockso.judge.rules import RULES
from mockso.web.app import make_app
from tests.docs.pages import README, TEXTS, anchors
from tests.test_names import PHRASES

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.fixture
def client(engine):
    return make_app(engine).test_client()


def test_the_readme_is_read_in_one_look():
    assert len(README.encode()) < 6144


def test_every_file_is_a_page_and_the_readme_leads_to_each():
    assert {path.stem for path in FOLDER.glob("*.md")} == set(PAGES)
    assert set(re.findall(r"\(mockso/docs/([\w-]+)\.md[)#]", README)) == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_begins_with_its_title_and_one_line(name):
    title, empty, line, end, *_ = read_page(name).splitlines()

    assert title.startswith("# ")
    assert (empty, end) == ("", "")
    assert line.endswith(".")
    assert len(line) <= 120


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_to_a_page_and_an_anchor(name):
    text = re.sub(r"^```.*?^```$", "", TEXTS[name], flags=re.DOTALL | re.MULTILINE)
    for target, place in LINK.findall(text):
        other = re.fullmatch(r"(?:mockso/docs/)?([\w-]+)\.md", target)
        assert other is not None or not target, target
        page = other[1] if other else name
        assert page in PAGES, target
        assert not place or place in anchors(page), f"{target}#{place}"


@pytest.mark.parametrize("name", TEXTS)
def test_the_anchors_of_a_page_differ(name):
    assert len(anchors(name)) == len(set(anchors(name)))


def test_pictures_are_there():
    for name, folder in (("README", FOLDER.parents[1]), *((name, FOLDER) for name in PAGES)):
        for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXTS[name]):
            assert (folder / picture).is_file(), picture


@pytest.mark.parametrize("name", TEXTS)
def test_pages_are_plain_english(name):
    wrong = [
        line
        for line, _ in lines_with_anchors(TEXTS[name])
        for phrase in PHRASES
        if re.search(phrase, line.lstrip("-| "))
    ]

    assert wrong == []


def test_an_anchor_is_as_github_makes_it():
    assert anchor("### Options and ini keys") == "options-and-ini-keys"
    assert anchor("## I want to ...") == "i-want-to-"
    assert anchor("## online-restricted") == "online-restricted"


def test_the_command_lists_the_pages(capsys):
    assert cli.main(["docs"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(PAGES)
    assert lines[0].endswith(summary("tutorial"))


def test_the_command_prints_a_page(capsys):
    assert cli.main(["docs", "tutorial"]) == 0

    assert capsys.readouterr().out == read_page("tutorial")


def test_the_command_knows_the_nearest_page(capsys):
    assert cli.main(["docs", "scenario"]) == 2

    assert capsys.readouterr().err == "mockso docs: no page 'scenario'. Did you mean 'scenarios'?\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_shown_beside_the_calls(client, name):
    html = client.get(f"/__mockso/docs/{name}").text

    links = re.findall(r'<pre class="doc".*</pre>', html, re.DOTALL)[0]
    for target, place in re.findall(r'<a href="/__mockso/docs/([\w-]+)#?([\w-]*)">', links):
        assert target in PAGES
        assert not place or f'id="{place}"' in client.get(f"/__mockso/docs/{target}").text
    assert "](" not in re.sub(r"!\[.*?\)", "", re.sub(r"<[^>]+>", "", links))


def test_markup_of_a_page_is_text(client):
    assert "&lt;!-- generated: rules --&gt;" in client.get("/__mockso/docs/rules").text


def test_every_rule_has_its_anchor_on_the_page(client):
    html = client.get("/__mockso/docs/rules").text

    assert [rule for rule in RULES if f'id="{rule}"' not in html] == []


def test_the_list_of_pages_leads_to_each(client):
    html = client.get("/__mockso/docs").text

    assert [name for name in PAGES if f'href="/__mockso/docs/{name}"' not in html] == []


def test_an_unknown_page_is_404_with_the_nearest(client):
    reply = client.get("/__mockso/docs/ruls")

    assert reply.status_code == 404
    assert "Did you mean 'rules'?" in reply.json["error"]
