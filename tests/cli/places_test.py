"""Who may do what in the common folder and in those of groups, as the operator says it."""

import json
import re
import sys

from support import PASSWORD, Server, contains, equal, run

HOST = "voile.example.org"


def space_with_bureau(server):
    """Léa decides, Marc manages the group, Nour is in it, Zoé is not."""
    server.done("space", "create", "voile", "--name", "Club de voile")
    for uid, role in (("lea", "gestion"), ("marc", "member"), ("nour", "member"),
                      ("zoe", "member")):
        server.done("member", "add", "--space", "voile", uid, "--role", role, "--password-stdin",
                    stdin=PASSWORD)
    server.done("group", "add", "--space", "voile", "bureau", "--name", "Le bureau")
    server.done("group", "join", "--space", "voile", "bureau", "marc", "--manager")
    server.done("group", "join", "--space", "voile", "bureau", "nour")
    places = json.loads(server.done("place", "list", "--space", "voile", "--json"))
    return {place["kind"]: str(place["id"]) for place in places}


def rights(server, place):
    listed = json.loads(server.done("place", "rights", "--space", "voile", place, "--json"))
    return {(each["kind"], each["name"]): each.get("level") for each in listed}


def dav(server, uid, method, path, body=None):
    status, content, headers = server.http(method, f"/remote.php/dav/files/{uid}/{path}", HOST,
                                           (uid, PASSWORD), body)
    return status, content, headers


def letters(server, uid, path):
    body = (b'<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop>'
            b"<oc:permissions/></d:prop></d:propfind>")
    status, content, _ = server.http("PROPFIND", f"/remote.php/dav/files/{uid}/{path}", HOST,
                                     (uid, PASSWORD), body, {"Depth": "0"})
    return re.search(rb"permissions>(\w*)<", content)[1].decode() if status == 207 else status


def audit(server):
    rows = json.loads(server.done("space", "audit", "voile", "--json"))
    return [(row["actor"], row["action"], row["object"]) for row in rows]


def everybody_sees_and_the_bureau_edits():
    with Server() as server:
        server.start()
        ids = space_with_bureau(server)
        common = ids["common"]
        equal(rights(server, common), {("everyone", ""): "edit", ("gestion", ""): "manage"})
        equal(dav(server, "zoe", "PUT", "Espace%20commun/a.txt", b"a")[0], 201)
        equal(letters(server, "zoe", "Espace%20commun/a.txt"), "RGDNVW")
        equal(letters(server, "zoe", "Espace%20commun"), "RGCK")

        give = ["place", "give", "--space", "voile", common]
        contains(server.done(*give, "see", "--everyone"), "everyone")
        server.done(*give, "edit", "--group", "bureau")
        equal(rights(server, common), {("everyone", ""): "see", ("gestion", ""): "manage",
                                       ("group", "bureau"): "edit"})
        equal(letters(server, "zoe", "Espace%20commun"), "G")
        equal(letters(server, "zoe", "Espace%20commun/a.txt"), "G")
        equal(dav(server, "zoe", "PUT", "Espace%20commun/a.txt", b"b")[0], 403)
        equal(dav(server, "zoe", "PUT", "Espace%20commun/b.txt", b"b")[0], 403)
        equal(dav(server, "zoe", "DELETE", "Espace%20commun/a.txt")[0], 403)
        equal(dav(server, "zoe", "GET", "Espace%20commun/a.txt")[1], b"a")
        equal(letters(server, "nour", "Espace%20commun/a.txt"), "RGDNVW")
        equal(dav(server, "nour", "PUT", "Espace%20commun/a.txt", b"b")[0], 204)
        equal(audit(server)[-2:],
              [("operator", "rights-changed", "everyone: see in Espace commun"),
               ("operator", "rights-changed", "group bureau: edit in Espace commun")])
        contains(server.done("doctor"), "checked 1 spaces")


def a_folder_in_a_place_gives_more():
    with Server() as server:
        server.start()
        ids = space_with_bureau(server)
        group = ids["group"]
        give = ["place", "give", "--space", "voile"]
        equal(rights(server, group), {("group", "bureau"): "edit",
                                      ("managers", "bureau"): "manage"})
        status, _, headers = dav(server, "marc", "MKCOL", "Le%20bureau/secretnames")
        equal(status, 201)
        folder = str(int(headers["OC-FileId"].split("oc")[0]))
        server.done(*give, group, "comment", "--group", "bureau")
        server.done(*give, folder, "manage", "--member", "nour")
        out = server.done(*give, folder, "drop", "--member", "zoe")
        assert "secretnames" not in out
        equal(letters(server, "nour", "Le%20bureau"), "G")
        equal(letters(server, "nour", "Le%20bureau/secretnames"), "RGDNVCK")
        of_zoe = letters(server, "zoe", "secretnames")
        assert "C" in of_zoe and "G" not in of_zoe, of_zoe
        equal(letters(server, "zoe", "Le%20bureau"), 404)
        equal(audit(server)[-1][2], f"zoe: drop in Le bureau, folder {folder}")
        table = server.done("place", "rights", "--space", "voile", folder)
        contains(table, "nour")
        assert "secretnames" not in table + json.dumps(audit(server))
        server.done(*give, folder, "none", "--member", "zoe")
        equal(letters(server, "zoe", "secretnames"), 404)
        contains(server.done("doctor"), "checked 1 spaces")


def places_are_listed():
    with Server() as server:
        server.start()
        space_with_bureau(server)
        table = server.done("place", "list", "--space", "voile")
        contains(table, "Espace commun")
        contains(table, "Le bureau")
        equal(len(table.splitlines()), 3)
        contains(server.refused("place", "list", "--space", "none"), "no space none")


def what_cannot_be_given_is_refused_with_a_reason():
    with Server() as server:
        server.start()
        ids = space_with_bureau(server)
        before = audit(server)
        give = ["place", "give", "--space", "voile", ids["common"]]
        contains(server.refused(*give, "edit", "--gestion"), "always manage")
        contains(server.refused(*give, "none", "--gestion"), "always manage")
        contains(server.refused("place", "give", "--space", "voile", ids["group"], "see",
                                "--managers", "bureau"), "always manage")
        contains(server.refused(*give, "edit", "--member", "tim"), "no member tim")
        contains(server.refused(*give, "edit", "--member", ""), "no member")
        contains(server.refused(*give, "edit", "--group", "none"), "no group none")
        contains(server.refused("place", "give", "--space", "voile", "4711", "see", "--everyone"),
                 "no folder 4711 in a place")
        contains(server.refused("place", "rights", "--space", "voile", "1"), "no folder 1")
        equal(server.run(*give, "write", "--everyone").returncode, 2)
        equal(server.run(*give, "edit").returncode, 2)
        equal(server.run(*give, "edit", "--everyone", "--gestion").returncode, 2)
        home = json.loads(server.done("member", "list", "--space", "voile", "--json"))
        assert home
        status, _, headers = dav(server, "lea", "MKCOL", "Docs")
        equal(status, 201)
        own = str(int(headers["OC-FileId"].split("oc")[0]))
        contains(server.refused("place", "rights", "--space", "voile", own), "no folder")
        # Nothing new is no event.
        server.done(*give, "edit", "--everyone")
        equal(audit(server), before)


def what_is_shared_is_changed_by_its_share():
    with Server() as server:
        server.start()
        ids = space_with_bureau(server)
        status, _, _ = server.http(
            "POST", "/ocs/v2.php/apps/files_sharing/api/v1/shares?format=json", HOST,
            ("marc", PASSWORD), "path=/Le%20bureau&shareType=0&shareWith=zoe&permissions=1",
            {"OCS-APIRequest": "true", "Content-Type": "application/x-www-form-urlencoded"})
        equal(status, 200)
        give = ["place", "give", "--space", "voile", ids["group"]]
        contains(server.refused(*give, "edit", "--member", "zoe"), "shared with member zoe")
        contains(server.done("place", "rights", "--space", "voile", ids["group"]), "share")


if __name__ == "__main__":
    sys.exit(run(globals()))
