"""Wrong words of a command line: one line with cause and cure, at the command they were given to."""

import argparse

import pytest

from mockso import cli
from mockso.commands import serve


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("serve --prot 1", "mockso serve: no option '--prot'. Did you mean '--port'? See 'mockso serve --help'."),
        ("serve --prot=1", "mockso serve: no option '--prot'. Did you mean '--port'? See 'mockso serve --help'."),
        ("serve extra", "mockso serve: nothing takes 'extra' here. See 'mockso serve --help'."),
        ("exec --prot 1 -- true", "mockso exec: no option '--prot'. Did you mean '--port'?"),
        ("state check a.db", "mockso state check: nothing takes 'a.db' here. See 'mockso state check --help'."),
        ("journal ls --jsn", "mockso journal ls: no option '--jsn'. Did you mean '--json'?"),
        ("journal lss", "mockso journal: argument COMMAND: invalid choice: 'lss'"),
        ("tenant clock Cust1 abc", "mockso tenant clock: nothing takes 'abc' here."),
        ("serve --port x", "mockso serve: argument --port: 'x' is not a port; give 0 to 65535."),
        ("serve --set foo=1", "no setting 'foo'. 'mockso docs settings' has them all."),
        ("serve --scenario qqq", "neither a shipped one nor a file. 'mockso scenarios list' has the shipped ones."),
        ("rules qqq", "no rule 'qqq'. 'mockso rules' has them all."),
        ("contract export qqq", "no operation 'qqq'. 'mockso contract list' has them all."),
    ],
)  # fmt: skip
def test_a_wrong_word_has_cause_and_cure(words, message, capsys):
    try:
        status = cli.main(words.split())
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr().err

    assert status == 2
    assert message in said
    assert said.count("\n") <= 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("exec --cov-fail-under {} -- true", "is not a percentage; give 0 to 100"),
        ("journal wait --match {{}} --timeout {}", "is not a number of seconds; give 0 to 86400"),
        ("verify throttled --against http://127.0.0.1:1 --timeout {}", "is not a number of seconds"),
        ("record --target http://127.0.0.1:1 --port {}", "is not a port; give 0 to 65535"),
        ("exec --port {} -- true", "is not a port; give 0 to 65535"),
        ("contract show Contact --depth {}", "is not a number of levels; give 0 to 100"),
    ],
)
@pytest.mark.parametrize("number", ["nan", "-1", "1e999", "x", "99999999"])
def test_a_number_that_is_none_is_refused(words, message, number, capsys):
    # Coverage that is not under "nan" passed, and "--timeout nan" waited for ever.
    with pytest.raises(SystemExit) as ended:
        cli.main(words.format(number).split())

    assert ended.value.code == 2
    assert f"{number!r} {message}" in capsys.readouterr().err


def test_an_empty_host_is_no_address(capsys):
    assert cli.main(["serve", "--host", "", "--admin-token", "x"]) == 2
    assert "--host: is empty. Give an address" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--workers", "2", "--state", "mock.db"]])
def test_a_place_where_no_login_could_keep_its_keys_is_refused_at_the_start(
    more, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()

    assert cli.main(["serve", "--port", "0", "--login-keys", "file", *more]) == 2
    assert "login_keys: file/login.pem cannot be read or written" in capsys.readouterr().err


def test_zeros_before_a_number_of_processes_hide_no_digits(capsys):
    # Its parser alone is asked: a command that took the number would start so many.
    parser = argparse.ArgumentParser(exit_on_error=False)
    serve.configure(parser)

    with pytest.raises(argparse.ArgumentError, match="give 1 to 64"):
        parser.parse_args(["--workers", "0000165"])
    assert parser.parse_args(["--workers", "0000064"]).workers == 64
