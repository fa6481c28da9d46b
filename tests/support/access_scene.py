"""The people and the things of tests/access/matrix_test.py: who reaches a folder in which way, and
the folders themselves, each with names that occur nowhere else.

Every secret of a box is a bird with the number of the box: found in an answer, it tells whose it
is.
"""

import dataclasses
import functools
import json
import re
import struct
import time
import urllib.parse
import zlib

from dav import Dav

SEE, EDIT, EDIT_ALONE, DROP = 1, 31, 15, 4
LOOK = '[{"scope":"permissions","key":"download","value":false}]'
COMMON, QUAY = "Espace commun", "Quai"
BIRDS = {
    "box": "kestrel",
    "file": "osprey",
    "content": "merlin",
    "before": "sparrow",  # what the file was
    "picture": "falcon",
    "comment": "hobby",
    "tag": "harrier",
    "gone": "goshawk",
    "later": "buzzard",
}
SECRET = re.compile(r"(%s)(\d+)k" % "|".join(BIRDS.values()))
OLD = 1_700_000_000  # mtime of a first version
ALL = frozenset(BIRDS)
JSON = {"Content-Type": "application/json"}
SHARES = "/apps/files_sharing/api/v1"
IDLE_SECONDS = 5
BUSY_SECONDS = 30


@dataclasses.dataclass(frozen=True)
class Way:
    """How somebody reaches a box, or does not."""

    key: str  # also the uid
    title: str
    says: str
    table: str
    role: str = "member"
    where: str = ""  # the folder that the box is in; "": the owner's home
    given: tuple | None = None  # share type, with whom, permissions, attributes
    then: str = ""  # "ended", "left"
    knows: frozenset = ALL  # what of a box may occur in an answer to them
    inside: bool = True  # whether they see what is in it


GIVEN = "In somebody's home, given"
NOTHING = "In somebody's home, not given"
PLACES = "In a place of the space"


def _given(key, title, says, permissions, **more):
    kind = more.pop("kind", 0)
    attributes = more.pop("attributes", "")
    whom = more.pop("whom", key)
    return Way(key, title, says, GIVEN, given=(kind, whom, permissions, attributes), **more)


def _none(key, title, says, role="member", **more):
    return Way(key, title, says, NOTHING, role, knows=more.pop("knows", frozenset()), **more)


def _placed(key, title, says, where, role="member", outside=False):
    return Way(key, title, says, PLACES, role, where, knows=frozenset() if outside else ALL)


WAYS = (
    Way("lea", "owner", "whose home it is in", GIVEN),
    _given("sees", "see", "permissions 1", SEE),
    _given("passes", "reshare", "permissions 17: see, and give on", 17),
    _given("looks", "look", "permissions 1, without download", SEE, attributes=LOOK),
    _given("edits", "edit", "permissions 31", EDIT),
    _given("alone", "edit alone", "permissions 15: no resharing", EDIT_ALONE),
    _given("drops", "drop", "permissions 4", DROP, knows=frozenset({"box"}), inside=False),
    _given("crewed", "group", "permissions 31 for a group they are in", EDIT, kind=1, whom="crew"),
    _given("anyone", "everyone", "permissions 31 for everyone", EDIT, kind=1, whom="everyone"),
    _given("guest", "guest see", "a guest, permissions 1", SEE, role="guest"),
    _given("guested", "guest edit", "a guest, permissions 31", EDIT, role="guest"),
    _none("member", "member", "a member"),
    _none("referent", "referent", "whoever looks after people", "referent"),
    _none("gestion", "gestion", "whoever decides about the space", "gestion"),
    _none("visitor", "guest", "a guest", "guest"),
    _none("uninvited", "guest, everyone", "a guest, when it was given to everyone", "guest",
          given=(1, "everyone", EDIT, "")),
    _none("ended", "ended", "permissions 31 once; the share was ended", then="ended",
          given=(0, "ended", EDIT, ""), knows=frozenset({"box"})),
    _none("left", "left", "permissions 31; they left the share", then="left",
          given=(0, "left", EDIT, ""), knows=frozenset({"box"})),
    _none("", "anonymous", "nobody signed in"),
    _placed("common", "common", "a member, in the common place", COMMON),
    _placed("commonguest", "common, guest", "a guest, in the common place", COMMON, "guest", True),
    _placed("commongestion", "common, gestion", "gestion, in the common place", COMMON, "gestion"),
    _placed("quaymember", "group", "a member of the group", QUAY),
    _placed("quayguest", "group, guest", "a guest in the group", QUAY, "guest"),
    _placed("quaymanager", "manager", "who manages the group", QUAY),
    _placed("quayother", "not in it", "a member who is not in the group", QUAY, outside=True),
    _placed("quaygestion", "gestion", "gestion, not in the group", QUAY, "gestion", True),
)  # fmt: skip


def png(number):
    """A picture of one pixel, of a colour of its own."""

    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    pixel = b"\0" + struct.pack(">I", number)[1:]
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixel)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


class Person:
    """Somebody with a connection; every answer is kept until taken."""

    def __init__(self, space, uid, token, password=""):
        self.name = uid or "lea"  # whose address they ask at
        self.password = password
        self.dav = Dav(space.address, space.server.port, uid, token)
        self.dav.root = f"/remote.php/dav/files/{self.name}"
        self.answers = []
        self.spoke = 0.0

    def taken(self):
        answers, self.answers = self.answers, []
        return answers

    def send(self, method, target, headers=None, body=None):
        if time.monotonic() - self.spoke > IDLE_SECONDS:
            self.dav.close()  # before the server does
        answer = self.dav.send(method, target, headers, body)
        until = time.monotonic() + BUSY_SECONDS
        while answer.status == 503 and time.monotonic() < until:
            time.sleep(1)  # it makes other pictures
            answer = self.dav.send(method, target, headers, body)
        self.spoke = time.monotonic()
        self.answers.append((method, target, answer))
        return answer

    @functools.cached_property
    def cookie(self):
        """Of a browser that they have signed in with; none for nobody."""
        if not self.password:
            return {}
        form = {"user": self.name, "password": self.password}
        headers = {"Origin": f"http://{self.dav.host}",
                   "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
        browser = Dav(self.dav.address, self.dav.port)
        answer = browser.send("POST", "/login", headers, urllib.parse.urlencode(form))
        expect(answer, 303)
        return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}

    def browse(self, target):
        browser = Dav(self.dav.address, self.dav.port)
        answer = browser.send("GET", target, self.cookie)
        browser.close()
        # Numbers of the look of a page are no ids.
        answer.body = re.sub(rb"<(style|svg)\b.*?</\1>", b"", answer.body, flags=re.S)
        self.answers.append(("GET", target, answer))
        return answer

    def on(self, method, path, headers=None, body=None):
        return self.send(method, self.dav.url(path), headers, body)

    def xml(self, method, path, body, **headers):
        return self.send(method, path if path.startswith("/") else self.dav.url(path), headers,
                         declared(body))  # fmt: skip

    def ocs(self, method, address, query="", **fields):
        headers = {"OCS-APIRequest": "true", "Content-Type": "application/x-www-form-urlencoded"}
        query = f"?format=json&{query}".rstrip("&")
        body = urllib.parse.urlencode(fields) if method in ("POST", "PUT") else None
        return self.send(method, f"/ocs/v2.php{address}{query}", headers, body)

    def moved(self, method, path, to):
        return self.on(method, path, {"Destination": self.dav.url(to), "Overwrite": "F"})

    def area(self, name, rest):
        return f"/remote.php/dav/{name}/{self.name}/{rest}"


def declared(body):
    spaces = ' xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"'
    return re.sub(r"^<([a-z:-]+)", r"<\1" + spaces, body, count=1).encode()


def answered(answer):
    """The data of an OCS answer."""
    return json.loads(answer.body)["ocs"]["data"]


class Target:
    """What the rows aim at: a box, or one that never was."""

    def __init__(self, scene, way, number):
        self.scene = scene
        self.way = way
        self.number = number
        self.words = {kind: f"{bird}{number}k" for kind, bird in BIRDS.items()}
        self.folder = f"{way.where}/{self.words['box']}".lstrip("/")
        self.parent = way.where
        self.file_name = self.words["file"] + ".txt"
        self.picture_name = self.words["picture"] + ".png"
        self.gone_name = self.words["gone"] + ".png"
        self.mark = f"m{number}m"  # for names of things that a row makes

    @property
    def is_there(self):
        return True

    @property
    def place_id(self):
        """The root of the place of the space that it is in; of none in somebody's home."""
        return self.scene.places.get(self.parent, 7_900_000) if self.is_there else 7_900_001

    @property
    def file(self):
        return f"{self.folder}/{self.file_name}"

    @property
    def picture(self):
        return f"{self.folder}/{self.picture_name}"


class Never(Target):
    """Names and numbers that were never given."""

    def __init__(self, box):
        super().__init__(box.scene, box.way, box.number)
        self.words = {kind: f"never{kind}{box.number}k" for kind in BIRDS}
        if not box.way.inside:
            self.words["box"] = box.words["box"]  # which they know
        self.folder = f"{self.parent}/{self.words['box']}".lstrip("/")
        self.file_name = self.words["file"] + ".txt"
        self.picture_name = self.words["picture"] + ".png"
        self.gone_name = self.words["gone"] + ".png"
        self.mark = f"n{box.number}n"
        base = 7_000_000 + box.number * 20
        self.file_id, self.picture_id, self.gone_id, self.box_id = range(base, base + 4)
        self.comment, self.share, self.own_share, self.tag = range(base + 4, base + 8)
        self.binned = f"{self.gone_name}.d{OLD}"
        self.version = self.picture_version = OLD + 7

    @property
    def is_there(self):
        return False


class Box(Target):
    """A folder of the owner's with a file, made as `way` says; the rest when it is first asked for.
    What somebody lost, they lost before anything came into the folder."""

    def __init__(self, scene, way, number):
        super().__init__(scene, way, number)
        lea = scene.lea
        made = lea.on("MKCOL", self.folder)
        expect(made, 201)
        self.box_id = number_of(made)
        self.own_share = scene.give(self.folder, way.given) if way.given else 0
        if way.then == "ended":
            expect(lea.ocs("DELETE", f"{SHARES}/shares/{self.own_share}"), 200)
        if way.then == "left":
            expect(scene.people[way.key].on("DELETE", self.folder), 204)
        self.file_id = self._put(self.file, self._text("content"), OLD)

    def _text(self, kind):
        return self.words[kind].encode() * 3000

    def _put(self, path, data, when):
        answer = self.scene.lea.on("PUT", path, {"X-OC-MTime": str(when)}, data)
        assert answer.done, (path, answer.status, answer.text())
        return number_of(answer)

    @functools.cached_property
    def share(self):
        return self.scene.give(self.folder, (0, "third", SEE, ""))

    @functools.cached_property
    def picture_id(self):
        return self._put(super().picture, png(self.number), OLD)

    @property
    def picture(self):
        assert self.picture_id
        return super().picture

    @functools.cached_property
    def comment(self):
        where = f"/remote.php/dav/comments/files/{self.file_id}"
        said = json.dumps({"message": self.words["comment"]})
        return last_of(self.scene.lea.send("POST", where, JSON, said))

    @functools.cached_property
    def tag(self):
        lea = self.scene.lea
        name = json.dumps({"name": self.words["tag"]})
        tag = last_of(lea.send("POST", "/remote.php/dav/systemtags/", JSON, name))
        relation = f"/remote.php/dav/systemtags-relations/files/{self.file_id}/{tag}"
        expect(lea.send("PUT", relation), 201)
        return tag

    @functools.cached_property
    def gone_id(self):
        path = f"{self.folder}/{self.gone_name}"
        found = self._put(path, png(self.number + 100_000), OLD)
        expect(self.scene.lea.on("DELETE", path), 204)
        return found

    @functools.cached_property
    def binned(self):
        """The last name of its address in the bin."""
        assert self.gone_id
        where = "/remote.php/dav/trashbin/lea/trash/"
        answer = self.scene.lea.send("PROPFIND", where, {"Depth": "1"})
        return re.search(re.escape(self.gone_name) + r"(?:\.\d+)?\.d\d+", answer.text())[0]

    @functools.cached_property
    def version(self):
        self._put(self.file, self._text("before"), OLD + 200)
        self._put(self.file, self._text("content"), OLD + 300)
        return OLD + 200

    @functools.cached_property
    def picture_version(self):
        self._put(self.picture, png(self.number + 200_000), OLD + 100)
        return OLD


def number_of(answer):
    return int(answer.id.split("oc")[0])


def last_of(answer):
    """The number at the end of the address of what was made."""
    expect(answer, 201)
    return int(answer.headers["content-location"].rsplit("/", 1)[1])


def expect(answer, status):
    assert answer.status == status, (answer.status, answer.text())


class Scene:
    """One space with somebody for each of some ways."""

    def __init__(self, space, ways):
        self.server = space.server
        self.ways = ways
        self.space = space
        self.owner_of = {}  # number of a box: the way it was made for
        self.odile = self._add("odile", "gestion")
        self.lea = self._add("lea", "member")
        self._add("third", "guest")
        self._add("fourth", "guest")
        self.people = {"": Person(self.space, "", "")}
        for way in ways:
            if way.key not in ("", "lea"):
                self.people[way.key] = self._add(way.key, way.role)
        # The owner as the rows have her; what is made for them is asked for by the other.
        token = self.server.token(self.space, "lea")
        self.people["lea"] = Person(self.space, "lea", token, self.lea.password)
        self._group("crew", "Crew", {"crewed"})
        self._group("quay", QUAY, {"lea", "quaymember", "quayguest", "quaymanager"})
        if "quaymanager" in self.people:
            where = "/cloud/users/quaymanager/subadmins"
            expect(self.odile.ocs("POST", where, groupid="quay"), 200)

    def _add(self, uid, role):
        member = self.server.add_member(self.space, uid, role=role)
        return Person(self.space, uid, member.token, member.password)

    def _group(self, gid, display, members):
        expect(self.odile.ocs("POST", "/cloud/groups", groupid=gid, displayname=display), 200)
        for uid in members & {"lea", *self.people}:
            expect(self.odile.ocs("POST", f"/cloud/users/{uid}/groups", groupid=gid), 200)

    def give(self, path, given):
        kind, whom, permissions, attributes = given
        fields = {"path": "/" + path, "shareType": kind, "shareWith": whom,
                  "permissions": permissions}  # fmt: skip
        if attributes:
            fields["attributes"] = attributes
        answer = self.lea.ocs("POST", f"{SHARES}/shares", **fields)
        expect(answer, 200)
        return int(answered(answer)["id"])

    @functools.cached_property
    def places(self):
        listed = answered(self.odile.ocs("GET", "/apps/essaim/api/v1/places"))
        return {place["name"]: place["id"] for place in listed}

    def box(self, way):
        number = len(self.owner_of) + 1
        self.owner_of[number] = way
        return Box(self, way, number)
