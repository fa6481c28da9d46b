"""Attacks below HTTP's meaning: too slow, too long, too many at once, readable in two ways."""

import concurrent.futures
import socket
import time

from dav import read_until_closed, status_of
from hostile_target import FILES, refused

HEAD_BYTES = 1024 * 1024 * 1024  # offered, until the server closes
# Of them the server may throw away 64 MiB, and some are on the way.
HEAD_SENT_MAX = 80 * 1024 * 1024
SLOW_SECONDS_MAX = 75  # until a slow client is closed
SLOW_CLIENTS = 50
PIPELINED = 2_000


def slow_heads(target):
    """A byte a second, on many connections at once."""

    def one(_):
        with socket.create_connection((target.space.address, target.server.port)) as link:
            began = time.monotonic()
            head = target.head("GET", f"{FILES}/docs/plan.txt")
            for byte in head:
                if time.monotonic() - began > SLOW_SECONDS_MAX:
                    return "still open"
                try:
                    link.sendall(bytes([byte]))
                except OSError:
                    break
                link.settimeout(1)
                try:
                    got = link.recv(100)
                except TimeoutError:
                    continue
                except OSError:
                    break
                return status_of(got) or "closed"
            return "closed"

    with concurrent.futures.ThreadPoolExecutor(SLOW_CLIENTS) as pool:
        ended = set(pool.map(one, range(SLOW_CLIENTS)))
    assert ended <= {408, "closed"}, ended


def slow_bodies(target):
    """100 bytes a second of a large body, on many connections at once."""

    def one(number):
        with socket.create_connection((target.space.address, target.server.port)) as link:
            began = time.monotonic()
            link.sendall(target.head("PUT", f"{FILES}/slow{number}", {"Content-Length": "9999999"}))
            link.settimeout(1)
            while time.monotonic() - began < SLOW_SECONDS_MAX:
                try:
                    link.sendall(b"x" * 100)
                    got = link.recv(100)
                except TimeoutError:
                    continue
                except OSError:
                    return "closed"
                return status_of(got) or "closed"
            return "still open"

    with concurrent.futures.ThreadPoolExecutor(SLOW_CLIENTS) as pool:
        ended = set(pool.map(one, range(SLOW_CLIENTS)))
    assert ended <= {408, "closed"}, ended


def slow_clients(target):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(slow_heads, target), pool.submit(slow_bodies, target)]:
            each.result()


def endless_heads(target):
    """A gigabyte of header, in one field and in many; in a request line; and in a chunk's head."""
    piece = b"a" * 65536
    for start, unit in (
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", piece),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-Many: 1\r\n" * 6000),
        (b"GET /", piece),
        (piece, piece),
        (target.head("PUT", f"{FILES}/endless", {"Transfer-Encoding": "chunked"}) + b"5;x=", piece),
    ):
        sent = 0

        def more(link, unit=unit):
            nonlocal sent
            while sent < HEAD_BYTES:
                link.sendall(unit)
                sent += len(unit)

        answer = target.raw(start, 60, more)
        assert sent < HEAD_SENT_MAX, f"{start[:20]}: {sent} bytes were taken"
        if answer:
            refused(status_of(answer), start[:30])


def pipelining(target):
    """Thousands of requests before the first answer is read: all answered, in order."""
    ranges = [n % 1000 for n in range(PIPELINED)]
    requests = [
        target.head(
            "GET", f"{FILES}/docs/plan.txt", {"Connection": None, "Range": f"bytes={n}-{n}"}
        )
        for n in ranges
    ]
    with socket.create_connection((target.space.address, target.server.port), 30) as link:
        data = b"".join(requests) + target.head("GET", f"{FILES}/nowhere")
        link.settimeout(None)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            sending = pool.submit(_send_or_not, link, data)
            answer = read_until_closed(link, time.monotonic() + 60)
            sending.result()
    places = [int(each.split(b"-")[0]) for each in answer.split(b"Content-Range: bytes ")[1:]]
    assert places == ranges, f"{len(places)} answers of {PIPELINED}"
    assert answer.count(b"HTTP/1.1 404") == 1


def _send_or_not(link, data):
    try:
        link.sendall(data)
    except OSError:
        pass


def smuggling(target):
    """Requests that two programs could read in two ways are refused."""
    body = b"0\r\n\r\nDELETE /remote.php/dav/files/lea/docs HTTP/1.1\r\nHost: x\r\n\r\n"
    put = f"{FILES}/smuggled"
    for headers in (
        {"Content-Length": str(len(body)), "Transfer-Encoding": "chunked"},
        {"Content-Length": "5", "content-length": "6"},
        {"Content-Length": "5, 5, 6"},
        {"Transfer-Encoding": "chunked, identity"},
        {"Transfer-Encoding": "gzip, chunked"},
        {"Transfer-Encoding": "xchunked"},
        {"Transfer-Encoding": "chunked\r\nTransfer-Encoding: identity"},
        {"Transfer-Encoding ": "chunked"},
        {"Content Length": "5"},
        {"": "nameless"},
        {"Host": None},
        {"Host": "a\r\nHost: b"},
        {"Host": "voile.essaim.test, chorale.essaim.test"},
    ):
        status = status_of(target.raw(target.head("PUT", put, headers) + body))
        refused(status, headers, also=(0, 501))
    for line in (b"GET / HTTP/1.1 x", b"GET  / HTTP/1.1", b"GET /\tx HTTP/1.1", b"GET / HTTP/2.0",
                 b"GET / HTTP/9.9", b"GET / http/1.1", b"\0\0\0\0", b"GET /\0 HTTP/1.1",
                 b"G\x01T / HTTP/1.1", b" GET / HTTP/1.1", b"GET /", b"GET"):  # fmt: skip
        status = status_of(target.raw(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n", 30))
        refused(status, line, also=(0, 505))
    for chunks in (b"-5\r\nabc", b"FFFFFFFFFFFFFFFFF\r\nabc", b"5\r\nabcdefgh\r\n", b"g\r\n",
                   b"\r\n",
                   b"5 \n", b"0x5\r\nabcde\r\n0\r\n\r\n", b"7fffffffffffffff\r\nabc"):  # fmt: skip
        head = target.head("PUT", put, {"Transfer-Encoding": "chunked"})
        status = status_of(target.raw(head + chunks, 5))
        refused(status, chunks, also=(0,))
