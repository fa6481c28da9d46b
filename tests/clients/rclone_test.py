"""rclone, as people use it for backups: sync up and down, check, move on the server, nothing again.

The remote is of rclone's WebDAV kind with vendor nextcloud, so rclone sends modification times and
SHA-1 sums, and asks for them.
"""

import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from dav import sha256
from essaim_server import Server, scratch

RCLONE_SECONDS_MAX = 120
TRANSFERS = ("PUT", "GET", "DELETE", "MOVE", "COPY", "MKCOL", "PROPPATCH")
BIG_BYTES = 30 * 1024 * 1024
CHUNK_BYTES = 10 * 1024 * 1024
FOLDERS = ("plain", "été à Noël", "100% & more/#1", "a+b/c d/日本語", "😀 fête", "[x] (y) {z}", "%41")
FILES = ("notes.txt", "empty", "Œuvre.odt", "a;b,c=d.md", "l'été.txt", "p%20q.txt", "~x~y", ".hid")


class Rclone:
    """A configuration of its own, and its commands. The remote is called `essaim:`."""

    def __init__(self, folder, member):
        self.config = folder / "rclone.conf"
        hidden = subprocess.run(
            ["rclone", "obscure", member.token], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()
        self.config.write_text(
            "[essaim]\ntype = webdav\nvendor = nextcloud\n"
            f"url = {member.space.url}/remote.php/dav/files/{member.uid}\n"
            f"user = {member.uid}\npass = {hidden}\n",
            encoding="utf-8",
        )

    def __call__(self, *arguments):
        """Runs a command that must succeed; returns what it said."""
        done = subprocess.run(
            ["rclone", "--config", str(self.config), "--retries", "1", "-v", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=RCLONE_SECONDS_MAX,
            env={**os.environ, "RCLONE_CACHE_DIR": str(self.config.parent / "cache")},
            check=False,
        )
        assert done.returncode == 0, f"rclone {arguments}: {done.returncode}\n{done.stdout}"
        return done.stdout


def fill(top, rng, now):
    """Odd names, an empty file, small and larger ones, times in the past."""
    for number, folder in enumerate(FOLDERS):
        (top / folder).mkdir(parents=True)
        for index, name in enumerate(FILES):
            path = top / folder / name
            size = 0 if name == "empty" else rng.choice((10, 1000, 16_384, 16_385, 70_000))
            path.write_bytes(rng.randbytes(size))
            age = 1000 * (1 + number) + index
            os.utime(path, (now - age, now - age))


def snapshot(top):
    """path -> (hash, modification time in seconds)."""
    found = {}
    for path in top.rglob("*"):
        if path.is_file():
            found[str(path.relative_to(top))] = (
                sha256(path.read_bytes()),
                int(path.stat().st_mtime),
            )
    return found


def transfers(server, mark):
    time.sleep(0.2)
    return [f"{each['method']} {each['path']}" for each in server.requests(mark, TRANSFERS)]


def sync_both_ways(report, server, rclone, top, lea):
    now = int(time.time()) - 86400
    rng = random.Random(1)
    up, down = top / "up", top / "down"
    fill(up, rng, now)
    with report.case("sync up: every file is there with its content"):
        rclone("sync", up, "essaim:backup")
        there = lea.dav().tree("backup")
        files = {path for path, entry in there.items() if not entry.folder}
        assert files == {f"backup/{path}" for path in snapshot(up)}, files
    with report.case("check by SHA-1, as announced and as downloaded"):
        said = rclone("check", up, "essaim:backup")
        assert "0 differences found" in said, said
        assert "hashes could not be checked" not in said, said
        rclone("check", "--download", up, "essaim:backup")
    with report.case("the hashes that are listed are those of the contents"):
        listed = rclone("hashsum", "SHA1", "essaim:backup/plain")
        local = rclone("hashsum", "SHA1", up / "plain")
        pick = [line for line in listed.splitlines() if "  " in line]
        assert sorted(pick) == sorted(line for line in local.splitlines() if "  " in line), listed
    with report.case("a sync with nothing to do transfers nothing"):
        mark = server.mark()
        rclone("sync", up, "essaim:backup")
        assert not transfers(server, mark), transfers(server, mark)
    with report.case("sync down: the same contents and times"):
        rclone("sync", "essaim:backup", down)
        assert snapshot(down) == snapshot(up)
    return up, down


def change(report, server, rclone, up, down):
    with report.case("changes, deletions and a renamed folder travel up and down"):
        (up / "plain" / "notes.txt").write_bytes(b"other words")
        (up / "plain" / "new é.txt").write_bytes(b"new")
        (up / "%41" / "empty").unlink()
        (up / "😀 fête").rename(up / "😀 fini")
        rclone("sync", up, "essaim:backup")
        rclone("check", up, "essaim:backup")
        rclone("sync", "essaim:backup", down)
        assert snapshot(down) == snapshot(up)
    with report.case("--track-renames moves on the server instead of uploading"):
        (up / "a+b" / "c d" / "日本語" / "Œuvre.odt").rename(up / "plain" / "déplacé.odt")
        mark = server.mark()
        rclone("sync", "--track-renames", up, "essaim:backup")
        said = transfers(server, mark)
        assert any(each.startswith("MOVE") for each in said), said
        assert not any(each.startswith("PUT") for each in said), said
        rclone("check", up, "essaim:backup")


def on_the_server(report, server, rclone, lea):
    dav = lea.dav()
    with report.case("moveto and copyto happen on the server"):
        before = dav.stat("backup/plain/notes.txt")
        mark = server.mark()
        rclone("moveto", "essaim:backup/plain/notes.txt", "essaim:backup/plain/n + o.txt")
        rclone("copyto", "essaim:backup/plain/n + o.txt", "essaim:backup/copie.txt")
        said = transfers(server, mark)
        assert not any(each.startswith(("PUT", "GET")) for each in said), said
        after = dav.stat("backup/plain/n + o.txt")
        assert (after.id, after.etag) == (before.id, before.etag)
        assert dav.stat("backup/copie.txt").id != before.id
        assert dav.get("backup/copie.txt").body == b"other words"
    with report.case("a whole folder is moved, then purged"):
        rclone("moveto", "essaim:backup/100% & more", "essaim:backup/cent %")
        assert dav.stat("backup/cent %/#1/notes.txt") is not None
        rclone("purge", "essaim:backup/cent %")
        assert dav.stat("backup/cent %") is None
    with report.case("about tells used and free bytes"):
        said = rclone("about", "essaim:")
        assert "Used:" in said and "Free:" in said, said


def big_file(report, rclone, top, lea):
    data = random.Random(2).randbytes(BIG_BYTES)
    with report.case("a file of 30 MiB goes up and comes back"):
        (top / "big").mkdir()
        (top / "big" / "big.bin").write_bytes(data)
        rclone("copy", top / "big", "essaim:big")
        rclone("check", top / "big", "essaim:big")
        rclone("copy", "essaim:big", top / "big-down")
        assert (top / "big-down" / "big.bin").read_bytes() == data
    with report.case("chunks named by byte ranges, as rclone 1.63 and later send them"):
        send_by_ranges(lea, data)


def send_by_ranges(lea, data):
    """The requests of newer releases of rclone: DELETE, MKCOL, PUT of ranges, MOVE."""
    dav = lea.dav()
    transfer = f"/remote.php/dav/uploads/{lea.uid}/rclone-chunked-upload-5d41402abc4b2a76b9719d91"
    assert dav.send("DELETE", transfer).status == 404
    assert dav.send("MKCOL", transfer).status == 201
    for first in range(0, len(data), CHUNK_BYTES):
        last = min(first + CHUNK_BYTES, len(data)) - 1
        name = f"{first:015d}-{last:015d}"
        put = dav.send("PUT", f"{transfer}/{name}", {}, data[first : last + 1])
        assert put.status in (201, 204), put
    headers = {"Destination": dav.url("big/ranges.bin"), "X-OC-Mtime": "1700000000"}
    moved = dav.send("MOVE", f"{transfer}/.file", headers)
    assert moved.status == 201, moved
    assert moved.headers.get("x-oc-mtime") == "accepted", moved
    assert sha256(dav.get("big/ranges.bin").body) == sha256(data)


def main():
    report = reports.Report()
    if shutil.which("rclone") is None:
        report.skip("rclone", "rclone is not installed")
        report.finish()
    top = scratch("rclone")
    with Server(top, addresses=1) as server:
        space = server.create_space("voile")
        lea = server.add_member(space, "lea")
        rclone = Rclone(top, lea)
        up, down = sync_both_ways(report, server, rclone, top, lea)
        change(report, server, rclone, up, down)
        on_the_server(report, server, rclone, lea)
        big_file(report, rclone, top, lea)
        with report.case("the doctor finds nothing"):
            server.doctor()
    report.finish()


if __name__ == "__main__":
    main()
