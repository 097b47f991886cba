"""A PostgreSQL of a test's own, which it may stop, start and kill; only where its programs are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Cluster:
    """A server on a free port of this machine, whose files are below a folder."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "cluster"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        command = [f"{BIN}/{program}", *arguments]
        if os.geteuid() == 0:  # which PostgreSQL refuses to be
            command = ["su", "postgres", "-s", "/bin/sh", "-c", " ".join(f"'{part}'" for part in command)]
        log = self.data.parent / "output.txt"
        with log.open("a") as output:
            subprocess.run(command, check=True, cwd="/", stdout=output, stderr=output)

    def begin(self) -> None:
        """Make the files and start."""
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(self.data, "postgres", "postgres")
        self.run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "--no-sync")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self.run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.data / "log"), "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")


@pytest.fixture
def cluster(tmp_path_factory):
    """A PostgreSQL that the test may restart."""
    pytest.importorskip("psycopg")
    if BIN is None:
        pytest.skip("no PostgreSQL is installed that a test may restart (/usr/lib/postgresql/*/bin)")
    if os.geteuid() == 0 and shutil.which("su") is None:
        pytest.skip("PostgreSQL does not run as root")
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="mockso-cluster-"))  # one that its user can get to
    folder.chmod(0o755)
    made = Cluster(folder)
    made.begin()
    yield made
    made.stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)
