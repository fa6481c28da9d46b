"""A space restored from an older copy: clients notice, and keep what is newer on their side.

A restore starts a new epoch: `oc:data-fingerprint` changes, no etag and no file id of the time
after the copy ever means something else.
"""

import pathlib
import sys
import time
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import nextcloud
import report as reports
from dav import OC, sha256
from essaim_server import Server, scratch

PAST = int(time.time()) - 40 * 86400


def fingerprint(dav):
    answer = dav.propfind("", 0, "<oc:data-fingerprint/>")
    assert answer.status == 207, answer
    found = ET.fromstring(answer.body).find(f".//{OC}data-fingerprint")
    assert found is not None, answer.text()
    return found.text or ""


def meanings(dav):
    """etag -> what it stands for: a file's id and content; None: a state of a folder."""
    return {
        entry.etag: None if entry.folder else (entry.id, sha256(dav.get(entry.path).body))
        for entry in dav.tree().values()
    }


def number(identity):
    """The file id in front of the instance id."""
    return int(identity[: identity.index("oc")])


class Story:
    """A space, a copy of it, and what happened after the copy."""

    def __init__(self, server, folder):
        self.server = server
        self.folder = folder
        self.space = server.create_space("voile")
        self.lea = server.add_member(self.space, "lea")
        self.dav = self.lea.dav()
        self.copy = folder / "copy.tar"
        self.machine = nextcloud.Folder(folder, "machine", self.lea)

    def before(self):
        self.machine.write("docs/kept.txt", b"never changes", PAST)
        self.machine.write("docs/edited.txt", b"before the copy", PAST)
        self.machine.write("docs/deleted.txt", b"deleted after the copy", PAST)
        self.machine.write("big.bin", b"b" * 100_000, PAST)
        assert self.machine.sync().code == 0
        self.server.command("space", "export", "voile", self.copy)
        self.seen_etags = meanings(self.dav)

    def after(self):
        self.machine.write("docs/edited.txt", b"after the copy, newer", PAST + 5000)
        self.machine.write("docs/new.txt", b"only on the machine after a restore", PAST + 6000)
        self.machine.write("more/deep/new.txt", b"a new folder too", PAST + 7000)
        (self.machine.path / "docs/deleted.txt").unlink()
        assert self.machine.sync().code == 0
        self.seen_ids = {entry.id for entry in self.dav.tree().values()}
        self.seen_etags.update(meanings(self.dav))
        # Ids that were given out and are gone by the time of the restore.
        for name in ("short-lived 1", "short-lived 2"):
            answer = self.dav.put(name, b"x")
            self.seen_ids.add(answer.id)
            self.seen_etags[answer.etag] = "gone"
            assert self.dav.delete(name).status == 204
        self.local = self.machine.tree()


def restored(report, story):
    old_fingerprint = fingerprint(story.dav)
    with report.case("import over a living space restores it"):
        story.server.command("space", "import", story.copy)
        tree = {path: entry for path, entry in story.dav.tree().items() if path}
        assert set(tree) == {
            "docs", "docs/kept.txt", "docs/edited.txt", "docs/deleted.txt", "big.bin",
            "Espace commun",
        }, set(tree)
        assert story.dav.get("docs/edited.txt").body == b"before the copy"
    with report.case("oc:data-fingerprint changes with the restore"):
        assert fingerprint(story.dav) != old_fingerprint
        assert fingerprint(story.dav) == fingerprint(story.dav)
    with report.case("an etag seen before means the same content, a folder's is new"):
        for etag, meaning in meanings(story.dav).items():
            if etag in story.seen_etags:
                assert meaning is not None and meaning == story.seen_etags[etag], etag
    with report.case("ids that were given out after the copy never come back"):
        highest = max(map(number, story.seen_ids))
        for name in ("a", "b", "c"):
            answer = story.dav.put(f"fresh {name}", b"fresh")
            assert answer.id not in story.seen_ids, answer.id
            assert number(answer.id) > highest, (answer.id, highest)
            assert answer.etag not in story.seen_etags, answer.etag
            story.dav.delete(f"fresh {name}")


def client_keeps(report, story):
    with report.case("the client keeps its newer files"):
        nextcloud.need()
        done = story.machine.sync()
        now = story.machine.tree()
        kept = set(now.values())
        lost = [path for path, content in story.local.items() if content not in kept]
        assert not lost, f"{lost} are gone from the machine\n{done.said}"
        assert now.get("docs/new.txt") == story.local["docs/new.txt"], now
        assert now.get("more/deep/new.txt") == story.local["more/deep/new.txt"], now
    with report.case("what both have in different states becomes a conflict, both contents stay"):
        conflicts = story.machine.conflicts()
        assert any(path.startswith("docs/edited") for path in conflicts), story.machine.tree()
        both = {now_hash for path, now_hash in story.machine.tree().items() if "edited" in path}
        assert both == {sha256(b"before the copy"), sha256(b"after the copy, newer")}, both
    with report.case("then machine and server agree"):
        for path in story.machine.conflicts():
            (story.machine.path / path).rename(story.machine.path / "docs/kept copy.txt")
        for _ in range(3):
            done = story.machine.sync()
        assert done.code == 0, done.said
        there = {path for path in story.dav.tree() if path}
        assert there == set(story.machine.tree()), (there, story.machine.tree())
        other = nextcloud.Folder(story.folder, "fresh machine", story.lea)
        assert other.sync().code == 0
        assert other.tree() == story.machine.tree()


def other_ways(report, story):
    server = story.server
    with report.case("the same copy under another name is another space"):
        server.command("space", "import", story.copy, "--as", "copie")
        copied = story.lea.dav(host=f"copie.essaim.test:{server.port}")
        assert copied.get("docs/edited.txt").body == b"before the copy"
        assert copied.put("only here", b"x").status == 201
        assert story.dav.stat("only here") is None
    with report.case("a copy that is cut short changes nothing"):
        before = story.dav.tree()
        whole = story.copy.read_bytes()
        cut = story.folder / "cut.tar"
        for size in (0, 512, len(whole) // 2, len(whole) - 20_000):
            cut.write_bytes(whole[:size])
            assert server.run("space", "import", cut).returncode == 1, size
            assert story.dav.tree() == before, size
    with report.case("a copy that was tampered with is refused and changes nothing"):
        before = story.dav.tree()
        at = whole.index(b"b" * 1000)
        cut.write_bytes(whole[:at] + b"c" + whole[at + 1 :])
        assert server.run("space", "import", cut).returncode == 1
        assert story.dav.tree() == before
    with report.case("a restored space outlives a crash right after the answer"):
        server.command("space", "import", story.copy)
        mark = fingerprint(story.dav)
        server.kill()
        server.start()
        story.dav.close()
        assert fingerprint(story.dav) == mark
        assert story.dav.get("docs/edited.txt").body == b"before the copy"
    with report.case("the doctor finds nothing"):
        server.doctor()


def main():
    report = reports.Report()
    folder = scratch("restore")
    with Server(folder, addresses=2) as server:
        story = Story(server, folder)
        with report.case("a space is synced, copied, and goes on living"):
            nextcloud.need()
            story.before()
            story.after()
        restored(report, story)
        client_keeps(report, story)
        other_ways(report, story)
    report.finish()


if __name__ == "__main__":
    main()
