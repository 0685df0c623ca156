from __future__ import annotations

import pytest

from crm.office import web


@pytest.mark.parametrize(("cores", "workers"), [(1, 2), (2, 2), (4, 3), (8, 4), (64, 4)])
def test_it_leaves_the_database_a_core(cores, workers):
    assert web.workers(cores) == workers


def test_it_serves_where_it_is_told_to():
    command = web.command(host="127.0.0.1", port=8123)
    assert "crm.wsgi:application" in command
    assert command[command.index("--port") + 1] == "8123"
