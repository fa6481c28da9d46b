"""What is wrong is found, and what is counted is told, to the operator alone."""

import json
import os
import socket
import sqlite3
import sys
import urllib.parse
from hashlib import sha256

from support import Server, check, contains, equal, run


def doctor_finds_what_is_missing_and_freezes_what_is_broken():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.make_space("rugby", "max")
        large = os.urandom(100_000)
        server.put(token, "large.bin", large)
        contains(server.done("doctor"), "checked 2 spaces")
        contains(server.done("doctor", "--space", "rugby"), "checked 1 spaces")
        contains(server.refused("doctor", "--space", "none"), "no space none")
        equal(json.loads(server.done("doctor", "--json")), {"checked": 2, "problems": []})
        digest = sha256(large).hexdigest()
        folder = os.path.join(server.data, "spaces", server.space("voile")["id"][:2],
                              server.space("voile")["id"])
        os.unlink(os.path.join(folder, "blobs", digest[:2], digest))
        os.makedirs(os.path.join(server.data, "spaces", "zz", "zzzzzzzzzzzzzzzz"))
        result = check(server.run("doctor"), 1)
        contains(result.stdout.decode(), "voile: content " + digest)
        contains(result.stdout.decode(), "zzzzzzzzzzzzzzzz belongs to no space")
        equal(result.stderr.decode(), "essaim: 2 problems found\n")
        server.stop()
        rugby = server_database(server, "rugby")
        with open(rugby, "r+b") as file:
            size = os.path.getsize(rugby)
            for page in range(2, size // 4096):
                file.seek(page * 4096)
                file.write(os.urandom(200))
        server.start()
        check(server.run("doctor", "--space", "rugby"), 1)
        equal(server.space("rugby")["state"], "frozen")
        contains(server.refused("space", "resume", "rugby"), "")
        contains(server.refused("space", "export", "rugby", server.path("x.tar")), "frozen")
        equal(server.http("GET", "/status.php", "voile.example.org")[0], 200)


def an_audit_that_was_edited_shows():
    with Server() as server:
        server.start()
        server.make_space()
        contains(server.done("space", "audit", "voile"), "member-added")
        rows = json.loads(server.done("space", "audit", "voile", "--json"))
        equal([row["action"] for row in rows], ["member-added", "token-given"])
        later = server.done("space", "audit", "voile", "--json", "--since", "1")
        equal(json.loads(later), rows[1:])
        contains(server.done("doctor"), "checked 1 spaces")
        contains(server.refused("space", "audit", "none"), "no space none")
        server.stop()
        connection = sqlite3.connect(server_database(server, "voile"))
        try:
            connection.execute("UPDATE audit SET object = 'somebody else'")
            raise AssertionError("the database lets the audit be changed")
        except sqlite3.DatabaseError:
            connection.rollback()
        trigger = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'audit_never_changes'").fetchone()[0]
        connection.execute("DROP TRIGGER audit_never_changes")
        connection.execute("UPDATE audit SET object = 'somebody else' WHERE id = 1")
        connection.execute(trigger)
        connection.commit()
        connection.close()
        server.start()
        contains(check(server.run("doctor"), 1).stdout.decode(), "voile: audit: row 1")


def server_database(server, slug):
    process = server.process
    folder = os.path.join(server.data, "spaces")
    connection = sqlite3.connect("file:" + urllib.parse.quote(
        os.path.join(server.data, "fleet.db")) + "?mode=ro", uri=True)
    identity = connection.execute("SELECT id FROM space WHERE slug = ?", (slug,)).fetchone()[0]
    connection.close()
    assert process is None
    return os.path.join(folder, identity[:2], identity, "main.db")


def metrics_are_for_the_operator_only():
    with Server() as server:
        server.start("--default-space", "voile")
        server.make_space()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.path.join(server.data, "essaim.sock"))
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        connection.close()
        text = answer.decode()
        contains(text, 'essaim_spaces{state="ready"} 1')
        contains(text, "process_resident_memory_bytes")
        for line in text.split("\r\n\r\n", 1)[1].splitlines():
            assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2, line
        status, body, _ = server.http("GET", "/metrics", "voile.example.org")
        assert status != 200 or b"essaim_spaces" not in body


def the_operators_api_is_not_on_the_public_listener():
    with Server() as server:
        server.start("--default-space", "voile")
        server.make_space()
        for host in ("voile.example.org", "operator", "example.org"):
            status, body, _ = server.http("GET", "/fleet/v1/spaces", host)
            assert status != 200, (host, body)


if __name__ == "__main__":
    sys.exit(run(globals()))
