"""Ten thousand spaces with content: created in bulk, started, opened; their time and memory."""

import base64
import concurrent.futures
import http.client
import json
import os
import pathlib
import socket
import sqlite3
import statistics
import subprocess
import time

import measure
import plot
from essaim_server import DOMAIN, Server, scratch

SPACES = 10_000
OPEN = 2_000
STEP = 100  # spaces opened between two looks at the memory
IDLE_CONNECTIONS = 10_000
FOLDERS, FILES, FILE_BYTES = 4, 10, 2048  # in each space
PLOT = pathlib.Path(__file__).with_name("fleet-memory.svg")
PICTURE = "\n![Memory of the server with 10,000 spaces, by how many are open](fleet-memory.svg)\n"


def first_requests(server, member, numbers, workers=1):
    """Milliseconds of the first request to each of these spaces: a folder is listed."""
    login = base64.b64encode(f"{member.uid}:{member.token}".encode()).decode()

    def one(number):
        connection = http.client.HTTPConnection(server.addresses[0], server.port, timeout=60)
        began = time.monotonic()
        connection.request(
            "PROPFIND",
            "/remote.php/webdav/folder%201/",
            headers={
                "Host": f"s{number}.{DOMAIN}",
                "Authorization": f"Basic {login}",
                "Depth": "1",
            },
        )
        answer = connection.getresponse()
        listed = answer.read().count(b"<d:response>")
        took = (time.monotonic() - began) * 1000
        connection.close()
        if answer.status != 207 or listed != FILES + 1:
            raise RuntimeError(f"space {number} answered {answer.status} with {listed} entries")
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


def fill(server):
    """Gives every space the content of one that was filled over HTTP; the server is stopped."""
    model = server.create_space("model")
    member = server.add_member(model, "lea")
    dav = member.dav()
    for folder in range(FOLDERS):
        dav.mkcol(f"folder {folder}")
        for number in range(FILES):
            dav.put(f"folder {folder}/file {number}.txt", os.urandom(FILE_BYTES))
    identity = server.command("space", "show", "model", "--json")
    server.stop()
    place = pathlib.Path(server.data, "spaces", *place_of(identity))
    database = sqlite3.connect(place / "main.db")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    content = (place / "main.db").read_bytes()
    for each in pathlib.Path(server.data, "spaces").rglob("main.db"):
        each.write_bytes(content)
    os.sync()
    return member


def place_of(shown):
    identity = json.loads(shown)["id"]
    return identity[:2], identity


def idle_connections(server, count):
    """Memory in KiB of each idle keep-alive connection."""
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


def create(server):
    lines = "".join(f"s{n}\tSpace {n}\t\n" for n in range(SPACES))
    began = time.monotonic()
    server.command_long("space", "create-many", "-", given=lines)
    created = time.monotonic() - began
    image = next(pathlib.Path(server.data, "spaces").rglob("main.db"))
    bare_folder = scratch("bench-bare")
    bare = bare_copies(bare_folder, image, SPACES)
    subprocess.run(["rm", "-rf", str(bare_folder)], check=True)
    return measure.row(
        "10,000 spaces: create in bulk",
        "≤ 30 s",
        f"{created:.1f} s",
        f"bare copies of the same image {bare:.1f} s",
        created <= 30,
    )


def open_some(server, member, memory):
    """One after another; writes (spaces open, MiB) into `memory`."""
    took = []
    for begin in range(0, OPEN // 2, STEP):
        took += first_requests(server, member, range(begin, begin + STEP))
        memory.append((begin + STEP, measure.memory_mib(server.pid)))
    return measure.row(
        f"first request to a closed space ({FOLDERS * FILES} files in each; a folder is listed)",
        "≤ 10 ms",
        f"median {statistics.median(took):.1f} ms, p95 {percentile(took, 0.95):.1f} ms",
        "–",
        statistics.median(took) <= 10,
    )


def open_at_once(server, member, memory):
    begin = OPEN // 2
    began = time.monotonic()
    herd = first_requests(server, member, range(begin, begin + OPEN), workers=64)
    took = time.monotonic() - began
    memory.append((OPEN, measure.memory_mib(server.pid)))
    return measure.row(
        f"{OPEN:,} closed spaces opened at once, 64 callers",
        "–",
        f"{took:.1f} s, p95 {percentile(herd, 0.95):.0f} ms",
        "–",
        None,
    )


def run(programs):
    rows = []
    with Server(scratch("bench-fleet"), addresses=4) as server:
        rows.append(create(server))
        member = fill(server)
        began = time.monotonic()
        server.start()
        started = time.monotonic() - began
        rows.append(
            measure.row(
                "start of the server with 10,000 spaces", "≤ 1 s", f"{started:.2f} s", "–",
                started <= 1,
            )
        )
        memory = [(0, measure.memory_mib(server.pid))]
        rows.append(open_some(server, member, memory))
        rows.append(open_at_once(server, member, memory))
        closed, opened = memory[0][1], memory[-1][1]
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
    PLOT.write_text(
        plot.line_plot(
            "Memory of the server, 10,000 spaces",
            "spaces open",
            "MiB",
            {"measured": memory},
            ("budget with 2,000 open: 600 MiB", 600),
        )
    )
    return rows
