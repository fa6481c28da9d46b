"""Spaces and their members by the command line."""

import json
import os
import sys

from support import PASSWORD, Server, contains, equal, run


def a_space_is_created_and_answers_on_its_hosts():
    with Server() as server:
        server.start()
        out = server.done("space", "create", "voile", "--name", "Club de voile d'Étretat",
                          "--host", "Voile.FR", "--host", "127.0.0.2", "--quota", "1000000")
        contains(out, "voile.example.org")
        space = server.space("voile")
        equal(space["name"], "Club de voile d'Étretat")
        equal(space["hosts"], ["voile.example.org", "voile.fr", "127.0.0.2"])
        equal(space["quota_bytes"], 1000000)
        equal(space["state"], "ready")
        for host in ("voile.example.org", "VOILE.fr:81", "127.0.0.2:9"):
            status, body, _ = server.http("GET", "/status.php", host)
            equal(status, 200)
            equal(json.loads(body)["installed"], True)
        status, _, _ = server.http("GET", "/status.php", "other.example.org")
        assert status != 200, "an unknown host got an answer"


def the_plan_of_a_space_can_be_changed():
    with Server() as server:
        server.start()
        server.done("space", "create", "voile", "--name", "Voile", "--accounts", "1")
        server.done("member", "add", "--space", "voile", "lea", "--password-stdin", stdin=PASSWORD)
        space = server.space("voile")
        equal([space["accounts"], space["accounts_max"]], [1, 1])
        more = ["member", "add", "--space", "voile", "marc", "--password-stdin"]
        contains(server.refused(*more, stdin=PASSWORD), "plan")
        server.done("member", "add", "--space", "voile", "gil", "--role", "guest",
                    "--password-stdin", stdin=PASSWORD)
        contains(server.refused("member", "role", "--space", "voile", "gil", "member"), "plan")
        contains(server.done("space", "plan", "voile", "--accounts", "2"), "2 accounts")
        server.done(*more, stdin=PASSWORD)
        server.done("space", "plan", "voile", "--quota", "1000", "--accounts", "1")
        space = server.space("voile")
        equal([space["accounts"], space["accounts_max"], space["quota_bytes"]], [2, 1, 1000])
        contains(server.done("space", "audit", "voile"), "plan-changed")
        contains(server.refused("space", "plan", "voile"), "no plan")
        contains(server.refused("space", "plan", "voile", "--accounts", "1001"), "1 to 1000")
        contains(server.refused("space", "plan", "nobody", "--accounts", "5"), "no space")


def a_space_is_refused_with_a_reason():
    with Server() as server:
        server.start()
        server.done("space", "create", "voile", "--name", "Voile", "--host", "voile.fr")
        contains(server.refused("space", "create", "voile", "--name", "x"), "taken")
        contains(server.refused("space", "create", "x", "--name", "x", "--host", "VOILE.fr"),
                 "taken by space voile")
        contains(server.refused("space", "create", "Bad Slug", "--name", "x"), "slug")
        contains(server.refused("space", "create", "flotte", "--name", "x"), "fleet itself")
        contains(server.refused("space", "create", "x", "--name", ""), "name")
        contains(server.refused("space", "create", "x", "--name", "x", "--host", "a b"), "host")
        contains(server.refused("space", "create", "", "--name", "x"), "slug")
        equal([s["slug"] for s in json.loads(server.done("space", "list", "--json"))], ["voile"])
        for words in (["show"], ["suspend"], ["resume"], ["delete"]):
            contains(server.refused("space", *words, "nobody"), "no space nobody")
        contains(server.refused("space", "show", "../../x"), "")
        contains(server.refused("space", "export", "nobody", server.path("x.tar")), "no space")
        assert not os.path.exists(server.path("x.tar"))


def list_and_show_speak_to_people_and_programs():
    with Server() as server:
        server.start()
        server.done("space", "create", "b", "--name", "Bé")
        server.done("space", "create", "a", "--name", "A")
        equal([s["slug"] for s in json.loads(server.done("space", "list", "--json"))], ["a", "b"])
        lines = server.done("space", "list").splitlines()
        equal(len(lines), 3)
        contains(lines[2], "b.example.org")
        contains(server.done("space", "show", "b"), "name: Bé")


def suspended_spaces_answer_503_and_resume():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "a.txt", b"a")
        server.done("space", "suspend", "voile", "--read-only")
        equal(server.space("voile")["state"], "suspended_read_only")
        equal(server.get(token, "a.txt"), b"a")
        status, body, headers = server.http("PUT", "/remote.php/dav/files/lea/b.txt",
                                            "voile.example.org", ("lea", token), b"b")
        equal(status, 503)
        contains(body.decode(), "Storage is temporarily not available")
        assert "Retry-After" in headers
        server.done("space", "suspend", "voile", "--reason", "unpaid")
        equal(server.space("voile")["reason"], "unpaid")
        equal(server.get(token, "a.txt"), 503)
        server.stop()
        server.start()
        equal(server.get(token, "a.txt"), 503)
        server.done("space", "resume", "voile")
        equal(server.get(token, "a.txt"), b"a")
        equal(server.get(token, "b.txt"), 404)


def a_full_space_lets_go_of_what_was_deleted():
    with Server() as server:
        server.start()
        server.done("space", "create", "voile", "--name", "Voile", "--quota", "1000000")
        server.done("member", "add", "--space", "voile", "lea", "--password-stdin",
                    stdin=PASSWORD)
        host, user = "voile.example.org", ("lea", PASSWORD)

        def ask(method, name, body=None):
            return server.http(method, f"/remote.php/dav/files/lea/{name}", host, user, body)[0]

        equal(ask("PUT", "first", b"1" * 600_000), 201)
        equal(ask("PUT", "second", b"2" * 600_000), 507)
        equal(ask("DELETE", "first"), 204)
        equal(server.space("voile")["used_bytes"], 600_000)
        equal(ask("PUT", "second", b"2" * 600_000), 201)
        equal(server.space("voile")["used_bytes"], 600_000)
        # An older content goes rather than that a save fails.
        equal(ask("PUT", "second", b"3" * 700_000), 204)
        equal(server.space("voile")["used_bytes"], 700_000)
        contains(server.done("doctor"), "checked 1 spaces")


def deleted_spaces_are_held_and_come_back():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "a.txt", b"a")
        contains(server.done("space", "delete", "voile"), "held until")
        status, _, _ = server.http("GET", "/status.php", "voile.example.org")
        assert status != 200
        contains(server.refused("space", "delete", "voile"), "deleted")
        contains(server.refused("space", "create", "voile", "--name", "x"), "still held")
        contains(server.refused("member", "list", "--space", "voile"), "deleted")
        server.stop()
        server.start()
        server.done("space", "resume", "voile")
        equal(server.get(token, "a.txt"), b"a")


def the_default_space_answers_on_any_other_host():
    with Server() as server:
        server.start("--default-space", "voile")
        status, _, _ = server.http("GET", "/status.php", "192.168.1.7")
        assert status != 200
        server.make_space("rugby")
        server.make_space("voile")
        for host in ("192.168.1.7", "example.org", "anything"):
            equal(server.http("GET", "/status.php", host)[0], 200)
    with Server() as server:
        contains(server.refused("serve", "--default-space", "Not A Slug"), "slug")


def many_spaces_are_created_from_a_list():
    with Server() as server:
        server.start()
        lines = "".join(f"s{i}\tClub {i}\ts{i}.fr,www.s{i}.fr\n" for i in range(1, 501))
        contains(server.done("space", "create-many", "-", stdin=lines), "created 500")
        equal(server.space("s7")["hosts"], ["s7.example.org", "s7.fr", "www.s7.fr"])
        equal(server.http("GET", "/status.php", "www.s500.fr")[0], 200)
        with open(server.path("more.tsv"), "w") as file:
            file.write("t1\tOne\nt2\tTwo\nS3\tbad slug\n")
        contains(server.refused("space", "create-many", server.path("more.tsv")), "slug")
        contains(server.refused("space", "create-many", "-", stdin="t1\tOne\nno tab\n"), "line 2")
        contains(server.refused("space", "create-many", "-", stdin="t1\tOne\ns7\tx\n"), "taken")
        contains(server.refused("space", "create-many", server.path("none")), "No such file")
        equal(len(json.loads(server.done("space", "list", "--json"))), 500)
        server.stop()
        server.start()
        equal(server.http("GET", "/status.php", "s250.example.org")[0], 200)
        contains(server.done("doctor"), "checked 500 spaces")


def members_are_added_and_listed():
    with Server() as server:
        server.start()
        server.done("space", "create", "voile", "--name", "Voile")
        add = ["member", "add", "--space", "voile"]
        server.done(*add, "lea", "--role", "gestion", "--email", "lea@example.net", "--quota",
                    "5000", "--password-stdin", stdin=PASSWORD + "\n")
        server.done(*add, "max", "--password-stdin", stdin=PASSWORD)
        contains(server.refused(*add, "LEA", "--password-stdin", stdin=PASSWORD), "")
        for short in ("short", "eleven char", "onze caract"):
            contains(server.refused(*add, "tim", "--password-stdin", stdin=short), "12 characters")
        contains(server.refused(*add, "../x", "--password-stdin", stdin=PASSWORD), "")
        contains(server.refused("member", "add", "--space", "none", "x", "--password-stdin",
                                stdin=PASSWORD), "no space none")
        members = json.loads(server.done("member", "list", "--space", "voile", "--json"))
        equal([(m["uid"], m["role"]) for m in members], [("lea", "gestion"), ("max", "member")])
        equal(members[0]["email"], "lea@example.net")
        equal(members[0]["quota_bytes"], 5000)
        assert not any("pass" in key or "pw" in key for m in members for key in m)
        contains(server.done("member", "list", "--space", "voile"), "lea@example.net")
        equal(server.space("voile")["members"], 2)
        user = ("lea", PASSWORD)
        equal(server.http("PROPFIND", "/remote.php/dav/files/lea/", "voile.example.org", user,
                          headers={"Depth": "0"})[0], 207)


def passwords_change_and_accounts_close():
    with Server() as server:
        server.start()
        token = server.make_space()
        server.put(token, "a.txt", b"a")
        login = lambda secret: server.http("GET", "/remote.php/dav/files/lea/a.txt",
                                           "voile.example.org", ("lea", secret))[0]
        of_lea = ["--space", "voile", "lea"]
        equal(login(PASSWORD), 200)
        server.done("member", "passwd", *of_lea, "--password-stdin", stdin="another long one\n")
        equal(login("another long one"), 200)
        equal(login(PASSWORD), 401)
        contains(server.refused("member", "passwd", *of_lea, "--password-stdin", stdin="x"), "")
        server.done("member", "disable", *of_lea)
        equal(login("another long one"), 401)
        equal(login(token), 401)
        contains(server.refused("member", "token", *of_lea, "--name", "x"), "disabled")
        server.done("member", "enable", *of_lea)
        equal(login(token), 200)
        for words in (["passwd", "--space", "voile", "tim", "--password-stdin"],
                      ["disable", "--space", "voile", "tim"],
                      ["token", "--space", "voile", "tim", "--name", "x"]):
            contains(server.refused("member", *words, stdin=PASSWORD), "no member tim")


def roles_change_and_somebody_decides():
    with Server() as server:
        server.start()
        server.done("space", "create", "voile", "--name", "Voile")
        for uid, role in (("lea", "gestion"), ("max", "member")):
            server.done("member", "add", "--space", "voile", uid, "--role", role,
                        "--password-stdin", stdin=PASSWORD)
        role = ["member", "role", "--space", "voile"]
        contains(server.refused(*role, "lea", "member"), "last account")
        contains(server.done(*role, "max", "gestion"), "max has role gestion")
        server.done(*role, "lea", "referent")
        members = json.loads(server.done("member", "list", "--space", "voile", "--json"))
        equal([(m["uid"], m["role"]) for m in members], [("lea", "referent"), ("max", "gestion")])
        contains(server.refused(*role, "tim", "guest"), "no member tim")
        equal(server.run(*role, "lea", "king").returncode, 2)


def groups_are_made_and_joined():
    with Server() as server:
        server.start()
        server.make_space()
        server.done("member", "add", "--space", "voile", "max", "--password-stdin", stdin=PASSWORD)
        of = lambda command: ["group", command, "--space", "voile"]
        groups = lambda: json.loads(server.done(*of("list"), "--json"))
        contains(server.done(*of("add"), "bureau", "--name", "Le bureau"), "added group bureau")
        server.done(*of("join"), "bureau", "lea", "--manager")
        contains(server.done(*of("join"), "Bureau", "max"), "max is in group")
        listed = groups()
        equal(len(listed), 1)
        equal([listed[0][key] for key in ("gid", "display", "members", "managers")],
              ["bureau", "Le bureau", ["lea", "max"], ["lea"]])
        contains(server.done(*of("list")), "Le bureau")
        server.done(*of("leave"), "bureau", "max")
        contains(server.refused(*of("leave"), "bureau", "max"), "max is not in group bureau")
        contains(server.refused(*of("add"), "BUREAU"), "exists")
        contains(server.refused(*of("add"), "admin"), "role")
        contains(server.refused(*of("add"), "a/b"), "name")
        contains(server.refused(*of("join"), "bureau", "tim"), "no member tim")
        contains(server.refused(*of("join"), "nowhere", "lea"), "no group nowhere")
        contains(server.refused(*of("remove"), "nowhere"), "no group nowhere")
        contains(server.refused("group", "list", "--space", "none"), "no space none")
        contains(server.done(*of("remove"), "bureau"), "removed group bureau")
        equal(groups(), [])
        members = json.loads(server.done("member", "list", "--space", "voile", "--json"))
        equal([m["uid"] for m in members], ["lea", "max"])


def tokens_are_printed_once():
    with Server() as server:
        server.start()
        token = server.make_space()
        equal(len(token), 72)
        assert token.isalnum()
        server.put(token, "a.txt", b"a")
        server.stop()
        for folder, _, names in os.walk(server.data):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    assert token.encode() not in file.read(), name


if __name__ == "__main__":
    sys.exit(run(globals()))
