"""HTTPS, and the proxy that answers for the vendor's hosts (test_unchanged_clients.py has clients that go there)."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mockso.commands.clients import interception_variables
from mockso.errors import SettingError
from mockso.testing.mock import Mock, open_mock
from mockso.web.authority import Authority, context_of_files
from mockso.web.intercept import Interception, parse_target
from mockso.web.server import Server
from tests.web.commands import run, running
from tests.web.test_wire import statuses

CONTACT = "/Cust12345/api/v1/Contact/17?$select=name"
GET = f"GET {CONTACT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 8A:Cust12345.x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def proxy(authority) -> Iterator[Mock]:
    mock = open_mock()
    mock.interception = Interception(authority, ["*.test"], ["127.0.0.1", "gone.superoffice.com"])
    yield mock
    mock.close()


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.pem.decode())


def everything(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65536), b""))


# --- serve --tls


def test_https_with_a_certificate_of_our_own(tmp_path):
    with running("serve", "--tls", "--tls-folder", tmp_path / "tls") as server:
        assert server.url.startswith("https://127.0.0.1:")
        context = ssl.create_default_context(cafile=str(tmp_path / "tls" / "mockso-authority.pem"))
        port = int(server.url.rpartition(":")[2])
        for name in ("127.0.0.1", "localhost"):
            with (
                socket.create_connection(("127.0.0.1", port), 30) as plain,
                context.wrap_socket(plain, server_hostname=name) as client,
            ):
                client.sendall(GET.replace("localhost", f"localhost:{port}").encode())
                got = everything(client)
            assert statuses(got) == [200]
            assert f"https://localhost:{port}/Cust12345/api/v1/".encode() in got
    assert server.status == 0


def test_the_authority_is_kept_and_its_key_is_for_its_owner_only(tmp_path):
    first, again = Authority(tmp_path), Authority(tmp_path)

    assert first.pem == again.pem
    assert first.context("localhost") is first.context("localhost")
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "mockso-authority-key.pem").stat().st_mode) == 0o600


def test_several_that_start_at_once_have_one_authority(tmp_path):
    start = threading.Barrier(8)

    def make(_: int) -> bytes:
        start.wait()
        return Authority(tmp_path).pem

    with ThreadPoolExecutor(8) as threads:
        authorities = set(threads.map(make, range(8)))

    assert authorities == {(tmp_path / "mockso-authority.pem").read_bytes()}
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_with_key_and_certificate_apart_is_read(tmp_path):
    known = Authority(tmp_path).pem
    key = tmp_path / "mockso-authority-key.pem"
    key.write_bytes(key.read_bytes().removesuffix(known))

    assert Authority(tmp_path).pem == known

    (tmp_path / "mockso-authority.pem").write_bytes(Authority().pem)
    with pytest.raises(SettingError, match="certificate is that of another key"):
        Authority(tmp_path)


def test_the_public_file_is_made_again(tmp_path):
    known, public = Authority(tmp_path).pem, tmp_path / "mockso-authority.pem"
    for lost in (public.unlink, lambda: public.write_bytes(b"x")):
        lost()
        assert Authority(tmp_path).pem == known == public.read_bytes()


def test_a_certificate_of_the_user(tmp_path):
    import trustme

    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))

    assert context_of_files(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    with pytest.raises(SettingError, match=r"--tls-cert .* Give two PEM files"):
        context_of_files(str(tmp_path / "key.pem"), str(tmp_path / "none.pem"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tls-cert", "a.pem"], "go together"),
        (["--tls-folder", "x"], "belongs to --tls"),
        (["--intercept-host", "x"], "belong to --intercept"),
        (["--tls", "--tls-folder", __file__], "Name another folder"),
    ],
)
def test_options_that_lack_another_are_refused(arguments, words):
    ended = run("serve", "--port", "0", *arguments)

    assert (ended.returncode, words in ended.stderr) == (2, True)


def test_a_client_that_speaks_plain_http_to_it_gets_none(authority):
    mock = open_mock()
    server = Server(mock.engine, tls=authority.context("localhost")).start()
    with socket.create_connection(("127.0.0.1", server.port), 30) as client:
        client.sendall(GET.encode())
        assert b"200" not in everything(client)
    server.stop()
    mock.close()


@pytest.mark.parametrize("fault", ["reset", "empty", "cut", "garbage"])
def test_faults_are_performed_over_tls(authority, fault):
    mock = open_mock()
    server = Server(mock.engine, tls=authority.context("localhost")).start()
    world = mock.world(strict="off")
    world.expect("v1ContactEntity_GetContactEntity", fault=fault)
    request = GET.replace("Cust12345", world.tenant)
    got = b""
    with (
        socket.create_connection(("127.0.0.1", server.port), 30) as plain,
        trusting(authority).wrap_socket(plain, server_hostname="localhost") as client,
    ):
        client.sendall(request.encode())
        try:
            got = everything(client)
        except OSError:
            assert fault == "reset"
    server.stop()
    mock.close()

    assert (b"200 OK" in got, b"garbage" in got) == (fault == "cut", fault == "garbage")


# --- the proxy


def connect(proxy: Mock, target: str) -> tuple[socket.socket, bytes]:
    client = socket.create_connection(("127.0.0.1", proxy.server.port), 30)
    client.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    return client, client.recv(65536)


@pytest.mark.parametrize("host", ["superoffice.com", "sod2.superoffice.com", "other.test"])
def test_calls_of_the_vendors_hosts_are_answered_over_tls_and_links_name_them(proxy, authority, host):
    plain, answer = connect(proxy, f"{host}:443")
    assert answer.startswith(b"HTTP/1.1 200 ")
    with trusting(authority).wrap_socket(plain, server_hostname=host) as client:
        kept = GET.replace("localhost", host).replace("Connection: close\r\n", "")
        client.sendall(kept.encode() + GET.replace("localhost", host).encode())
        got = everything(client)

    assert statuses(got) == [200, 200]
    assert f"https://{host}/Cust12345/api/v1/".encode() in got
    assert proxy.engine.journal.find(limit=1)[0]["request"]["base"] == f"https://{host}/Cust12345/api"


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("example.org:443", 403, b"--intercept-pass example.org lets it through"),
        ("superoffice.com.example.org:443", 403, b"--intercept-host"),
        ("notsuperoffice.com:443", 403, b"--intercept-host"),
        ("sod2.superoffice.com", 400, b"give HOST:PORT"),
        ("127.0.0.1:1", 502, b"cannot be reached"),
        ("h\u00e9.superoffice.com:443", 400, b"letters of ASCII"),
        ("x" * 64 + ".superoffice.com:443", 400, b"letters of ASCII"),
        ("x." * 130 + "superoffice.com:443", 400, b"letters of ASCII"),
        ("..superoffice.com:443", 400, b"letters of ASCII"),
        ("[a.superoffice.com]:443", 400, b"letters of ASCII"),
        ("example.org:443", 403, b"*.superoffice.com, *.test)"),
    ],
)
def test_other_hosts_are_refused_and_written_down(proxy, target, status, words):
    client, answer = connect(proxy, target)
    with client:
        answer += everything(client)

    assert statuses(answer) == [status]
    assert words in answer
    if status != 400:
        assert proxy.engine.journal.find(limit=1)[0]["request"]["target"] == target


def test_a_plain_call_of_a_foreign_host_is_refused(proxy):
    with socket.create_connection(("127.0.0.1", proxy.server.port), 30) as client:
        client.sendall(GET.replace("GET ", "GET http://example.org").encode())
        assert statuses(everything(client)) == [403]
    with socket.create_connection(("127.0.0.1", proxy.server.port), 30) as client:
        client.sendall(GET.replace("GET ", "GET http://sod2.superoffice.com").encode())
        got = everything(client)
    assert statuses(got) == [200]
    assert b"http://sod2.superoffice.com/Cust12345" in got


def test_a_plain_call_of_a_host_that_may_pass_is_passed_on(proxy):
    with socket.create_server(("127.0.0.1", 0)) as far:
        address = f"127.0.0.1:{far.getsockname()[1]}"
        with socket.create_connection(("127.0.0.1", proxy.server.port), 30) as client:
            client.sendall(
                f"POST http://{address}/a?b=c HTTP/1.1\r\nHost: other\r\nX-A: 1\r\nProxy-Connection: keep-alive\r\n"
                "Proxy-Authorization: Basic x\r\nContent-Length: 4\r\n\r\nbody".encode()
            )
            taken, _ = far.accept()
            with taken:
                received = b""
                while not received.endswith(b"body"):
                    received += taken.recv(65536)
                taken.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            got = everything(client)

    lines = received.split(b"\r\n")
    assert lines[:2] == [b"POST /a?b=c HTTP/1.1", f"Host: {address}".encode()]
    assert (b"X-A: 1" in lines, b"Connection: close" in lines, b"Proxy" in received) == (True, True, False)
    assert statuses(got) == [204]


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("http://127.0.0.1:1", 502, b"cannot be reached"),
        ("https://gone.superoffice.com", 400, b"ask for https by CONNECT"),
        ("http://127.0.0.1:99999", 400, b"cannot be passed on"),
    ],
)
def test_a_plain_call_that_cannot_be_passed_on_is_refused(proxy, address, status, words):
    with socket.create_connection(("127.0.0.1", proxy.server.port), 30) as client:
        client.sendall(GET.replace("GET ", f"GET {address}").encode())
        got = everything(client)

    assert statuses(got) == [status]
    assert words in got


def test_our_own_address_is_answered_here_though_its_host_may_pass(proxy):
    address = f"http://127.0.0.1:{proxy.server.port}"
    with socket.create_connection(("127.0.0.1", proxy.server.port), 30) as client:
        client.sendall(GET.replace("GET ", f"GET {address}").encode())
        assert statuses(everything(client)) == [200]


class _NoCertificates(Authority):
    def context(self, *names: str) -> ssl.SSLContext:
        raise ValueError("no such name")


def test_a_name_that_no_certificate_can_have_is_refused_before_the_tunnel():
    mock = open_mock()
    mock.interception = Interception(_NoCertificates())
    client, answer = connect(mock, "sod2.superoffice.com:443")
    with client:
        answer += everything(client)
    mock.close()

    assert statuses(answer) == [400]


def test_a_host_that_may_pass_is_reached(proxy):
    with socket.create_server(("127.0.0.1", 0)) as far:
        client, answer = connect(proxy, f"127.0.0.1:{far.getsockname()[1]}")
        taken, _ = far.accept()
        with taken, client:
            client.sendall(b"ping" * 100_000)
            received = b""
            while len(received) < 400_000:
                received += taken.recv(65536)
            taken.sendall(b"pong")
            taken.shutdown(socket.SHUT_WR)
            assert everything(client) == b"pong"

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_client_that_does_not_trust_us_is_told_of_in_the_journal(proxy):
    plain, _ = connect(proxy, "sod2.superoffice.com:443")
    with pytest.raises(ssl.SSLError):
        ssl.create_default_context(cadata=Authority().pem.decode()).wrap_socket(
            plain, server_hostname="sod2.superoffice.com"
        )
    plain.close()
    while "trust mockso's authority" not in str(proxy.engine.journal.find(limit=1)):
        pass


def test_without_the_option_it_is_no_proxy():
    mock = open_mock()
    client, answer = connect(mock, "sod2.superoffice.com:443")
    with client:
        answer += everything(client)
    mock.close()

    assert statuses(answer) == [405]
    assert b"start it with --intercept" in answer


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("a:443", ("a", 443)),
        ("[::1]:8443", ("::1", 8443)),
        ("a", None),
        ("a:0", None),
        ("a:x", None),
        (":1", None),
    ],
)
def test_the_target_of_a_connect(target, place):
    assert parse_target(target) == place


def test_the_variables_keep_what_was_set(tmp_path, authority):
    before = {"NODE_OPTIONS": "--no-warnings", "PHP_INI_SCAN_DIR": "/etc/php", "JAVA_TOOL_OPTIONS": "-Xmx1g"}

    variables = interception_variables("http://127.0.0.1:1", authority, tmp_path, before)

    assert variables["NODE_OPTIONS"].startswith("--no-warnings --require ")
    assert variables["PHP_INI_SCAN_DIR"] == f"/etc/php{os.pathsep}{tmp_path}"
    assert variables["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -D")
    assert "127.0.0.1" in variables["NO_PROXY"].split(",")
    assert Path(variables["SSL_CERT_FILE"]).read_bytes().endswith(authority.pem)


def test_many_tunnels_at_once(proxy, authority):
    codes: list[list[int]] = []
    context = trusting(authority)

    def call() -> None:
        plain, _ = connect(proxy, "sod.superoffice.com:443")
        with context.wrap_socket(plain, server_hostname="sod.superoffice.com") as client:
            client.sendall(GET.replace("localhost", "sod.superoffice.com").encode())
            codes.append(statuses(everything(client)))

    threads = [threading.Thread(target=call) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [[200]] * 30
