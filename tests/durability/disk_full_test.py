"""A full disk: writes wait with the words a sync client understands, reads go on, and as soon as
there is room again writes pass by themselves. Nothing acknowledged is lost.
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
import space_check
from dav import sha256
from essaim_server import Server, scratch

DISK_MIB = 48
FILLER_BYTES = 16 * 1024 * 1024  # what freeing the disk gives back, at least
WORDS = "Storage is temporarily not available"
BIG_BYTES = 300_000
SMALL_BYTES = 2_000
RECOVERY_SECONDS_MAX = 5


@contextlib.contextmanager
def small_disk(folder):
    """A tmpfs of DISK_MIB; Skip when this user may not mount."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_MIB}m", "essaim-test", str(folder)]
    done = subprocess.run(
        ["mount", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise reports.Skip(f"cannot mount a small disk: {done.stdout.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False)


class Filler:
    """A file that takes the room that is left."""

    def __init__(self, disk):
        self.path = disk / "filler"

    def take(self, size):
        self.path.write_bytes(b"\0" * size)

    def fill(self):
        """Takes what is left."""
        with open(self.path, "ab", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * 4096)

    def free(self):
        self.path.unlink(missing_ok=True)


class Scene:
    def __init__(self, server, disk):
        self.server = server
        self.space = server.create_space("voile")
        self.dav = server.add_member(self.space, "lea").dav()
        self.filler = Filler(disk)
        self.promised = {}  # path -> hash
        self.count = 0

    def put(self, size):
        """The answer to a new file of `size` bytes; a 2xx is noted."""
        self.count += 1
        path, data = f"file {self.count}", os.urandom(size)
        answer = self.dav.put(path, data)
        if answer.done:
            self.promised[path] = sha256(data)
        return answer

    def renamed(self, path, to):
        self.promised[to] = self.promised.pop(path)

    def check(self):
        """Every promise holds, and nothing that was refused is there."""
        tree = {path for path in self.dav.tree() if path not in ("", "Espace commun")}
        assert tree == set(self.promised), tree ^ set(self.promised)
        for path, content in self.promised.items():
            assert sha256(self.dav.get(path).body) == content, path


def refused_well(answer):
    assert answer.status == 503, (answer.status, answer.text())
    assert answer.message() == WORDS, answer.text()
    assert answer.exception() == "Sabre\\DAV\\Exception\\ServiceUnavailable", answer.text()
    assert int(answer.headers["retry-after"]) > 0, answer.headers


def done_or_refused(answer, note):
    if answer.done:
        note()
    else:
        refused_well(answer)


def fill_by_uploads(scene):
    for _ in range(DISK_MIB * 1024 * 1024 // BIG_BYTES + 10):
        answer = scene.put(BIG_BYTES)
        if not answer.done:
            return answer
    raise AssertionError("the disk is not full")


def passes_again(scene, what):
    until = time.monotonic() + RECOVERY_SECONDS_MAX
    while True:
        answer = what()
        if answer.done or time.monotonic() > until:
            break
        refused_well(answer)
        time.sleep(0.1)
    assert answer.done, f"still {answer.status} after {RECOVERY_SECONDS_MAX} s: {answer.text()}"
    scene.check()


def play(report, scene):
    scene.filler.take(FILLER_BYTES)
    with report.case("uploads until the disk is full: the one too many answers 503 in those words"):
        for _ in range(5):
            assert scene.put(SMALL_BYTES).done
        refused_well(fill_by_uploads(scene))
        scene.check()
        report.note(f"{len(scene.promised)} files on a disk of {DISK_MIB} MiB")
    with report.case("with not a byte left a write answers so, or is done all the same"):
        scene.filler.fill()
        refused_well(scene.put(BIG_BYTES))
        small_until_refused(scene)
        dav, promised = scene.dav, scene.promised
        # Little changes may fit in what the database has already.
        done_or_refused(dav.move("file 1", "moved"), lambda: scene.renamed("file 1", "moved"))
        done_or_refused(dav.delete("file 2"), lambda: promised.pop("file 2"))
        done_or_refused(dav.proppatch("file 3", "<oc:favorite>1</oc:favorite>"), lambda: None)
        done_or_refused(
            dav.copy("file 4", "copied"), lambda: promised.update(copied=promised["file 4"])
        )
        scene.check()
    with report.case("reads go on: listing, download, a part of a file"):
        scene.check()
        part = scene.dav.get("file 6", Range="bytes=10-19")
        assert part.status == 206 and len(part.body) == 10, part.status
    with report.case("a restart on a full disk serves what is there"):
        assert scene.server.stop() == 0
        scene.server.start()
        scene.dav.close()
        scene.check()
        refused_well(scene.put(BIG_BYTES))
    with report.case("a crash on a full disk loses nothing"):
        scene.server.kill()
        scene.server.start()
        scene.dav.close()
        scene.check()
    with report.case("with room again writes pass by themselves"):
        scene.filler.free()
        passes_again(scene, lambda: scene.put(SMALL_BYTES))
        passes_again(scene, lambda: scene.put(SMALL_BYTES * 10))
    with report.case("files can be deleted again once there is room for the deletion"):
        for path in list(scene.promised)[:10]:
            answer = scene.dav.delete(path)
            assert answer.status == 204, answer
            del scene.promised[path]
        scene.check()
    with report.case("the doctor finds nothing, and neither does a stranger with sqlite3"):
        scene.server.doctor()
        folder = scene.server.space_folder(scene.space)
        assert scene.server.stop() == 0
        wrong = space_check.problems(folder)
        assert not wrong, wrong


def small_until_refused(scene):
    """The database may still have room in its files; it ends."""
    for _ in range(3000):
        answer = scene.put(SMALL_BYTES)
        if not answer.done:
            refused_well(answer)
            return
        scene.filler.fill()
    raise AssertionError("small files pass for ever on a full disk")


def main():
    report = reports.Report()
    folder = scratch("disk-full")
    try:
        with small_disk(folder / "disk") as disk:
            with Server(folder, addresses=1, data=disk / "data") as server:
                play(report, Scene(server, disk))
    except reports.Skip as reason:
        report.skip("a full disk", reason)
    report.finish()


if __name__ == "__main__":
    main()
