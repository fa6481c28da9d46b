"""A folder downloaded as one ZIP file: read by other people's programs, resumed, refused."""

import io
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import report as reports  # noqa: E402
from essaim_server import Server, scratch  # noqa: E402

ZIP = {"Accept": "application/zip"}
FILES = {
    "Docs/lisez-moi.txt": b"bonjour",
    "Docs/vide.txt": b"",
    "Docs/R\u00e9unions/plan d'acc\u00e8s.bin": os.urandom(300_000),
    "Docs/R\u00e9unions/2025/notes.md": b"# Notes\n" * 500,
    "Docs/grand.bin": os.urandom(5_000_000),
}
FOLDERS = ["Docs", "Docs/R\u00e9unions", "Docs/R\u00e9unions/2025", "Docs/rien", "Ailleurs"]


class World:
    """One space with a tree; `lea` owns it, `tom` has nothing."""

    def __init__(self):
        self.server = Server(scratch("archive")).start()
        self.space = self.server.create_space("voile")
        self.lea = self.server.add_member(self.space, "lea")
        self.tom = self.server.add_member(self.space, "tom")
        self.dav = self.lea.dav()
        for folder in FOLDERS:
            self.dav.mkcol(folder)
        for path, content in FILES.items():
            self.dav.put(path, content, X_OC_Mtime="1700000000")
        self.dav.put("Ailleurs/autre.txt", b"autre")

    def get(self, target, headers=ZIP):
        return self.dav.send("GET", target, dict(headers))

    def folder(self, path="Docs", query="", headers=ZIP):
        place = urllib.parse.quote(f"/remote.php/dav/files/lea/{path}")
        return self.get(place + query, headers)


def below(prefix=""):
    return {prefix + path: content for path, content in FILES.items()}


def content_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names if not name.endswith("/")}, names


def a_folder_comes_as_one_archive_that_other_programs_read(world):
    answer = world.folder()
    assert answer.status == 200, answer.status
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["content-type"] == "application/zip"
    assert "Docs.zip" in answer.headers["content-disposition"]
    files, names = content_of(answer.body)
    assert files == below()
    assert "Docs/rien/" in names, "an empty folder is one too"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.getinfo("Docs/lisez-moi.txt").date_time[:3] == (2023, 11, 14)
    place = scratch("archive-out")
    (place / "docs.zip").write_bytes(answer.body)
    for command in (["unzip", "-q", "docs.zip"], ["bsdtar", "-xf", "docs.zip"]):
        target = place / command[0]
        target.mkdir()
        line = [*command[:-1], str(place / "docs.zip")]
        subprocess.run(line, cwd=target, check=True)
        for path, content in FILES.items():
            assert (target / path).read_bytes() == content, (command, path)
            assert int((target / path).stat().st_mtime) == 1_700_000_000, (command, path)
    with open(place / "docs.zip", "rb") as pipe:
        listed = subprocess.run(["bsdtar", "-tf", "-"], stdin=pipe, check=True, capture_output=True)
    assert len(listed.stdout.splitlines()) == len(names), "readable as a stream"


def any_part_of_it_is_the_same_as_of_the_whole(world):
    whole = world.folder()
    size = len(whole.body)
    etag = whole.headers["etag"]
    starts = [0, 1, 29, 31, 40, 100, 5_000, 299_999, size // 2, size - 700, size - 30, size - 1]
    for start in starts:
        for end in {start, min(start + 10, size - 1), min(start + 70_000, size - 1), size - 1}:
            part = world.folder(headers={**ZIP, "Range": f"bytes={start}-{end}", "If-Range": etag})
            assert part.status == 206, (start, end, part.status)
            assert part.headers["content-range"] == f"bytes {start}-{end}/{size}"
            assert part.body == whole.body[start : end + 1], (start, end)
    assert world.folder(headers={**ZIP, "Range": f"bytes={size}-"}).status == 416
    assert world.folder(headers={**ZIP, "If-None-Match": etag}).status == 304


def a_resumed_download_of_a_changed_folder_begins_anew(world):
    old = world.folder()
    world.dav.put("Docs/lisez-moi.txt", b"au revoir")
    changed = {**ZIP, "Range": "bytes=100-", "If-Range": old.headers["etag"]}
    answer = world.folder(headers=changed)
    assert answer.status == 200
    assert content_of(answer.body)[0]["Docs/lisez-moi.txt"] == b"au revoir"
    world.dav.put("Docs/lisez-moi.txt", FILES["Docs/lisez-moi.txt"], X_OC_Mtime="1700000000")


def chosen_children_and_the_whole_tree(world):
    chosen = ["lisez-moi.txt", "R\u00e9unions"]
    query = "?accept=zip&files=" + urllib.parse.quote(json.dumps(chosen))
    files, _ = content_of(world.folder(query=query, headers={}).body)
    assert set(files) == {
        "lisez-moi.txt",
        "R\u00e9unions/plan d'acc\u00e8s.bin",
        "R\u00e9unions/2025/notes.md",
    }
    whole = world.folder(path="", query="?accept=zip", headers={})
    assert "Space%20voile.zip" in whole.headers["content-disposition"]
    assert content_of(whole.body)[0] == {**FILES, "Ailleurs/autre.txt": b"autre"}
    head = world.dav.send("HEAD", "/remote.php/dav/files/lea/Docs?accept=zip", {})
    assert head.status == 200 and head.body == b""
    assert int(head.headers["content-length"]) == len(world.folder().body)


def what_cannot_be_packed_is_refused(world):
    assert world.folder(headers={}).status == 405
    assert world.folder(query="?accept=zip&files=%5B%22nobody%22%5D", headers={}).status == 404
    assert world.folder(query="?accept=zip&files=nonsense", headers={}).status == 400
    assert world.folder(path="nowhere", query="?accept=zip", headers={}).status == 404
    other = world.tom.dav().send("GET", "/remote.php/dav/files/lea/Docs?accept=zip", {})
    assert other.status == 404
    cookie = world.folder(query="?accept=zip&downloadStartSecret=abc123", headers={})
    assert "ocDownloadStarted=abc123" in cookie.headers["set-cookie"]
    evil = world.folder(query="?accept=zip&downloadStartSecret=a;b%0d%0aX:1", headers={})
    assert "set-cookie" not in evil.headers


def thousands_of_small_files_come_whole(world):
    paths = [f"Beaucoup/d{n % 20}/f {n}.txt" for n in range(2_000)]
    for folder in ["Beaucoup", *sorted({os.path.dirname(path) for path in paths})]:
        world.dav.mkcol(folder)
    for number, path in enumerate(paths):
        world.dav.put(path, b"%d" % number * (number % 50))
    files, _ = content_of(world.folder("Beaucoup").body)
    assert files == {path: b"%d" % n * (n % 50) for n, path in enumerate(paths)}
    world.dav.delete("Beaucoup")


def main():
    report = reports.Report()
    world = World()
    for promise in (
        a_folder_comes_as_one_archive_that_other_programs_read,
        any_part_of_it_is_the_same_as_of_the_whole,
        a_resumed_download_of_a_changed_folder_begins_anew,
        chosen_children_and_the_whole_tree,
        what_cannot_be_packed_is_refused,
        thousands_of_small_files_come_whole,
    ):
        with report.case(promise.__name__.replace("_", " ")):
            promise(world)
    world.server.stop()
    report.finish()


if __name__ == "__main__":
    main()
