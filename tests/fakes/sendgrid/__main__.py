"""The loopback SendGrid as a process of its own: for benchmarks, and for tests that kill what talks to it.

It prints its port and serves until its standard input closes, so it never outlives whoever started it.
Ask ``GET /fake/accepted`` for the truth; ``POST /fake/script`` with a list of rules changes what it does.
"""

from __future__ import annotations

import argparse
import sys

from tests.fakes.sendgrid import FakeSendGrid


def main() -> None:
    words = argparse.ArgumentParser(description="A SendGrid on this machine.")
    words.add_argument("--port", type=int, default=0)
    words.add_argument("--key", default="SG.fake")
    words.add_argument("--latency-ms", type=float, default=0)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--lenient", action="store_true", help="take everything, keep the ids alone")
    told = words.parse_args()
    with FakeSendGrid(
        told.key, seed=told.seed, latency=told.latency_ms / 1000, is_lenient=told.lenient, port=told.port
    ) as fake:
        print(fake.server.server_address[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
