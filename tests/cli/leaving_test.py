"""People who leave: hand-over, held files, guests whose accounts end, what eats the quota."""

import datetime
import json
import sys

from support import PASSWORD, Server, contains, equal, run

HOST = "voile.example.org"


def space_with_marc(server):
    """Léa decides, Marc has files of his own; his token."""
    server.done("space", "create", "voile", "--name", "Club de voile")
    for uid, role in (("lea", "gestion"), ("marc", "member")):
        server.done("member", "add", "--space", "voile", uid, "--role", role, "--password-stdin",
                    stdin=PASSWORD)
    token = server.done("member", "token", "--space", "voile", "marc", "--name", "x").strip()
    server.put(token, "private.txt", b"12345", member="marc")
    return token


def read(server, uid, path):
    status, content, _ = server.http("GET", f"/remote.php/dav/files/{uid}/{path}", HOST,
                                     (uid, PASSWORD))
    return content if status == 200 else status


def audit(server):
    rows = json.loads(server.done("space", "audit", "voile", "--json"))
    return [(row["actor"], row["action"], row["object"]) for row in rows]


def held(server):
    return json.loads(server.done("member", "held", "--space", "voile", "--json"))


def an_heir_gets_the_files():
    with Server() as server:
        server.start()
        token = space_with_marc(server)
        out = server.done("member", "handover", "--space", "voile", "marc", "--heir", "lea")
        contains(out, "ended the account marc; its files are with lea")
        equal(read(server, "lea", "Fichiers%20de%20marc/private.txt"), b"12345")
        equal(server.get(token, "private.txt", member="marc"), 401)
        equal([m["uid"] for m in json.loads(
            server.done("member", "list", "--space", "voile", "--json"))], ["lea"])
        equal(held(server), [])
        equal(audit(server)[-1], ("operator", "member-removed", "marc: lea"))
        contains(server.done("doctor"), "checked 1 spaces")


def without_heir_files_are_held_and_taken_over_later():
    with Server() as server:
        server.start()
        space_with_marc(server)
        contains(server.done("member", "handover", "--space", "voile", "marc"), "are held until")
        listed = held(server)
        equal([(h["of"], h["files"], h["bytes"]) for h in listed], [("marc", 1, 5)])
        since, until = (datetime.datetime.fromisoformat(listed[0][key].rstrip("Z"))
                        for key in ("since", "until"))
        equal(until - since, datetime.timedelta(days=30))
        table = server.done("member", "held", "--space", "voile")
        contains(table, "marc")
        assert "private" not in table
        of_voile = ["member", "take-over", "--space", "voile"]
        number = str(listed[0]["id"])
        contains(server.refused(*of_voile, "4711", "lea"), "nothing is held under id 4711")
        contains(server.refused(*of_voile, number, "tim"), "no member tim")
        equal(read(server, "lea", "Fichiers%20de%20marc/private.txt"), 404)
        contains(server.done(*of_voile, number, "lea"), "the files of marc are with lea")
        equal(read(server, "lea", "Fichiers%20de%20marc/private.txt"), b"12345")
        equal(held(server), [])
        contains(server.refused(*of_voile, number, "lea"), "nothing is held")
        equal(audit(server)[-1], ("operator", "files-taken-over", "lea: marc"))
        equal(audit(server)[-2], ("operator", "member-removed", "marc"))
        contains(server.done("doctor"), "checked 1 spaces")


def a_handover_is_refused_with_a_reason():
    with Server() as server:
        server.start()
        space_with_marc(server)
        server.done("member", "add", "--space", "voile", "gil", "--role", "guest",
                    "--password-stdin", stdin=PASSWORD)
        before = audit(server)
        of_voile = ["member", "handover", "--space", "voile"]
        contains(server.refused(*of_voile, "lea", "--heir", "marc"), "last account")
        contains(server.refused(*of_voile, "tim"), "no member tim")
        contains(server.refused(*of_voile, "marc", "--heir", "tim"), "no member tim")
        contains(server.refused(*of_voile, "marc", "--heir", ""), "no member")
        contains(server.refused(*of_voile, "marc", "--heir", "marc"), "cannot take over")
        contains(server.refused(*of_voile, "marc", "--heir", "gil"), "gil cannot take over")
        contains(server.refused("member", "handover", "--space", "none", "x"), "no space none")
        contains(server.refused("member", "held", "--space", "none"), "no space none")
        equal(server.run("member", "take-over", "--space", "voile", "x", "lea").returncode, 2)
        equal(read(server, "marc", "private.txt"), b"12345")
        equal(held(server), [])
        equal(audit(server), before)


def usage_tells_places_and_no_names_of_files():
    with Server() as server:
        server.start()
        space_with_marc(server)
        server.done("group", "add", "--space", "voile", "bureau", "--name", "Le bureau")
        usage = json.loads(server.done("space", "usage", "voile", "--json"))
        equal(usage["used_bytes"], 5)
        equal(usage["fullness"], 0)
        equal({(p["kind"], p["name"]): p["bytes"] for p in usage["places"]},
              {("home", "lea"): 0, ("home", "marc"): 5, ("common", "Espace commun"): 0,
               ("group", "Le bureau"): 0})
        equal(usage["places"][0]["files"], 1)
        table = server.done("space", "usage", "voile")
        contains(table, "5 of ")
        contains(table, "Le bureau")
        assert "private" not in table + json.dumps(usage)
        contains(server.refused("space", "usage", "none"), "no space none")


def a_guest_has_a_last_day():
    with Server() as server:
        server.start()
        space_with_marc(server)
        server.done("member", "add", "--space", "voile", "gil", "--role", "guest",
                    "--password-stdin", stdin=PASSWORD)
        expires = ["member", "expires", "--space", "voile"]
        of_gil = lambda: next(m for m in json.loads(server.done(
            "member", "list", "--space", "voile", "--json")) if m["uid"] == "gil")
        contains(server.done(*expires, "gil", "2999-06-14"), "until the end of 2999-06-14")
        equal((of_gil()["expires"], of_gil()["disabled"]), ("2999-06-14", False))
        equal(audit(server)[-1], ("operator", "expiry-changed", "gil: 2999-06-14"))
        contains(server.refused(*expires, "gil", "2001-01-01"), "over already")
        for wrong in ("soon", "", "2999-02-30", "14.06.2999"):
            contains(server.refused(*expires, "gil", wrong), "2027-06-14")
        contains(server.refused(*expires, "marc", "2999-06-14"), "no guest")
        contains(server.refused(*expires, "tim", "never"), "no member tim")
        equal(of_gil()["expires"], "2999-06-14")
        contains(server.done(*expires, "gil", "never"), "no last day")
        assert "expires" not in of_gil()


if __name__ == "__main__":
    sys.exit(run(globals()))
