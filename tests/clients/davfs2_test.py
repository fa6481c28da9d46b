"""davfs2 mounts the older address: a person works in the folder as in any other, and what they did
is on the server after the unmount.
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
from essaim_server import Server, scratch

COMMON = "Espace commun"
SECONDS_MAX = 60
BIG_BYTES = 20_000_000
CACHES = pathlib.Path("/var/cache/davfs2")  # where the client's own user may write

# Uploads leave at once, so that the server can be looked at. Newer kernels read folders in pieces
# larger than davfs2's usual 16 KiB, and then list nothing.
SETTINGS = """\
buf_size 1024
use_locks 1
delay_upload 0
ask_auth 0
n_cookies 0
"""


class Mount:
    """A folder that davfs2 fills, mounted while the block runs."""

    def __init__(self, folder, member):
        self.path = folder / "mounted"
        self.path.mkdir()
        self.url = f"{member.space.url}/remote.php/webdav/"
        self.settings = folder / "davfs2.conf"
        secrets = folder / "secrets"
        secrets.write_text(f"{self.url} {member.uid} {member.token}\n", encoding="utf-8")
        secrets.chmod(0o600)
        self.settings.write_text(f"secrets {secrets}\n{SETTINGS}", encoding="utf-8")
        self.before = set(CACHES.glob("*"))

    def __enter__(self):
        command = [
            "mount.davfs", "-o", f"conf={self.settings},uid={os.getuid()}", self.url, str(self.path)
        ]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        assert done.returncode == 0 and self.path.is_mount(), done.stdout
        return self

    def __exit__(self, *_):
        # It uploads what is left before it ends.
        subprocess.run(["umount", str(self.path)], timeout=SECONDS_MAX, check=False)
        if self.path.is_mount():
            subprocess.run(["umount", "-l", str(self.path)], timeout=SECONDS_MAX, check=False)
            raise AssertionError("the folder could not be unmounted")
        for cache in set(CACHES.glob("*")) - self.before:
            if str(self.path).strip("/").replace("/", "-") in cache.name:
                shutil.rmtree(cache)


def eventually(there):
    until = time.monotonic() + SECONDS_MAX
    while not there():
        assert time.monotonic() < until, "the server does not have it"
        time.sleep(0.1)


def work(report, folder, server, member):
    dav = member.dav()
    assert dav.mkcol("Docs").done and dav.put("Docs/plan.txt", b"one").done
    big = random.Random(5).randbytes(BIG_BYTES)
    mark = server.mark()
    with Mount(folder, member) as mount:
        top = mount.path
        with report.case("what is on the server is read"):
            assert sorted(set(os.listdir(top)) - {"lost+found"}) == ["Docs", COMMON]
            assert (top / "Docs/plan.txt").read_bytes() == b"one"
        with report.case("a new file, read back, and written again"):
            (top / "Docs/été.txt").write_bytes(b"new")
            eventually(lambda: dav.get("Docs/été.txt").body == b"new")
            (top / "Docs/été.txt").write_bytes(b"newer, longer")
            assert (top / "Docs/été.txt").read_bytes() == b"newer, longer"
            eventually(lambda: dav.get("Docs/été.txt").body == b"newer, longer")
        with report.case("a big file"):
            (top / "big.bin").write_bytes(big)
            assert (top / "big.bin").read_bytes() == big
        with report.case("a file is locked while it is written, and free afterwards"):
            with open(top / "Docs/plan.txt", "r+b") as file:
                file.write(b"two")
                file.flush()
                assert dav.put("Docs/plan.txt", b"somebody else").status == 423
            eventually(lambda: dav.get("Docs/plan.txt").body == b"two")
        with report.case("folders, renames and deletions"):
            (top / "New").mkdir()
            (top / "Docs/été.txt").rename(top / "New/renamed.txt")
            (top / "Docs/plan.txt").unlink()
            (top / "Docs").rmdir()
    with report.case("after the unmount the server has all of it, and no lock is left"):
        there = set(dav.tree()) - {"", COMMON}
        assert there == {"New", "New/renamed.txt", "big.bin"}, there
        assert dav.get("New/renamed.txt").body == b"newer, longer"
        assert dav.get("big.bin").body == big
        assert dav.put("big.bin", b"free again").status == 204
        assert server.requests(mark, ("LOCK",)) and server.requests(mark, ("UNLOCK",))


def main():
    report = reports.Report()
    if shutil.which("mount.davfs") is None:
        report.skip("davfs2", "davfs2 is not installed")
        report.finish()
    if os.getuid() != 0 or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        report.skip("davfs2", "mounting needs root and /dev/fuse")
        report.finish()
    folder = scratch("davfs2")
    with Server(folder, addresses=1) as server:
        space = server.create_space("voile")
        work(report, folder, server, server.add_member(space, "lea"))
    report.finish()


if __name__ == "__main__":
    main()
