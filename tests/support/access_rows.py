"""What tests/access/matrix_test.py tries: each row is one thing that somebody asks of a box, or of
one that never was, and says whether they got it.
"""

import dataclasses
import json
import typing
import urllib.parse

from access_scene import Person, Target, answered

PREVIEW = "x=64&y=64&a=1&forceIcon=0"


@dataclasses.dataclass(frozen=True)
class Row:
    title: str
    section: str
    routes: tuple  # "area METHOD", as the router's tables call them
    # (person, target): whether they got it; None when they have no room to begin from.
    ask: typing.Callable
    fresh: bool  # it changes something: it gets a box of its own
    finds: bool  # not to be in an answer is to be hidden


ROWS = []
_SECTION = [""]


def section(name):
    _SECTION[0] = name


def row(title, *routes, fresh=False, finds=False):
    def add(function):
        ROWS.append(Row(title, _SECTION[0], routes, function, fresh, finds))
        return function

    return add


def change(title, *routes):
    return row(title, *routes, fresh=True)


def find(title, *routes, fresh=False):
    return row(title, *routes, fresh=fresh, finds=True)


def props(person, path, body, depth="0"):
    return person.xml("PROPFIND", path, f"<d:propfind><d:prop>{body}</d:prop></d:propfind>",
                      Depth=depth)  # fmt: skip


def patched(answer):
    return answer.status == 207 and b"200 OK" in answer.body


def set_to(person, path, body):
    return patched(person.xml(
        "PROPPATCH", path,
        f"<d:propertyupdate><d:set><d:prop>{body}</d:prop></d:set></d:propertyupdate>",
    ))  # fmt: skip


def holds(answer, word):
    return answer.done and word.encode() in answer.body


def as_owner(target):
    return target.scene.lea


# --- files


section("Looking")


@row("PROPFIND of the folder", "dav_files PROPFIND")
def _(person: Person, target: Target):
    return props(person, target.folder, "<oc:fileid/><d:getetag/><oc:size/>").status == 207


@row("PROPFIND of a file in it", "dav_files PROPFIND")
def _(person, target):
    return props(person, target.file, "<oc:fileid/><d:getetag/><oc:size/>").status == 207


@find("listing of where it lies shows it", "dav_files PROPFIND")
def _(person, target):
    answer = props(person, target.parent, "<d:displayname/><oc:fileid/><oc:size/>", "1")
    return holds(answer, target.words["box"])


@find("listing of it shows the file", "dav_files PROPFIND")
def _(person, target):
    answer = props(person, target.folder, "<d:displayname/><oc:fileid/><oc:size/>", "1")
    return holds(answer, target.words["file"])


@find("listing of all shows the file", "dav_files PROPFIND")
def _(person, target):
    answer = props(person, target.folder, "<d:displayname/><oc:fileid/>", "infinity")
    return holds(answer, target.words["file"])


@row("PROPFIND below the owner's address", "dav_files PROPFIND")
def _(person, target):
    path = f"/remote.php/dav/files/lea/{urllib.parse.quote(target.file)}"
    return props(person, path, "<oc:fileid/>").status == 207


@find("listing above all homes shows the owner's", "dav_above PROPFIND")
def _(person, _target):
    answer = props(person, "/remote.php/dav/files/", "<d:resourcetype/>", "1")
    return holds(answer, "/files/lea/")


@find("etag of the root moves with it", "dav_files PROPFIND", fresh=True)
def _(person, target):
    before = props(person, "", "<d:getetag/>").body
    if target.is_there:
        assert as_owner(target).on("PUT", target.file, {}, b"changed").done
    return props(person, "", "<d:getetag/>").body != before


section("Reading")


@row("GET", "dav_files GET")
def _(person, target):
    return holds(person.on("GET", target.file), target.words["content"])


@row("HEAD", "dav_files GET")
def _(person, target):
    return person.on("HEAD", target.file).done


@row("GET with Range", "dav_files GET")
def _(person, target):
    return person.on("GET", target.file, {"Range": "bytes=0-9"}).status == 206


@find("ZIP of the folder holds the file", "dav_files GET")
def _(person, target):
    answer = person.on("GET", target.folder, {"Accept": "application/zip"})
    return holds(answer, target.file_name)


@find("ZIP of where it lies holds the file", "dav_files GET")
def _(person, target):
    names = urllib.parse.quote(json.dumps([target.words["box"]]))
    url = person.dav.url(target.parent) + f"?accept=zip&files={names}"
    return holds(person.send("GET", url), target.file_name)


@change("direct link", "ocs_direct POST", "dav_direct GET")
def _(person, target):
    answer = person.ocs("POST", "/apps/dav/api/v1/direct", fileId=target.file_id)
    if not answer.done:
        return False
    path = urllib.parse.urlsplit(answered(answer)["url"]).path
    nobody = target.scene.people[""]
    return holds(nobody.send("GET", path), target.words["content"])


@row("link opened in a browser", "file_link GET")
def _(person, target):
    return holds(person.browse(f"/index.php/f/{target.file_id}"), target.words["content"])


@find("page of the folder shows the file", "file_link GET")
def _(person, target):
    return holds(person.browse(f"/f/{target.box_id}"), target.words["file"])


section("Pictures")


@row("preview by id", "preview GET")
def _(person, target):
    url = f"/index.php/core/preview?fileId={target.picture_id}&{PREVIEW}"
    return person.send("GET", url).done


@row("preview by path", "preview_by_path GET")
def _(person, target):
    path = urllib.parse.quote("/" + target.picture, safe="")
    return person.send("GET", f"/index.php/core/preview.png?file={path}&{PREVIEW}").done


@row("thumbnail", "thumbnail GET")
def _(person, target):
    path = urllib.parse.quote(target.picture)
    return person.send("GET", f"/index.php/apps/files/api/v1/thumbnail/64/64/{path}").done


@row("preview of a version", "preview_of_version GET")
def _(person, target):
    path = urllib.parse.quote("/" + target.picture, safe="")
    url = f"/index.php/apps/files_versions/preview?file={path}&version={target.picture_version}"
    return person.send("GET", f"{url}&{PREVIEW}").done


@row("preview of what is in the bin", "preview_of_binned GET")
def _(person, target):
    url = f"/index.php/apps/files_trashbin/preview?fileId={target.gone_id}&{PREVIEW}"
    return person.send("GET", url).done


section("Writing")


@change("PUT over the file", "dav_files PUT")
def _(person, target):
    return person.on("PUT", target.file, {}, b"over").done


@change("PUT of a new file", "dav_files PUT")
def _(person, target):
    return person.on("PUT", f"{target.folder}/new.txt", {}, b"new").done


@change("chunked upload of a new file", "dav_uploads MKCOL", "dav_uploads PUT",
        "dav_uploads MOVE")  # fmt: skip
def _(person, target):
    transfer = person.area("uploads", f"t{target.mark}")
    if not person.send("MKCOL", transfer, {"OC-Total-Length": "5"}).done:
        return None
    person.send("PUT", f"{transfer}/00001", {"OC-Chunk-Offset": "0"}, b"piece")
    to = {"Destination": person.dav.url(f"{target.folder}/large.txt"), "OC-Total-Length": "5"}
    return person.send("MOVE", f"{transfer}/.file", to).done


@change("chunked upload over the file", "dav_uploads MKCOL", "dav_uploads PUT",
        "dav_uploads MOVE")  # fmt: skip
def _(person, target):
    transfer = person.area("uploads", f"o{target.mark}")
    if not person.send("MKCOL", transfer, {"OC-Total-Length": "5"}).done:
        return None
    person.send("PUT", f"{transfer}/00001", {"OC-Chunk-Offset": "0"}, b"piece")
    to = {"Destination": person.dav.url(target.file), "OC-Total-Length": "5"}
    return person.send("MOVE", f"{transfer}/.file", to).done


@change("the owner's unfinished upload", "dav_uploads PROPFIND", "dav_uploads DELETE")
def _(person, target):
    transfer = f"/remote.php/dav/uploads/lea/u{target.mark}"
    if target.is_there:
        assert as_owner(target).send("MKCOL", transfer).done
    seen = person.send("PROPFIND", transfer, {"Depth": "1"}).done
    return person.send("DELETE", transfer).done or seen


@change("MKCOL", "dav_files MKCOL")
def _(person, target):
    return person.on("MKCOL", f"{target.folder}/made").done


@change("PROPPATCH", "dav_files PROPPATCH")
def _(person, target):
    return set_to(person, target.file, '<t:mark xmlns:t="urn:test">x</t:mark>')


@change("DELETE of the file", "dav_files DELETE")
def _(person, target):
    return person.on("DELETE", target.file).done


@change("DELETE of the folder", "dav_files DELETE")
def _(person, target):
    return person.on("DELETE", target.folder).done


@change("MOVE within", "dav_files MOVE")
def _(person, target):
    return person.moved("MOVE", target.file, f"{target.folder}/moved.txt").done


@change("MOVE of the folder to another name", "dav_files MOVE")
def _(person, target):
    where = target.folder.rpartition("/")[0]
    return person.moved("MOVE", target.folder, f"{where}/renamed {target.mark}".lstrip("/")).done


@change("MOVE out to one's own files", "dav_files MOVE")
def _(person, target):
    return person.moved("MOVE", target.file, f"out {target.mark}").done


@change("MOVE in of an own file", "dav_files PUT", "dav_files MOVE")
def _(person, target):
    own = f"own {target.mark}"
    if not person.on("PUT", own, {}, b"own").done:
        return None
    return person.moved("MOVE", own, f"{target.folder}/came in.txt").done


@change("MOVE over the file", "dav_files PUT", "dav_files MOVE")
def _(person, target):
    own = f"over {target.mark}"
    if not person.on("PUT", own, {}, b"own").done:
        return None
    headers = {"Destination": person.dav.url(target.file), "Overwrite": "T"}
    return person.on("MOVE", own, headers).done


@change("COPY out to one's own files", "dav_files COPY")
def _(person, target):
    return person.moved("COPY", target.file, f"copy {target.mark}").done


@change("COPY within", "dav_files COPY")
def _(person, target):
    return person.moved("COPY", target.file, f"{target.folder}/copy.txt").done


section("Locks")

LOCK = ("<d:lockinfo><d:lockscope><d:exclusive/></d:lockscope>"
        "<d:locktype><d:write/></d:locktype></d:lockinfo>")  # fmt: skip


@change("LOCK and UNLOCK", "dav_files LOCK", "dav_files UNLOCK")
def _(person, target):
    answer = person.xml("LOCK", target.file, LOCK)
    token = {"Lock-Token": answer.headers.get("lock-token", "<urn:uuid:0>")}
    return person.on("UNLOCK", target.file, token).done and answer.done


@change("lock by id", "ocs_file_lock PUT", "ocs_file_lock DELETE")
def _(person, target):
    where = f"/apps/files_lock/lock/{target.file_id}"
    done = person.ocs("PUT", where, lockType=0).done
    return person.ocs("DELETE", where).done and done


@change("ending the lock of the owner", "ocs_file_lock DELETE")
def _(person, target):
    where = f"/apps/files_lock/lock/{target.file_id}"
    if target.is_there:
        assert as_owner(target).ocs("PUT", where, lockType=0).done
    return person.ocs("DELETE", where).done


section("Finding")


def search(person, condition):
    return person.xml(
        "SEARCH", "/remote.php/dav/",
        "<d:searchrequest><d:basicsearch><d:select><d:prop><d:displayname/><oc:fileid/><oc:size/>"
        f"</d:prop></d:select><d:from><d:scope><d:href>/files/{person.name}</d:href>"
        f"<d:depth>infinity</d:depth></d:scope></d:from><d:where>{condition}</d:where>"
        "</d:basicsearch></d:searchrequest>",
    )  # fmt: skip


def rules(person, rule):
    return person.xml(
        "REPORT", "",
        f"<oc:filter-files><d:prop><d:displayname/></d:prop><oc:filter-rules>{rule}"
        "</oc:filter-rules></oc:filter-files>",
    )  # fmt: skip


@find("SEARCH by name", "dav_above SEARCH")
def _(person, target):
    name = f"%{target.words['file']}%"
    answer = search(person, "<d:like><d:prop><d:displayname/></d:prop>"
                            f"<d:literal>{name}</d:literal></d:like>")  # fmt: skip
    return holds(answer, target.file_name)


@find("the search field", "ocs_search_files GET")
def _(person, target):
    query = f"term={urllib.parse.quote(target.words['file'])}&limit=100"
    return holds(person.ocs("GET", "/search/providers/files/search", query), target.file_name)


@find("SEARCH by id", "dav_above SEARCH")
def _(person, target):
    answer = search(person, "<d:eq><d:prop><oc:fileid/></d:prop>"
                            f"<d:literal>{target.file_id}</d:literal></d:eq>")  # fmt: skip
    return holds(answer, target.file_name)


@find("SEARCH of the folder", "dav_files SEARCH")
def _(person, target):
    answer = person.xml(
        "SEARCH", target.folder,
        "<d:searchrequest><d:basicsearch><d:select><d:prop><d:displayname/></d:prop></d:select>"
        f"<d:from><d:scope><d:href>/files/{person.name}/{urllib.parse.quote(target.folder)}"
        "</d:href><d:depth>infinity</d:depth></d:scope></d:from><d:where><d:like><d:prop>"
        "<d:displayname/></d:prop><d:literal>%.txt</d:literal></d:like></d:where>"
        "</d:basicsearch></d:searchrequest>",
    )  # fmt: skip
    return holds(answer, target.file_name)


@find("REPORT by name", "dav_files REPORT")
def _(person, target):
    answer = person.xml(
        "REPORT", "",
        "<oc:search-files><d:prop><d:displayname/></d:prop><oc:search><oc:pattern>"
        f"{target.words['file']}</oc:pattern></oc:search></oc:search-files>",
    )  # fmt: skip
    return holds(answer, target.file_name)


@change("a star of their own", "dav_files PROPPATCH")
def _(person, target):
    return set_to(person, target.file, "<oc:favorite>1</oc:favorite>")


@find("REPORT of favorites", "dav_files REPORT", fresh=True)
def _(person, target):
    set_to(person, target.file, "<oc:favorite>1</oc:favorite>")
    return holds(rules(person, "<oc:favorite>1</oc:favorite>"), target.file_name)


@find("REPORT by tag", "dav_files REPORT")
def _(person, target):
    return holds(rules(person, f"<oc:systemtag>{target.tag}</oc:systemtag>"), target.file_name)


@find("what eats the quota names it", "ocs_usage GET", fresh=True)
def _(person, target):
    if target.is_there:  # a file bigger than those before
        size = 100_000 + 1_000 * target.number
        assert as_owner(target).on("PUT", target.file, {}, b"x" * size).done
    return holds(person.ocs("GET", "/apps/essaim/api/v1/usage"), target.words["box"])
