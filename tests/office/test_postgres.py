import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from crm.office.postgres import EmbeddedPostgres
from tests.practice import open_folder, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def data():
    with open_folder() as folder:
        yield folder


def answers(server: EmbeddedPostgres) -> bool:
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def pid_of(server: EmbeddedPostgres) -> int:
    return int((server.folder / "postmaster.pid").read_text().splitlines()[0])


def test_it_runs_while_anybody_holds_it(data):
    server, other = EmbeddedPostgres(data, durable=False), EmbeddedPostgres(data, durable=False)

    with server.held():
        with other.held():
            assert answers(other)
        assert answers(server)

    assert not server.is_running()


def test_it_loses_nothing_when_killed(data):
    server = EmbeddedPostgres(data)
    with server.held():
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('here')")
        os.kill(pid_of(server), signal.SIGKILL)
        wait_until(lambda: not server.is_running(), "its end")
        server.start()

        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("here",)


def test_it_does_not_mistake_a_stranger_for_itself(data):
    server = EmbeddedPostgres(data, durable=False)
    with server.held():
        lines = (server.folder / "postmaster.pid").read_text().splitlines()
    (server.folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))

    with server.held():
        assert answers(server)


def test_it_keeps_its_socket_short_and_its_address_stable(tmp_path):
    deep = tmp_path / ("a" * 60) / ("b" * 60)

    server = EmbeddedPostgres(deep)

    assert len(str(server.socket_folder)) < 60
    assert server.url == EmbeddedPostgres(deep).url != EmbeddedPostgres(tmp_path).url


def test_it_is_never_started_where_another_database_is_named(tmp_path, settings):
    done = subprocess.run(
        [sys.executable, "manage.py", "showmigrations", "people"],
        cwd=ROOT,
        env={**os.environ, "RAPPORT_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert os.environ["DATABASE_URL"]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "postgres").exists()
