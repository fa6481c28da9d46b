"""A damaged space: the doctor names what is wrong, nothing false is served, the others go on, and a
copy brings it back.

A listing is never empty or short because of damage, and a file never 404 or shorter than it is:
sync clients would delete what people have.
"""

import json
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
import space_check
from dav import sha256
from essaim_server import Server, scratch

PAGE_BYTES = 4096


class Patient:
    """A space that is going to be damaged while the server does not run."""

    def __init__(self, server, slug, healthy):
        self.server = server
        self.space = server.create_space(slug)
        self.dav = server.add_member(self.space, "lea").dav()
        self.healthy = healthy
        self.big = b"B" * 60_000
        assert self.dav.mkcol("docs").status == 201
        assert self.dav.put("docs/big.bin", self.big).status == 201
        for number in range(300):
            assert self.dav.put(f"docs/{number} {'n' * 100}", b"small" * 40).status == 201
        self.folder = server.space_folder(self.space)
        self.copy = server.folder / f"{slug}.tar"
        server.command("space", "export", slug, self.copy)
        self.tree = self.dav.tree()

    def operate(self, damage):
        assert self.server.stop() == 0
        damage(self.folder)
        self.server.start()
        self.dav.close()
        self.healthy.dav().close()

    def doctor(self):
        """What the doctor says; it must find something."""
        done = self.server.run("doctor", "--space", self.space.slug)
        assert done.returncode == 1, f"{done.returncode}: {done.stdout} {done.stderr}"
        return done.stdout + done.stderr

    def state(self):
        return json.loads(self.server.command("space", "show", self.space.slug, "--json"))["state"]

    def others_go_on(self):
        dav = self.healthy.dav()
        assert dav.put("still here", b"yes").done
        assert dav.get("still here").body == b"yes"

    def restore(self):
        self.server.command("space", "import", self.copy)
        if self.state() != "ready":
            self.server.command("space", "resume", self.space.slug)
        self.dav.close()
        assert set(self.dav.tree()) == set(self.tree)
        assert self.dav.get("docs/big.bin").body == self.big
        self.server.command("doctor", "--space", self.space.slug)

    def never_short(self):
        """Whatever is answered, a client does not come to delete anything."""
        for path in ("", "docs"):
            answer = self.dav.propfind(path, 1)
            assert answer.status in (207, 503), (path, answer.status)
            if answer.status == 207:
                below = [each for each in self.tree if _folder(each) == path and each]
                assert len(self.dav.list(path)) == len(below) + 1, f"a short listing of {path!r}"
        for path in ("docs/big.bin", f"docs/7 {'n' * 100}"):
            try:
                answer = self.dav.get(path)
            except OSError:
                continue  # cut off in the middle: the client tries again
            except Exception as error:  # pylint: disable=broad-except
                assert "IncompleteRead" in type(error).__name__, error
                continue
            assert answer.status in (200, 503), (path, answer.status)
            if answer.status == 200:
                assert len(answer.body) == self.tree[path].size, f"{path!r} is short"


def _folder(path):
    return path.rpartition("/")[0]


def blob_of(folder, data):
    name = sha256(data)
    return folder / "blobs" / name[:2] / name


def damages(big):
    """Name, what is done to the folder, a word the doctor says."""

    def statement(*lines):
        def run(folder):
            database = sqlite3.connect(folder / "main.db")
            with database:
                for line in lines:
                    database.execute(line)
            database.close()

        return run

    def page(folder, which):
        size = (folder / "main.db").stat().st_size
        with open(folder / "main.db", "r+b") as file:
            file.seek(which(size // PAGE_BYTES) * PAGE_BYTES)
            file.write(b"\xa5" * PAGE_BYTES)

    def flip_sizes(folder):
        blob_of(folder, big).write_bytes(big[:1000])

    return (
        ("a content is missing", lambda folder: blob_of(folder, big).unlink(), "missing"),
        ("a content is cut short", flip_sizes, "missing or has the wrong size"),
        ("the usage is miscounted", statement("UPDATE usage SET bytes = bytes + 1"), "usage"),
        (
            "a folder's size is miscounted",
            statement("UPDATE node SET size = size + 7 WHERE name = 'docs'"),
            "folder",
        ),
        ("the first page is garbage", lambda folder: page(folder, lambda n: 0), "database"),
        ("a middle page is garbage", lambda folder: page(folder, lambda n: n // 2), "database"),
        ("the last pages are gone", cut, "database"),
        ("the database is empty", lambda folder: (folder / "main.db").write_bytes(b""), "database"),
        ("the database is gone", lambda folder: (folder / "main.db").unlink(), ""),
    )


def cut(folder):
    size = (folder / "main.db").stat().st_size
    with open(folder / "main.db", "r+b") as file:
        file.truncate(size // PAGE_BYTES // 2 * PAGE_BYTES)


def main():
    report = reports.Report()
    words = sys.argv[1:]
    with Server(scratch("damage"), addresses=2) as server:
        healthy_space = server.create_space("healthy")
        healthy = server.add_member(healthy_space, "lea")
        patient = Patient(server, "patient", healthy)
        for name, damage, word in damages(patient.big):
            if words and not any(each in name for each in words):
                continue
            with report.case(f"{name}: nothing false is served, the others go on"):
                patient.operate(damage)
                patient.never_short()
                patient.others_go_on()
            with report.case(f"{name}: the doctor says so"):
                said = patient.doctor()
                assert word in said, said
                report.note(said.strip().splitlines()[0][:90])
                patient.never_short()
                patient.others_go_on()
            with report.case(f"{name}: a copy brings it back"):
                patient.restore()
        with report.case("in the end a stranger with sqlite3 finds nothing"):
            assert server.stop() == 0
            wrong = space_check.problems(patient.folder)
            assert not wrong, wrong
    report.finish()


if __name__ == "__main__":
    main()
