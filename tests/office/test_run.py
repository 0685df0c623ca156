"""The one command, run for real. Every test leaves the practice running and well."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from crm.office.postgres import EmbeddedPostgres
from crm.office.supervisor import leftovers
from tests.mail.faults.server import OwnServer
from tests.practice import ROOT, Practice, open_folder, wait_until


@pytest.fixture(scope="module")
def running(django_db_setup):
    """Started with its tables made already; that the first start makes them is seen in the main job."""
    with open_folder() as data:
        with OwnServer(data).held() as server:
            server.copy_from_test_database()
        practice = Practice(data)
        practice.start()
        yield practice
        practice.stop()


def test_it_says_where_everything_is(running):
    words = running.log.read_text()

    assert f"Site    {running.url}/" in words
    assert f"Office  {running.url}/admin/" in words
    assert "Login   owner@example.com with the password" in words


@pytest.mark.parametrize("program", ["granian", "qcluster"])
def test_it_starts_a_killed_program_again(running, program):
    killed = running.processes(program)
    for process in killed:
        with suppress(psutil.NoSuchProcess):  # a child may have gone with its parent
            process.kill()

    wait_until(lambda: set(running.processes(program)) - set(killed), f"a new {program}")
    wait_until(running.is_well, "health")


def test_it_starts_a_killed_database_again(running):
    killed = running.postgres_pid()
    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: running.is_well() and running.postgres_pid() != killed, "a new database")


def test_it_turns_red_while_the_worker_is_stuck(running):
    for process in running.processes("qcluster"):
        process.suspend()
    try:
        wait_until(lambda: _says_the_worker_is_away(running.health()), "red")
    finally:
        for process in running.processes("qcluster"):
            process.resume()

    wait_until(running.is_well, "green again")


def _says_the_worker_is_away(health: dict) -> bool:
    return health.get("worker", "").startswith("away") and health["database"] == "well"


def test_it_starts_over_what_a_killed_run_left_behind(running):
    running.kill()
    assert leftovers(running.data)

    running.start()

    assert running.is_well()


def test_it_stops_everything_on_ctrl_c(running):
    running.stop()

    assert running.process.returncode == 0
    assert leftovers(running.data) == []
    assert not EmbeddedPostgres(running.data).is_running()
    running.start()


def test_it_refuses_to_run_twice_on_the_same_data(running):
    done = running.manage("run")

    assert done.returncode == 1
    assert f"Rapport already runs with the data in {running.data}" in done.stderr


def test_it_says_what_to_do_about_a_taken_port(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT, env={**os.environ, "PORT": str(port), "RAPPORT_DATA": str(tmp_path)}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert f"Port {port} is taken by another program" in done.stderr
    assert f"PORT={port + 1} make run" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_refuses_to_start_unsafe_in_production(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT, env={**os.environ, "BASE_URL": "http://running.example.com", "RAPPORT_DATA": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "SECRET_KEY is missing" in done.stderr
    assert "Serve the site on https://" in done.stderr


def test_it_counts_only_its_own_processes(tmp_path):
    assert Practice(tmp_path).processes("granian") == []
