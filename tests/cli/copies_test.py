"""Copies of a space: taken, read without Essaim, brought in, restored."""

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
from hashlib import sha256

from support import PASSWORD, Server, Skip, check, contains, equal, run


def an_export_is_read_with_tar_and_sqlite3():
    for tool in ("tar", "sqlite3"):
        if not shutil.which(tool):
            raise Skip(tool + " is not here")
    with Server() as server:
        server.start()
        token = server.make_space()
        large = os.urandom(300_000)
        server.put(token, "large.bin", large)
        server.put(token, "small.txt", b"small")
        file = server.path("voile.tar")
        server.done("space", "export", "voile", file)
        equal(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        assert not os.path.exists(file + ".part")
        folder = server.path("unpacked")
        os.mkdir(folder)
        subprocess.run(["tar", "xf", file, "-C", folder], check=True)
        names = subprocess.run(["tar", "tf", file], check=True, capture_output=True,
                               text=True).stdout.split()
        digest = sha256(large).hexdigest()
        equal(names, ["manifest.json", "main.db", f"blobs/{digest[:2]}/{digest}"])
        manifest = json.load(open(os.path.join(folder, "manifest.json")))
        equal(manifest["space"]["slug"], "voile")
        database = open(os.path.join(folder, "main.db"), "rb").read()
        equal(manifest["main.db"], {"bytes": len(database),
                                    "sha256": sha256(database).hexdigest()})
        equal(manifest["blobs"], {"count": 1, "bytes": 300_000})
        with open(os.path.join(folder, names[2]), "rb") as blob:
            equal(blob.read(), large)
        os.chmod(folder, 0o500)  # it stands alone, also where nothing can be written
        asked = subprocess.run(
            ["sqlite3", "-readonly", os.path.join(folder, "main.db"),
             "PRAGMA integrity_check; SELECT name FROM node WHERE kind = 2 ORDER BY name;"],
            check=True, capture_output=True, text=True).stdout.split()
        os.chmod(folder, 0o700)
        equal(asked, ["ok", "large.bin", "small.txt"])


def a_space_moves_to_another_server():
    with Server() as here, Server() as there:
        here.start()
        there.start()
        token = here.make_space()
        here.done("space", "create", "rugby", "--name", "Rugby", "--host", "rugby.fr")
        content = os.urandom(2_000_000)
        here.put(token, "large.bin", content)
        here.put(token, "small.txt", b"before")
        node = here.put(token, "small.txt", b"small")["OC-FileId"].split("oc")[0].lstrip("0")
        thrown = os.urandom(50_000)
        here.put(token, "thrown.bin", thrown)
        host, user = "voile.example.org", ("lea", PASSWORD)
        equal(here.http("DELETE", "/remote.php/dav/files/lea/thrown.bin", host, user)[0], 204)
        copy = here.run("space", "export", "voile", "-")
        check(copy, 0)
        contains(there.done("space", "import", "-", stdin=copy.stdout), "imported space voile")
        equal(there.space("voile")["id"], here.space("voile")["id"])
        user = ("lea", PASSWORD)
        host = "voile.example.org"
        equal(there.http("GET", "/remote.php/dav/files/lea/large.bin", host, user)[1], content)
        equal(there.http("GET", "/remote.php/dav/files/lea/small.txt", host, user)[1], b"small")
        # The bin and the versions came along.
        dav = "/remote.php/dav"
        bin_url = f"{dav}/trashbin/lea/trash"
        listed = there.http("PROPFIND", bin_url, host, user, headers={"Depth": "1"})[1].decode()
        name = re.search(r"thrown\.bin\.d\d+", listed)[0]
        equal(there.http("GET", f"{bin_url}/{name}", host, user)[1], thrown)
        url = f"{dav}/versions/lea/versions/{node}"
        listed = there.http("PROPFIND", url, host, user, headers={"Depth": "1"})[1].decode()
        version = re.search(r"/versions/\d+/(\d+)<", listed)[1]
        equal(there.http("GET", f"{url}/{version}", host, user)[1], b"before")
        contains(there.done("doctor"), "checked 1 spaces")
        here.done("space", "export", "rugby", here.path("rugby.tar"))
        there.done("space", "import", here.path("rugby.tar"), "--as", "ballon")
        equal(there.space("ballon")["hosts"], ["ballon.example.org", "rugby.fr"])
        there.stop()
        there.start()
        equal(there.http("GET", "/remote.php/dav/files/lea/large.bin", host, user)[1], content)


def file_property(server, token, name, prop):
    body = f"""<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">
        <d:prop><{prop}/></d:prop></d:propfind>"""
    status, answer, _ = server.http("PROPFIND", "/remote.php/dav/files/lea/" + name,
                                    "voile.example.org", ("lea", token), body, {"Depth": "0"})
    equal(status, 207)
    text = answer.decode()
    return text[text.index(f"<{prop}>") + len(prop) + 2:text.index(f"</{prop}>")]


def a_restore_brings_back_content_and_never_an_id_or_an_etag_of_the_lost_time():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "kept.txt", b"first")
        server.done("space", "export", "voile", server.path("old.tar"))
        kept_id = file_property(server, token, "kept.txt", "oc:fileid")
        kept_etag = file_property(server, token, "kept.txt", "d:getetag")
        seen = set()
        roots = {file_property(server, token, "", "d:getetag")}
        ids = {kept_id}
        for i in range(20):
            server.put(token, f"later{i}.txt", b"later")
            server.put(token, "kept.txt", b"changed %d" % i)
            seen.add(file_property(server, token, "kept.txt", "d:getetag"))
            roots.add(file_property(server, token, "", "d:getetag"))
            ids.add(file_property(server, token, f"later{i}.txt", "oc:fileid"))
        before = server.space("voile")
        contains(server.done("space", "import", server.path("old.tar")), "restored space voile")
        after = server.space("voile")
        equal(after["id"], before["id"])
        equal(after["hosts"], before["hosts"])
        equal(server.get(token, "kept.txt"), b"first")
        equal(server.get(token, "later3.txt"), 404)
        equal(file_property(server, token, "kept.txt", "oc:fileid"), kept_id)
        # What is as it was in the copy keeps its etag, so that no client asks for it again.
        equal(file_property(server, token, "kept.txt", "d:getetag"), kept_etag)
        assert kept_etag not in seen
        assert file_property(server, token, "", "d:getetag") not in roots
        assert file_property(server, token, "", "oc:data-fingerprint") != ""
        for i in range(20):
            server.put(token, f"new{i}.txt", b"new")
            assert file_property(server, token, f"new{i}.txt", "oc:fileid") not in ids
            assert file_property(server, token, f"new{i}.txt", "d:getetag") not in seen
        equal(len(os.listdir(os.path.join(server.data, "aside"))), 1)
        server.stop()
        server.start()
        equal(server.get(token, "kept.txt"), b"first")
        contains(server.done("doctor"), "checked 1 spaces")


def an_import_never_takes_another_spaces_slug():
    with Server() as server:
        server.start()
        token = server.make_space("voile")
        server.make_space("rugby")
        server.put(token, "a.txt", b"a")
        file = server.path("voile.tar")
        server.done("space", "export", "voile", file)
        contains(server.refused("space", "import", file, "--as", "rugby"), "another space")
        contains(server.refused("space", "import", file, "--as", "Bad Slug"), "slug")
        contains(server.done("space", "import", file, "--as", "copie"), "copied space copie")
        assert server.space("copie")["id"] != server.space("voile")["id"]
        equal(server.get(token, "a.txt"), b"a")
        server.put(token, "a.txt", b"changed")
        equal(server.http("GET", "/remote.php/dav/files/lea/a.txt", "copie.example.org",
                          ("lea", PASSWORD))[1], b"a")


def a_deleted_space_can_be_restored():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "a.txt", b"a")
        server.done("space", "export", "voile", server.path("voile.tar"))
        server.done("space", "delete", "voile")
        contains(server.done("space", "import", server.path("voile.tar")), "restored")
        equal(server.get(token, "a.txt"), b"a")


def an_import_that_breaks_off_leaves_nothing():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "large.bin", os.urandom(3_000_000))
        good = check(server.run("space", "export", "voile", "-"), 0).stdout
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.path.join(server.data, "essaim.sock"))
        connection.sendall(b"POST /fleet/v1/import?as=x HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(good))
        connection.sendall(good[:2_000_000])
        time.sleep(0.2)
        connection.close()
        deadline = time.monotonic() + 10
        while os.listdir(os.path.join(server.data, "staging")):
            assert time.monotonic() < deadline, "the staging folder stays"
            time.sleep(0.05)
        contains(server.refused("space", "show", "x"), "no space")


def an_export_that_fails_leaves_the_old_file():
    with Server() as server:
        server.start()
        token = server.make_space()
        large = os.urandom(1_000_000)
        server.put(token, "large.bin", large)
        file = server.path("voile.tar")
        server.done("space", "export", "voile", file)
        before = open(file, "rb").read()
        digest = sha256(large).hexdigest()
        for folder, _, names in os.walk(os.path.join(server.data, "spaces")):
            for name in names:
                if name == digest:
                    with open(os.path.join(folder, name), "r+b") as blob:
                        blob.seek(500_000)
                        blob.write(b"rot")
        line = server.refused("space", "export", "voile", file)
        contains(line, "cut")
        equal(open(file, "rb").read(), before)
        equal([n for n in os.listdir(server.root) if n.endswith(".part")], [])
        contains(server.refused("space", "export", "voile", "/no/such/folder/x"), "No such file")


if __name__ == "__main__":
    sys.exit(run(globals()))
