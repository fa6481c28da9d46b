"""Ten thousand spaces: created in bulk, started, opened; what they cost in time and memory."""

import concurrent.futures
import http.client
import os
import pathlib
import statistics
import time

import measure
from essaim_server import DOMAIN, Server, scratch

SPACES = 10_000
OPEN = 2_000
IDLE_CONNECTIONS = 10_000


def first_requests(server, numbers, workers=1):
    """Milliseconds of the first request to each of these spaces."""

    def one(number):
        connection = http.client.HTTPConnection(server.addresses[0], server.port, timeout=60)
        began = time.monotonic()
        connection.request(
            "GET",
            "/ocs/v2.php/cloud/capabilities?format=json",
            headers={"Host": f"s{number}.{DOMAIN}"},
        )
        status = connection.getresponse()
        status.read()
        took = (time.monotonic() - began) * 1000
        connection.close()
        if status.status != 200:
            raise RuntimeError(f"space {number} answered {status.status}")
        return took

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, numbers))


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def bare_copies(folder, image, count):
    """The least that anybody must do: as many directories with a copy of the same image."""
    data = image.read_bytes()
    began = time.monotonic()
    for number in range(count):
        place = folder / f"{number % 256:02x}" / str(number)
        place.mkdir(parents=True)
        (place / "main.db").write_bytes(data)
    os.sync()
    return time.monotonic() - began


def idle_connections(server, count):
    """Memory in KiB of each idle keep-alive connection."""
    import socket

    before = measure.memory_mib(server.pid)
    sockets = []
    request = f"GET /index.php/204 HTTP/1.1\r\nHost: s1.{DOMAIN}\r\n\r\n".encode()
    for number in range(count):
        place = server.addresses[number % len(server.addresses)]
        each = socket.create_connection((place, server.port))
        each.sendall(request)
        each.recv(1024)
        sockets.append(each)
    grown = measure.memory_mib(server.pid) - before
    for each in sockets:
        each.close()
    return grown * 1024 / count


def run(programs):
    rows = []
    lines = "".join(f"s{n}\tSpace {n}\t\n" for n in range(SPACES))
    with Server(scratch("bench-fleet"), addresses=4) as server:
        began = time.monotonic()
        server.command_long("space", "create-many", "-", given=lines)
        created = time.monotonic() - began
        image = next(pathlib.Path(server.data, "spaces").rglob("main.db"))
        bare = bare_copies(scratch("bench-bare"), image, SPACES)
        rows.append(
            measure.row(
                "10,000 spaces: create in bulk",
                "≤ 30 s",
                f"{created:.1f} s",
                f"bare copies of the same image {bare:.1f} s",
                created <= 30,
            )
        )
        server.stop()
        began = time.monotonic()
        server.start()
        started = time.monotonic() - began
        closed = measure.memory_mib(server.pid)
        rows.append(
            measure.row(
                "start of the server with 10,000 spaces",
                "≤ 1 s",
                f"{started:.2f} s",
                "–",
                started <= 1,
            )
        )
        singles = first_requests(server, range(200))
        rows.append(
            measure.row(
                "first request to a closed space",
                "≤ 10 ms",
                f"median {statistics.median(singles):.1f} ms, "
                f"p95 {percentile(singles, 0.95):.1f} ms",
                "–",
                statistics.median(singles) <= 10,
            )
        )
        began = time.monotonic()
        herd = first_requests(server, range(200, OPEN), workers=64)
        took = time.monotonic() - began
        opened = measure.memory_mib(server.pid)
        rows.append(
            measure.row(
                f"{OPEN - 200:,} closed spaces opened at once, 64 callers",
                "–",
                f"{took:.1f} s, p95 {percentile(herd, 0.95):.0f} ms",
                "–",
                None,
            )
        )
        rows.append(
            measure.row(
                "10,000 spaces: memory, all closed / 2,000 open",
                "≤ 100 MiB / ≤ 600 MiB",
                f"{closed:.0f} MiB / {opened:.0f} MiB",
                "–",
                closed <= 100 and opened <= 600,
            )
        )
        each = idle_connections(server, IDLE_CONNECTIONS)
        idle = f"{each:.1f} KiB each"
        rows.append(measure.row("10,000 idle keep-alive connections", "–", idle, "–", None))
    return rows
