"""What only POSIX systems have is not needed: the same work where it is taken away, as on Windows."""

import subprocess
import sys

import pytest

# The standard library itself is imported whole before it loses what Windows does not have.
TAKE_AWAY = """
import asyncio, ctypes, json, multiprocessing, os, pathlib, selectors, signal, socket, socketserver, subprocess, sys, time
import urllib.request

for module in ("fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "readline", "syslog"):
    sys.modules[module] = None
for name in ("fork", "forkpty", "killpg", "getpgid", "getpgrp", "setpgid", "setsid", "tcgetpgrp", "getuid", "geteuid", "getgid",
             "getegid", "chown", "fchmod", "mkfifo", "nice", "wait", "wait3", "wait4", "uname", "sched_getaffinity", "sysconf",
             "getloadavg", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "register_at_fork", "statvfs", "sendfile", "pread",
             "pwrite", "WNOHANG"):
    vars(os).pop(name, None)
for name in ("SIGHUP", "SIGQUIT", "SIGCHLD", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGWINCH", "SIGTSTP", "SIGCONT",
             "pthread_sigmask", "alarm", "setitimer", "siginterrupt", "sigwait", "pause"):
    vars(signal).pop(name, None)
for name in ("MSG_DONTWAIT", "TCP_USER_TIMEOUT"):
    vars(socket).pop(name, None)

def load_library(name=None, *others, **options):
    if name is None:
        raise TypeError("argument of type 'NoneType' is not iterable")
    return LIBRARY(name, *others, **options)

LIBRARY, ctypes.CDLL = ctypes.CDLL, load_library
"""
SERVE = """
import mockso

for state in ("memory:", sys.argv[1]):
    with mockso.serve(grants=["*"], world="closed", state=state) as mock:
        headers = {"Authorization": "Bearer " + mock.token("Cust12345"), "Content-Type": "application/json", "Accept": "application/json"}
        address = f"{mock.url}/Cust12345/api/v1/Contact"
        made = json.load(urllib.request.urlopen(urllib.request.Request(address, b'{"Name": "Acme"}', headers)))
        read = urllib.request.Request(f"{address}/{made['ContactId']}", headers=headers)
        assert json.load(urllib.request.urlopen(read))["Name"] == "Acme"
print("served")
"""
COMMAND = """
import mockso.cli

sys.exit(mockso.cli.main(sys.argv[1:]))
"""


def run(script, *arguments, cwd):
    command = [sys.executable, "-c", TAKE_AWAY + script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd)


def test_a_mock_serves_from_memory_and_from_a_file(tmp_path):
    ended = run(SERVE, str(tmp_path / "state.db"), cwd=tmp_path)

    assert (ended.stdout, ended.stderr) == ("served\n", "")


@pytest.mark.parametrize("option", [(), ("--intercept",)])
def test_a_suite_runs_against_a_mock(tmp_path, option):
    script = (
        "import os, urllib.request as r; e = os.environ; token = {'Authorization': 'Bearer ' + e['MOCKSO_TOKEN']}\n"
        "print(r.urlopen(r.Request(e['SUPEROFFICE_BASE_URL'] + '/License', headers=token)).status)"
    )

    ended = run(COMMAND, "exec", *option, "--", sys.executable, "-c", script, cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr


def test_workers_are_refused(tmp_path):
    ended = run(COMMAND, "serve", "--workers", "2", "--state", str(tmp_path / "state.db"), cwd=tmp_path)

    assert ended.returncode == 2
    assert "this system has no fork" in ended.stderr
