"""More rows for tests/access/matrix_test.py: what is kept about files beside their content."""

import json
import urllib.parse

from access_rows import as_owner, change, find, holds, props, row, section, set_to
from access_scene import JSON, SHARES


section("Versions")


@find("versions are listed", "dav_versions PROPFIND")
def _(person, target):
    name = f"/{target.version}"
    where = person.area("versions", f"versions/{target.file_id}")
    return holds(person.send("PROPFIND", where, {"Depth": "1"}), name)


@row("GET of a version", "dav_versions GET")
def _(person, target):
    where = person.area("versions", f"versions/{target.file_id}/{target.version}")
    return holds(person.send("GET", where), target.words["before"])


@change("restoring a version", "dav_versions MOVE")
def _(person, target):
    where = person.area("versions", f"versions/{target.file_id}/{target.version}")
    to = {"Destination": person.area("versions", "restore/x")}
    return person.send("MOVE", where, to).done


@change("naming a version", "dav_versions PROPPATCH")
def _(person, target):
    where = person.area("versions", f"versions/{target.file_id}/{target.version}")
    return set_to(person, where, "<nc:version-label>x</nc:version-label>")


@change("removing a version", "dav_versions DELETE")
def _(person, target):
    where = person.area("versions", f"versions/{target.file_id}/{target.version}")
    return person.send("DELETE", where).done


section("The bin")


def binned(person, target):
    return person.area("trashbin", f"trash/{target.binned}")


@find("the bin shows what was deleted", "dav_trashbin PROPFIND")
def _(person, target):
    name = target.binned
    asked = "<oc:id/><nc:trashbin-filename/><nc:trashbin-original-location/>"
    answer = props(person, person.area("trashbin", "trash/"), asked, "1")
    return holds(answer, name)


@row("GET from the bin", "dav_trashbin GET")
def _(person, target):
    return person.send("GET", binned(person, target)).done


@row("the bin below the owner's address", "dav_trashbin PROPFIND")
def _(person, target):
    where = f"/remote.php/dav/trashbin/lea/trash/{target.binned}"
    return person.send("PROPFIND", where, {"Depth": "0"}).done


@change("restoring from the bin", "dav_trashbin MOVE")
def _(person, target):
    to = {"Destination": person.area("trashbin", "restore/x")}
    return person.send("MOVE", binned(person, target), to).done


@change("removing for good", "dav_trashbin DELETE")
def _(person, target):
    return person.send("DELETE", binned(person, target)).done


section("Comments and tags")


def comments(target, below=""):
    return f"/remote.php/dav/comments/files/{target.file_id}{below}"


@find("comments are listed", "dav_comments PROPFIND")
def _(person, target):
    assert target.comment
    answer = person.send("PROPFIND", comments(target), {"Depth": "1"})
    return holds(answer, target.words["comment"])


@find("comments are reported", "dav_comments REPORT")
def _(person, target):
    assert target.comment
    body = "<oc:filter-comments><oc:limit>5</oc:limit><oc:offset>0</oc:offset></oc:filter-comments>"
    return holds(person.xml("REPORT", comments(target), body), target.words["comment"])


@find("the listing counts the comments", "dav_files PROPFIND")
def _(person, target):
    assert target.comment
    answer = props(person, target.file, "<oc:comments-count/>")
    return holds(answer, "<oc:comments-count>1<")


@change("commenting", "dav_comments POST")
def _(person, target):
    return person.send("POST", comments(target), JSON, json.dumps({"message": "said"})).done


@change("changing the owner's comment", "dav_comments PROPPATCH")
def _(person, target):
    where = comments(target, f"/{target.comment}")
    return set_to(person, where, "<oc:message>other</oc:message>")


@change("removing the owner's comment", "dav_comments DELETE")
def _(person, target):
    return person.send("DELETE", comments(target, f"/{target.comment}")).done


def relations(target, below=""):
    return f"/remote.php/dav/systemtags-relations/files/{target.file_id}{below}"


@find("tags of the file", "dav_tag_relations PROPFIND")
def _(person, target):
    assert target.tag
    answer = props(person, relations(target, "/"), "<oc:id/><oc:display-name/>", "1")
    return holds(answer, target.words["tag"])


@find("tags of the space", "dav_tags PROPFIND")
def _(person, target):
    assert target.tag
    answer = props(person, "/remote.php/dav/systemtags/", "<oc:display-name/>", "1")
    return holds(answer, target.words["tag"])


@find("tags in use", "dav_tags_assigned PROPFIND")
def _(person, target):
    assert target.tag
    answer = props(person, "/remote.php/dav/systemtags-assigned/files/",
                   "<oc:display-name/><nc:files-assigned/><nc:reference-fileid/>", "1")  # fmt: skip
    return holds(answer, target.words["tag"])


@change("tagging", "dav_tags POST", "dav_tag_relations PUT")
def _(person, target):
    owner = as_owner(target)
    name = json.dumps({"name": f"loose {target.mark}"})
    made = owner.send("POST", "/remote.php/dav/systemtags/", JSON, name)
    tag = made.headers["content-location"].rsplit("/", 1)[1]
    return person.send("PUT", relations(target, f"/{tag}")).done


@change("taking a tag away", "dav_tag_relations DELETE")
def _(person, target):
    return person.send("DELETE", relations(target, f"/{target.tag}")).done


@change("renaming the tag", "dav_tags PROPPATCH")
def _(person, target):
    where = f"/remote.php/dav/systemtags/{target.tag}"
    return set_to(person, where, f"<oc:display-name>renamed {target.mark}</oc:display-name>")


@change("removing the tag from the space", "dav_tags DELETE")
def _(person, target):
    return person.send("DELETE", f"/remote.php/dav/systemtags/{target.tag}").done


section("What people are told")


ACTIVITY = "/apps/activity/api/v2/activity"


@find("activity of the file", "ocs_activity GET")
def _(person, target):
    query = f"object_type=files&object_id={target.file_id}"
    return holds(person.ocs("GET", f"{ACTIVITY}/filter", query), target.words["file"])


@find("activity names the file", "ocs_activity GET")
def _(person, target):
    return holds(person.ocs("GET", ACTIVITY, "limit=50"), target.words["file"])


@find("activity names the folder", "ocs_activity GET")
def _(person, target):
    return holds(person.ocs("GET", ACTIVITY, "limit=50"), target.words["box"])


NOTIFICATIONS = "/apps/notifications/api/v2/notifications"


@find("a notification names the folder", "ocs_notifications GET")
def _(person, target):
    return holds(person.ocs("GET", NOTIFICATIONS), target.words["box"])


section("Shares")


def quoted(path):
    return urllib.parse.quote("/" + path)


@find("GET /shares with its path lists whom else it was given to", "ocs_shares GET")
def _(person, target):
    assert target.share
    answer = person.ocs("GET", SHARES + "/shares", f"path={quoted(target.folder)}&reshares=true")
    return holds(answer, '"third"')


@find("GET /shares with subfiles lists it", "ocs_shares GET")
def _(person, target):
    assert target.share
    answer = person.ocs("GET", SHARES + "/shares", f"path={quoted(target.parent)}&subfiles=true")
    return holds(answer, target.words["box"])


@find("GET /shares with shared_with_me lists it", "ocs_shares GET")
def _(person, target):
    answer = person.ocs("GET", SHARES + "/shares", "shared_with_me=true")
    return holds(answer, target.words["box"])


@find("shares of the folders above the file", "ocs_inherited_shares GET")
def _(person, target):
    assert target.share
    answer = person.ocs("GET", SHARES + "/shares/inherited", f"path={quoted(target.file)}")
    return holds(answer, '"third"')


@find("deleted or pending shares list it", "ocs_deleted_shares GET", "ocs_pending_shares GET")
def _(person, target):
    deleted = person.ocs("GET", SHARES + "/deletedshares")
    pending = person.ocs("GET", SHARES + "/shares/pending")
    return holds(deleted, target.words["box"]) or holds(pending, target.words["box"])


@row("the share of somebody else", "ocs_share GET")
def _(person, target):
    return person.ocs("GET", f"{SHARES}/shares/{target.share}").done


@row("the share they were given", "ocs_share GET")
def _(person, target):
    return person.ocs("GET", f"{SHARES}/shares/{target.own_share}").done


@change("giving it to others", "ocs_shares POST")
def _(person, target):
    return person.ocs("POST", SHARES + "/shares", path="/" + target.folder, shareType=0,
                      shareWith="fourth", permissions=1).done  # fmt: skip


@change("giving others the right to change it", "ocs_shares POST")
def _(person, target):
    return person.ocs("POST", SHARES + "/shares", path="/" + target.file, shareType=0,
                      shareWith="fourth", permissions=19).done  # fmt: skip


@change("changing the share of somebody else", "ocs_share PUT")
def _(person, target):
    return person.ocs("PUT", f"{SHARES}/shares/{target.share}", note="x").done


@change("ending the share of somebody else", "ocs_share DELETE")
def _(person, target):
    return person.ocs("DELETE", f"{SHARES}/shares/{target.share}").done


@change("giving oneself more in the share", "ocs_share PUT")
def _(person, target):
    return person.ocs("PUT", f"{SHARES}/shares/{target.own_share}", permissions=31).done


@change("leaving it", "ocs_share DELETE")
def _(person, target):
    return person.ocs("DELETE", f"{SHARES}/shares/{target.own_share}").done


@change("coming back to it", "ocs_deleted_share POST", "ocs_pending_share POST")
def _(person, target):
    done = person.ocs("POST", f"{SHARES}/deletedshares/{target.own_share}").done
    return person.ocs("POST", f"{SHARES}/shares/pending/{target.own_share}").done or done


@change("declining it", "ocs_pending_share DELETE")
def _(person, target):
    return person.ocs("DELETE", f"{SHARES}/shares/pending/{target.own_share}").done


section("Rights of places")

PLACES = "/apps/essaim/api/v1/places"


@find("the list of places names the one it is in", "ocs_places GET")
def _(person, target):
    answer = person.ocs("GET", PLACES)
    return bool(target.parent) and holds(answer, f'"name":"{target.parent}"')


@row("the rights of the folder", "ocs_place_rights GET")
def _(person, target):
    return person.ocs("GET", f"{PLACES}/{target.box_id}/rights").done


@change("saying who may do what in the folder", "ocs_place_rights PUT")
def _(person, target):
    return person.ocs("PUT", f"{PLACES}/{target.box_id}/rights", kind="member", name="fourth",
                      level="see").done  # fmt: skip


@change("giving oneself more in the folder", "ocs_place_rights PUT")
def _(person, target):
    return person.ocs("PUT", f"{PLACES}/{target.box_id}/rights", kind="member", name=person.name,
                      level="manage").done  # fmt: skip


@row("the rights of the whole place", "ocs_place_rights GET")
def _(person, target):
    return person.ocs("GET", f"{PLACES}/{target.place_id}/rights").done


@change("saying who may do what in the whole place", "ocs_place_rights PUT")
def _(person, target):
    return person.ocs("PUT", f"{PLACES}/{target.place_id}/rights", kind="member", name="fourth",
                      level="see").done  # fmt: skip
