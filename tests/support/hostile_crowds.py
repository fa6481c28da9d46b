"""Attacks by number: many clients who each want a little, none of whom has signed in."""

import base64
import contextlib
import socket

from dav import status_of
from hostile_target import FILES

LOG_INS = 8_000  # each from an address of its own, as the proxy tells
NAME_BYTES = 2_900  # of the account that is tried: about the longest that is read
PIPELINED = 100
PROMISES = 900  # connections at once
PROMISED_BYTES = 60_000  # announced on each, and never sent


def failed_log_ins(target):
    """What is remembered of a failed sign-in does not grow with what was sent."""
    answers = 0
    for first in range(0, LOG_INS, PIPELINED):
        heads = []
        for number in range(first, first + PIPELINED):
            name = f"{number:06}" + "n" * (NAME_BYTES - 6)
            secret = base64.b64encode(f"{name}:{'t' * 72}".encode()).decode()
            heads.append(
                target.head(
                    "GET",
                    f"{FILES}/docs/plan.txt",
                    {
                        "Authorization": f"Basic {secret}",
                        "X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
                        "Connection": "close" if number + 1 == first + PIPELINED else "keep-alive",
                    },
                )
            )
        said = target.raw(b"".join(heads), 60)
        assert status_of(said) == 401, said[:200]
        answers += said.count(b"HTTP/1.1 401")
    assert answers == LOG_INS, answers


def promised_bodies(target):
    """A length that is only announced takes no memory. Looked at while the clients wait."""
    head = target.head(
        "PROPFIND",
        f"{FILES}/docs",
        {"Authorization": None, "Content-Length": str(PROMISED_BYTES)},
    )
    resting = target.server.memory_kib()
    with contextlib.ExitStack() as links:
        for _ in range(PROMISES):
            address = (target.space.address, target.server.port)
            link = links.enter_context(socket.create_connection(address))
            link.sendall(head)
        # A whole request on each loop: what came before it has been looked at.
        for _ in range(8):
            target.send("GET", f"{FILES}/docs/plan.txt")
        grown = target.server.memory_kib() - resting
        print(f"    {grown} KiB for {PROMISES} bodies that do not come")
        per_client = grown * 1024 // PROMISES
        assert per_client < PROMISED_BYTES // 2, f"{per_client} bytes for each"
