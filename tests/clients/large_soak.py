"""Two gibibytes, as five clients name their pieces: sent, cut off, resumed, read back.

The desktop client does its part itself, killed in the middle; the naming of the others is theirs:
six digits from 1 (Android), numbers from 1 (iOS), five digits from 1 (the newer desktop and the
web), byte ranges (rclone). Their server is killed with kill -9 between two pieces.
"""

import hashlib
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import nextcloud
import report as reports
from essaim_server import Server, scratch

SIZE = 2 << 30
PIECE = 64 << 20
NAMES = {
    "android": lambda number, first, last: f"{number + 1:06d}",
    "ios": lambda number, first, last: f"{number + 1}",
    "web": lambda number, first, last: f"{number + 1:05d}",
    "rclone": lambda number, first, last: f"{first:015d}-{last:015d}",
}
SECONDS_MAX = 1_800


def make(path):
    """A file of SIZE bytes, no two pieces alike; returns its SHA-256."""
    block = os.urandom(1 << 20)
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for number in range(SIZE >> 20):
            piece = number.to_bytes(8, "big") + block[8:]
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def digest_of(dav, path):
    """SHA-256 of what the server has, read in pieces."""
    digest = hashlib.sha256()
    for first in range(0, SIZE, PIECE):
        answer = dav.get(path, Range=f"bytes={first}-{first + PIECE - 1}")
        assert answer.status == 206, answer.status
        digest.update(answer.body)
    return digest.hexdigest()


def desktop(server, folder, source, expected):
    space = server.create_space("desktop", quota=8 << 30)
    member = server.add_member(space, "lea")
    here = nextcloud.Folder(folder, "here", member)
    os.link(source, here.path / "big.bin")
    mark = server.mark()
    running = here.start("--uplimit", "100000")
    until = time.monotonic() + 120
    while running.poll() is None and not any(
        "/dav/uploads/" in each["path"] and each["status"] == "201"
        for each in server.requests(mark, ("PUT",))
    ):
        assert time.monotonic() < until, "no piece arrived"
        time.sleep(0.2)
    time.sleep(2)
    running.kill()
    running.wait()
    member.dav().list("")
    again = here.start()
    assert again.wait(SECONDS_MAX) == 0
    assert digest_of(member.dav(), "big.bin") == expected


def pieces(server, client, source, expected):
    space = server.create_space(client, quota=8 << 30)
    member = server.add_member(space, "lea")
    dav = member.dav()
    transfer = f"/remote.php/dav/uploads/lea/{client}-transfer"
    headers = {"OC-Total-Length": str(SIZE), "Destination": dav.url("big.bin")}
    assert dav.send("MKCOL", transfer, headers).status == 201
    count = SIZE // PIECE
    with open(source, "rb") as file:
        for number in range(count):
            if number == count // 2:
                dav.close()
                server.kill()
                server.start()
            first = number * PIECE
            name = NAMES[client](number, first, first + PIECE - 1)
            sent = dav.send("PUT", f"{transfer}/{name}", headers, file.read(PIECE))
            assert sent.status == 201, (name, sent.status)
    more = {**headers, "X-OC-Mtime": "1700000000", "OC-Checksum": f"SHA256:{expected}"}
    moved = dav.send("MOVE", f"{transfer}/.file", more)
    assert moved.status == 201, (moved.status, moved.text())
    assert digest_of(dav, "big.bin") == expected


def main():
    report = reports.Report()
    folder = scratch("large")
    source = folder / "source.bin"
    expected = make(source)
    with Server(scratch("large-server"), addresses=1 + len(NAMES)) as server:
        with report.case("2 GiB by the desktop client, killed and started again"):
            nextcloud.need()
            desktop(server, folder, source, expected)
        for client in NAMES:
            with report.case(f"2 GiB in pieces named as {client} names them, through a kill -9"):
                pieces(server, client, source, expected)
        with report.case("the doctor finds nothing"):
            server.doctor()
    report.finish()


if __name__ == "__main__":
    main()
