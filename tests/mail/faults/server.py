"""A PostgreSQL of the test's own, durable as a real one, that may be crashed and started again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection

from crm.office.postgres import DATABASE, ROLE, EmbeddedPostgres, _binaries


class OwnServer(EmbeddedPostgres):
    """Reached through ``places``: what a connection's settings need to be changed to."""

    @property
    def places(self) -> dict[str, object]:
        return {"HOST": str(self.socket_folder), "PORT": "", "USER": ROLE, "PASSWORD": "", "NAME": DATABASE}

    def crash(self) -> None:
        """End it in the middle of whatever it does, as a power cut would, and start it again."""
        self._run("pg_ctl", "stop", "-D", str(self.folder), "-m", "immediate", "-w")
        self.start()
        connection.close()  # ours is as dead as everybody's

    def copy_from_test_database(self) -> None:
        """Take over the tables and rows of the test's database as it stands."""
        parameters = connection.get_connection_params()
        source = ["-h", parameters["host"], "-U", parameters["user"], parameters["dbname"]]
        target = ["-h", str(self.socket_folder), "-U", ROLE, DATABASE]
        with subprocess.Popen(
            [_binaries() / "pg_dump", "--no-owner", "--no-sync", *source], stdout=subprocess.PIPE
        ) as dump:
            done = subprocess.run(
                [_binaries() / "psql", "-q", "-X", "--single-transaction", "-v", "ON_ERROR_STOP=1", *target],
                stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True,
            )  # fmt: skip
        assert (dump.returncode, done.returncode) == (0, 0)


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """Django talks to a server of its own inside the block, and to the shared one again after it."""
    shared = dict(connection.settings_dict)
    # Not in pytest's temporary folder: each session that starts closes that one to all but its own user.
    with TemporaryDirectory(dir=settings.DATA_DIR) as folder, OwnServer(Path(folder)).held() as server:
        server.copy_from_test_database()
        connection.close()
        connection.settings_dict.update(server.places)
        try:
            yield server
        finally:
            connection.close()
            connection.settings_dict.update({name: shared[name] for name in server.places})
