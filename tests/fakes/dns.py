"""A name server on this machine that knows the records a test has given it, and can fall silent."""

from __future__ import annotations

import socket
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

TTL = 60


class FakeDns:
    """``records`` maps (name, kind) to the answers, as a zone file writes them."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.is_silent = False
        self.rcode = dns.rcode.NOERROR
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def __enter__(self) -> FakeDns:
        self.thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        host, port = self.socket.getsockname()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (host, port))
        self.thread.join()
        self.socket.close()

    def text(self, name: str, *lines: str) -> None:
        """Put these TXT records there, each cut into strings of at most 255 characters as a zone must."""
        self.records[name, "TXT"] = [
            " ".join(f'"{line[start : start + 255]}"' for start in range(0, len(line), 255)) for line in lines
        ]

    def _serve(self) -> None:
        while True:
            wire, peer = self.socket.recvfrom(4096)
            if not wire:
                return
            if not self.is_silent:
                self.socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), peer)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if self.rcode != dns.rcode.NOERROR:
            response.set_rcode(self.rcode)
        elif lines := self.records.get((name, kind)):
            response.answer.append(dns.rrset.from_text(question.name, TTL, "IN", kind, *lines))
        elif not any(known == name for known, _kind in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response
