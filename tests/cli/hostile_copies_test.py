"""Copies of a space that are damaged or evil: refused with one line, nothing left behind."""

import io
import json
import os
import sqlite3
import sys
import tarfile
from hashlib import sha256

from support import PASSWORD, Server, check, contains, equal, run, why

EVIL = "/tmp/essaim-evil"


def tar_of(*entries):
    """A tar of (name, content) or (name, link target, type)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content, *kind in entries:
            info = tarfile.TarInfo(name)
            if kind:
                info.type = kind[0]
                info.linkname = content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


class Copy:
    """A good copy of a space with one content, taken apart."""

    def __init__(self, server):
        token = server.make_space()
        self.content = os.urandom(100_000)
        server.put(token, "large.bin", self.content)
        self.tar = check(server.run("space", "export", "voile", "-"), 0).stdout
        with tarfile.open(fileobj=io.BytesIO(self.tar)) as tar:
            self.parts = [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()]
        self.manifest, self.database, self.blob = self.parts
        self.hash = self.blob[0].split("/")[2]

    def with_facts(self, change):
        facts = json.loads(self.manifest[1])
        change(facts)
        return tar_of(("manifest.json", json.dumps(facts).encode()), self.database, self.blob)

    def with_space(self, **changes):
        return self.with_facts(lambda facts: facts["space"].update(changes))

    def with_blobs(self, **changes):
        return self.with_facts(lambda facts: facts["blobs"].update(changes))

    def with_manifest(self, text):
        return tar_of(("manifest.json", text), self.database, self.blob)

    def with_database(self, content):
        facts = json.loads(self.manifest[1])
        facts["main.db"] = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
        return tar_of(
            ("manifest.json", json.dumps(facts).encode()), ("main.db", content), self.blob
        )

    def with_instead_of_blob(self, name, *rest):
        return tar_of(self.manifest, self.database, (name, *rest))

    def database_after(self, server, sql):
        path = server.path("foreign.db")
        with open(path, "wb") as file:
            file.write(self.database[1])
        connection = sqlite3.connect(path)
        connection.executescript(sql)
        connection.close()
        with open(path, "rb") as file:
            return self.with_database(file.read())


def all_refused(hostile):
    """`hostile` makes the copies, by name, for a server and a good copy."""
    with Server() as server:
        server.start()
        good = Copy(server)
        before = server.done("space", "list", "--json")
        for name, tar in hostile(server, good).items():
            result = server.run("space", "import", "-", "--as", "x", stdin=tar)
            try:
                line = why(result, 1)
                assert 0 < len(line) < 300, line
                equal(os.listdir(os.path.join(server.data, "staging")), [])
            except AssertionError as failure:
                raise AssertionError(f"{name}: {failure}") from failure
        equal(server.done("space", "list", "--json"), before)
        contains(server.done("doctor"), "checked 1 spaces")
        assert not os.path.exists(EVIL)


def what_is_no_copy_is_refused():
    all_refused(
        lambda server, good: {
            "nothing": b"",
            "noise": os.urandom(100_000),
            "zeros": bytes(100_000),
            "a tar of nothing": tar_of(),
            "another tar": tar_of(("README", b"hello")),
            "a compressed copy": b"\x1f\x8b\x08\x00" + os.urandom(1000),
        }
    )


def copies_that_lack_something_are_refused():
    all_refused(
        lambda server, good: {
            "cut in the manifest": good.tar[:600],
            "cut in the database": good.tar[:50_000],
            "cut in the content": good.tar[:-60_000],
            "no content": tar_of(good.manifest, good.database),
            "no database": tar_of(good.manifest, good.blob),
            "no manifest": tar_of(good.database, good.blob),
            "the content before the database": tar_of(good.manifest, good.blob, good.database),
            "the manifest last": tar_of(good.database, good.blob, good.manifest),
            "a damaged content": good.with_instead_of_blob(
                good.blob[0], good.content[:-1] + bytes([good.content[-1] ^ 1])
            ),
            "a damaged database": tar_of(
                good.manifest, ("main.db", b"?" + good.database[1][1:]), good.blob
            ),
        }
    )


def copies_with_something_more_are_refused():
    other = sha256(b"x").hexdigest()
    all_refused(
        lambda server, good: {
            "a content too many": tar_of(*good.parts, (f"blobs/{other[:2]}/{other}", b"x")),
            "a content twice": tar_of(*good.parts, good.blob),
            "path traversal": good.with_instead_of_blob("../../../.." + EVIL, b"evil"),
            "an absolute path": good.with_instead_of_blob(EVIL, b"evil"),
            "dots in a content": good.with_instead_of_blob(f"blobs/../{good.hash}", good.content),
            "a wrong folder": good.with_instead_of_blob(f"blobs/zz/{good.hash}", good.content),
            "a symbolic link": good.with_instead_of_blob(
                good.blob[0], "/etc/passwd", tarfile.SYMTYPE
            ),
            "a hard link": good.with_instead_of_blob(good.blob[0], "main.db", tarfile.LNKTYPE),
            "a device": good.with_instead_of_blob(good.blob[0], "", tarfile.CHRTYPE),
            "a pipe": good.with_instead_of_blob(good.blob[0], "", tarfile.FIFOTYPE),
            "a link for a database": tar_of(
                good.manifest, ("main.db", "/etc/passwd", tarfile.SYMTYPE), good.blob
            ),
            "a folder of others": tar_of(("etc", "", tarfile.DIRTYPE), *good.parts),
        }
    )


def databases_that_are_not_ours_are_refused():
    def hostile(server, good):
        broken = bytearray(good.database[1])
        for page in range(4096, len(broken), 4096):
            broken[page : page + 64] = os.urandom(64)
        return {
            "broken inside": good.with_database(bytes(broken)),
            "no database": good.with_database(b"hello" * 1000),
            "empty": good.with_database(b""),
            "a trigger": good.database_after(
                server,
                "CREATE TRIGGER evil AFTER INSERT ON node BEGIN DELETE FROM member; END",
            ),
            "a view": good.database_after(server, "CREATE VIEW evil AS SELECT * FROM member"),
            "a table more": good.database_after(server, "CREATE TABLE evil(x)"),
            "a table less": good.database_after(server, "DROP TABLE favorite"),
            "another column": good.database_after(server, "ALTER TABLE member ADD COLUMN x"),
            "an index with an expression": good.database_after(
                server, "CREATE INDEX evil ON node(abs(size))"
            ),
            "a newer schema": good.database_after(server, "PRAGMA user_version=900000"),
            "a content that is missing": good.database_after(
                server,
                "INSERT INTO blob(hash, size, refs, crc32, place) VALUES "
                f"('{sha256(b'x').hexdigest()}', 100000, 1, 0, 1)",
            ),
        }

    all_refused(hostile)


def manifests_that_lie_are_refused():
    all_refused(
        lambda server, good: {
            "no JSON": good.with_manifest(b"{"),
            "a list": good.with_manifest(b"[]"),
            "deep JSON": good.with_manifest(b"[" * 50_000),
            "a long one": good.with_manifest(good.manifest[1] + b" " * 70_000),
            "a newer format": good.with_facts(lambda facts: facts.update(version=2)),
            "another format": good.with_facts(lambda facts: facts.update(format="other")),
            "a newer schema": good.with_facts(lambda facts: facts.update(schema_version=900_000)),
            "no space": good.with_facts(lambda facts: facts.pop("space")),
            "an evil id": good.with_space(id="../../../etc/abc"),
            "a short id": good.with_space(id="ab"),
            "an evil slug": good.with_space(slug="../x"),
            "an evil name": good.with_space(name="a\nb"),
            "an evil host": good.with_space(hosts=["a b"]),
            "many hosts": good.with_space(hosts=[f"h{i}.fr" for i in range(1000)]),
            "a count below zero": good.with_blobs(count=-1),
            "a huge count": good.with_blobs(count=10**18),
            "an overflowing size": good.with_blobs(bytes=10**30),
            "a fraction": good.with_blobs(count=1.5),
            "a count that is a text": good.with_blobs(count="1"),
            "a huge database": good.with_facts(lambda facts: facts["main.db"].update(bytes=10**18)),
        }
    )


def a_copy_packed_again_by_hand_is_taken():
    with Server() as server:
        server.start()
        good = Copy(server)
        shard = "./blobs/" + good.hash[:2]
        again = tar_of(
            ("./", "", tarfile.DIRTYPE),
            ("./manifest.json", good.manifest[1]),
            ("./main.db", good.database[1]),
            ("./blobs/", "", tarfile.DIRTYPE),
            (shard, "", tarfile.DIRTYPE),
            (f"{shard}/{good.hash}", good.content),
        )
        contains(server.done("space", "import", "-", "--as", "x", stdin=again), "copied")
        status, content, _ = server.http(
            "GET", "/remote.php/dav/files/lea/large.bin", "x.example.org", ("lea", PASSWORD)
        )
        equal((status, content), (200, good.content))


if __name__ == "__main__":
    sys.exit(run(globals()))
