"""Writers that remember what they were promised.

A Writer changes the files of one member over HTTP, one request after another, in every way the
protocol has. It notes what each 2xx promised: contents, etags, ids, properties, shares. When the
server dies, one request at most is in the air; `verify()` then finds the tree as noted, or as noted
and that one request done, and nothing in between.
"""

import copy
import json
import random
import urllib.parse

from dav import MARK, sha256
from promises import (
    NEW, Flight, Known, Share, Thrown, bin_differences, differences, number_of, numbers_in,
    share_differences,
)  # fmt: skip
from tree_check import ServerView

ENTRIES_MAX = 36  # of one member; beyond, rather delete than create
DEPTH_MAX = 4
INLINE_BYTES = 16 * 1024  # larger contents are files beside the database
CHUNK_BYTES = 20_000
SHARES = "/ocs/v2.php/apps/files_sharing/api/v1/shares"
PERMISSIONS = (1, 17)  # of a share: to see it; to share it again as well
BROKEN = (OSError, EOFError)


class Broken(Exception):
    """The connection ended before the answer came."""


def data_of(answer):
    return json.loads(answer.body)["ocs"]["data"]


class Writer:
    """`reader` is whom everything is shared with, another member of the space."""

    def __init__(self, member, seed, reader="zoe"):
        self.member = member
        self.reader = reader
        self.rng = random.Random(f"{seed} {member.space.slug} {member.uid}")
        self.dav = member.dav()
        self.view = ServerView(member)
        self.tree = {}  # path -> Known
        self.bin = {}  # id -> Thrown
        self.shares = {}  # id of a share, NEW before it is known -> Share
        self.flight = None
        self.acknowledged = 0
        self.by_method = {}
        self.refused = []  # answers that were neither 2xx nor expected
        self.names = 0
        self.parts = {}  # name -> size of the parts acknowledged in the upload under way
        self.transfer = None

    # --- the load

    def run_until_broken(self):
        """Writes until the connection breaks; the last request stays in the air."""
        try:
            while True:
                self.write()
        except Broken:
            pass
        finally:
            self.dav.close()

    def write(self):
        """One change that was acknowledged; or Broken."""
        many = len(self.tree) > ENTRIES_MAX
        deeds = {
            self.put_new: 6 if many else 26, self.overwrite: 22, self.mkcol: 2 if many else 8,
            self.move: 14, self.copy: 3 if many else 8, self.delete: 22 if many else 8,
            self.proppatch: 9, self.upload_in_chunks: 1 if many else 3,
            self.restore: 1 if many else 5, self.restore_version: 6, self.empty_bin: 1,
            self.share: 5, self.change_share: 3, self.end_share: 2,
        }  # fmt: skip
        while not self.rng.choices(list(deeds), list(deeds.values()))[0]():
            pass

    def _send(self, method, after, send, bin_after=None, shares_after=None):
        """Sends; `after` is the tree if it succeeds, `bin_after` the bin, `shares_after` what is
        shared. Returns the answer, or raises Broken."""
        bin_after = self.bin if bin_after is None else bin_after
        shares_after = self.shares if shares_after is None else shares_after
        self.flight = Flight(method, after, bin_after, shares_after)
        try:
            answer = send()
        except Exception as error:
            if isinstance(error, BROKEN) or "http.client" in type(error).__module__:
                raise Broken(method) from error
            raise
        self.flight = None
        if not answer.done:
            self.refused.append(f"{method}: {answer.status} {answer.message()}")
            return None
        self.tree, self.bin, self.shares = after, bin_after, shares_after
        self.acknowledged += 1
        self.by_method[method] = self.by_method.get(method, 0) + 1
        return answer

    def _look(self, look):
        """Reads something on the way; Broken when the connection is."""
        try:
            return look()
        except Exception as error:
            if isinstance(error, BROKEN) or "http.client" in type(error).__module__:
                raise Broken("a read") from error
            raise

    def _thrown(self, path):
        """The bin with what is at `path`; None when its id was not promised yet."""
        known = self.tree[path]
        parent = path.rpartition("/")[0]
        if known.id is None or (parent and self.tree[parent].id is None):
            return None
        below = {
            each[len(path) :].lstrip("/"): what
            for each, what in self.tree.items()
            if each == path or each.startswith(path + "/")
        }
        return {**self.bin, known.id: Thrown(path, self.tree[parent].id if parent else None, below)}

    # --- choices

    def _folders(self):
        return ["", *sorted(path for path, known in self.tree.items() if known.folder)]

    def _files(self):
        return sorted(path for path, known in self.tree.items() if not known.folder)

    def _new_path(self, folders=None):
        shallow = [each for each in folders or self._folders() if each.count("/") < DEPTH_MAX]
        self.names += 1
        name = f"{self.rng.choice(('n', 'é', 'a b', '%', '😀'))}{self.names}"
        return f"{self.rng.choice(shallow)}/{name}".lstrip("/")

    def _content(self):
        kind = self.rng.random()
        if kind < 0.05:
            return b""
        if kind < 0.65:
            return self.rng.randbytes(self.rng.randrange(1, 4000))
        return self.rng.randbytes(self.rng.randrange(INLINE_BYTES, 4 * INLINE_BYTES))

    # --- requests

    def put_new(self):
        path, data = self._new_path(), self._content()
        after = {**self.tree, path: Known(False, sha256(data))}
        answer = self._send("PUT", after, lambda: self.dav.put(path, data))
        self._promised(path, answer)
        return answer

    def overwrite(self):
        files = self._files()
        if not files:
            return False
        path, data = self.rng.choice(files), self._content()
        old = self.tree[path]
        after = {**self.tree, path: Known(False, sha256(data), None, old.id, old.mark)}
        headers = {"If_Match": old.etag} if old.etag and self.rng.random() < 0.5 else {}
        answer = self._send("PUT", after, lambda: self.dav.put(path, data, **headers))
        self._promised(path, answer)
        return answer

    def _promised(self, path, answer):
        if answer is None:
            return
        known = self.tree[path]
        assert known.id in (None, answer.id), f"{path!r} changed its id in an overwrite"
        known.id = answer.id
        if not known.folder:
            known.etag = answer.etag

    def mkcol(self):
        path = self._new_path()
        after = {**self.tree, path: Known(True)}
        answer = self._send("MKCOL", after, lambda: self.dav.mkcol(path))
        self._promised(path, answer)
        return answer

    def move(self):
        if not self.tree:
            return False
        path = self.rng.choice(sorted(self.tree))
        inside = path + "/"
        outside = [each for each in self._folders() if not (each + "/").startswith(inside)]
        to = self._new_path(outside)
        files = [each for each in self._files() if each != path]
        bin_after = self.bin
        if not self.tree[path].folder and files and self.rng.random() < 0.3:
            over = self.rng.choice(files)
            if self._thrown(over) is not None:
                to, bin_after = over, self._thrown(over)
        after = {}
        for each, known in self.tree.items():
            if each == path or each.startswith(inside):
                after[to + each[len(path) :]] = known
            else:
                after.setdefault(each, known)
        after[to] = self.tree[path]
        return self._send("MOVE", after, lambda: self.dav.move(path, to), bin_after)

    def copy(self):
        if not self.tree:
            return False
        path = self.rng.choice(sorted(self.tree))
        inside = path + "/"
        outside = [each for each in self._folders() if not (each + "/").startswith(inside)]
        to = self._new_path(outside)
        after = dict(self.tree)
        for each, known in self.tree.items():
            if each == path or each.startswith(inside):
                new = copy.copy(known)
                new.id = new.etag = None
                after[to + each[len(path) :]] = new
        answer = self._send("COPY", after, lambda: self.dav.copy(path, to))
        self._promised(to, answer)
        return answer

    def delete(self):
        if not self.tree:
            return False
        path = self.rng.choice(self._files() or sorted(self.tree))
        if self.rng.random() < 0.2:
            path = self.rng.choice(sorted(self.tree))
        bin_after = self._thrown(path)
        if bin_after is None:
            return False
        gone = path + "/"
        after = {
            each: known
            for each, known in self.tree.items()
            if each != path and not each.startswith(gone)
        }
        return self._send("DELETE", after, lambda: self.dav.delete(path), bin_after)

    def restore(self):
        """Brings an entry of the bin back to the folder it was in; or deletes it for good, when
        that folder is gone or the name is taken."""
        if not self.bin:
            return False
        chosen = self.rng.choice(sorted(self.bin))
        thrown = self.bin[chosen]
        address = self._look(self.dav.bin)[chosen][0]
        bin_after = {each: what for each, what in self.bin.items() if each != chosen}
        by_id = {known.id: path for path, known in self.tree.items() if known.id}
        parent = "" if thrown.parent is None else by_id.get(thrown.parent)
        if parent is None or self.rng.random() < 0.1:
            send = lambda: self.dav.send("DELETE", address)  # noqa: E731
            return self._send("DELETE binned", self.tree, send, bin_after)
        to = f"{parent}/{thrown.origin.rpartition('/')[2]}".lstrip("/")
        if to in self.tree:
            return False
        after = dict(self.tree)
        for path, known in thrown.below.items():
            after[f"{to}/{path}".rstrip("/")] = known
        self.view.comes_back(known.id for known in thrown.below.values())
        return self._send("MOVE binned", after, lambda: self.dav.restore(address), bin_after)

    def restore_version(self):
        files = [path for path in self._files() if self.tree[path].id]
        if not files:
            return False
        path = self.rng.choice(files)
        old = self.tree[path]
        versions = self._look(lambda: self.dav.versions(old.id))
        if not versions:
            return False
        address = self.rng.choice(versions)
        content = self._look(lambda: self.dav.send("GET", address))
        assert content.status == 200, f"a version is listed and not there: {content.status}"
        known = Known(False, sha256(content.body), None, old.id, old.mark)
        after = {**self.tree, path: known}
        answer = self._send("MOVE version", after, lambda: self.dav.restore(address))
        self._promised(path, answer)
        return answer

    def empty_bin(self):
        if not self.bin:
            return False
        url = f"/remote.php/dav/trashbin/{self.member.uid}/trash"
        return self._send("DELETE bin", self.tree, lambda: self.dav.send("DELETE", url), {})

    def share(self):
        shared = {each.node for each in self.shares.values()}
        free = [
            path
            for path, each in self.tree.items()
            if each.id and number_of(each.id) not in shared
        ]
        if not free:
            return False
        path = self.rng.choice(sorted(free))
        new = Share(number_of(self.tree[path].id), self.rng.choice(PERMISSIONS))
        send = lambda: self._share_api(  # noqa: E731
            "POST", "", path=f"/{path}", shareType=0, shareWith=self.reader,
            permissions=new.permissions,
        )  # fmt: skip
        answer = self._send("POST share", self.tree, send, shares_after={**self.shares, NEW: new})
        if answer:
            self.shares[data_of(answer)["id"]] = self.shares.pop(NEW)
        return answer

    def _shares_at_hand(self):
        """Ids of shares of what is not in the bin."""
        there = numbers_in(self.tree)
        return sorted(each for each, share in self.shares.items() if share.node in there)

    def change_share(self):
        if not self._shares_at_hand():
            return False
        chosen = self.rng.choice(self._shares_at_hand())
        new = Share(self.shares[chosen].node, self.rng.choice(PERMISSIONS))
        send = lambda: self._share_api(  # noqa: E731
            "PUT", f"/{chosen}", permissions=new.permissions
        )
        after = {**self.shares, chosen: new}
        return self._send("PUT share", self.tree, send, shares_after=after)

    def end_share(self):
        if not self._shares_at_hand():
            return False
        chosen = self.rng.choice(self._shares_at_hand())
        send = lambda: self._share_api("DELETE", f"/{chosen}")  # noqa: E731
        after = {each: share for each, share in self.shares.items() if each != chosen}
        return self._send("DELETE share", self.tree, send, shares_after=after)

    def _share_api(self, method, below, **fields):
        headers = {"OCS-APIRequest": "true", "Content-Type": "application/x-www-form-urlencoded"}
        body = urllib.parse.urlencode(fields).encode()
        return self.dav.send(method, f"{SHARES}{below}?format=json", headers, body)

    def proppatch(self):
        if not self.tree:
            return False
        path = self.rng.choice(sorted(self.tree))
        self.names += 1
        mark = f"mark {self.names}"
        known = copy.copy(self.tree[path])
        known.mark = mark
        after = {**self.tree, path: known}
        return self._send("PROPPATCH", after, lambda: self.dav.proppatch(path, MARK % mark))

    def upload_in_chunks(self):
        self.names += 1
        self.transfer = f"/remote.php/dav/uploads/{self.member.uid}/{self.names}"
        self.parts = {}
        path = self._new_path()
        data = self.rng.randbytes(2 * CHUNK_BYTES + self.rng.randrange(CHUNK_BYTES))
        same = self.tree
        if not self._send("MKCOL upload", same, lambda: self.dav.send("MKCOL", self.transfer)):
            return None
        for number, first in enumerate(range(0, len(data), CHUNK_BYTES)):
            part, name = data[first : first + CHUNK_BYTES], f"{number:016d}"
            url = f"{self.transfer}/{name}"
            if not self._send("PUT part", same, lambda: self.dav.send("PUT", url, {}, part)):
                return None
            self.parts[name] = len(part)
        after = {**self.tree, path: Known(False, sha256(data))}
        headers = {"Destination": self.dav.url(path), "OC-Total-Length": str(len(data))}
        url = f"{self.transfer}/.file"
        answer = self._send(
            "MOVE upload", after, lambda: self.dav.send("MOVE", url, headers)
        )
        self.transfer = None
        self._promised(path, answer)
        return answer

    # --- after the crash

    def verify(self):
        """Raises AssertionError unless everything promised is there. Returns how the request in
        the air ended: "done", "not done" or "none"."""
        self.dav.close()
        self.view.dav.close()
        contents = self.view.look()
        actual = self.view.tree
        found = differences(self.tree, actual, contents)
        ended = "none" if self.flight is None else "not done"
        in_bin = {each: origin for each, (_, origin) in self.dav.bin().items()}
        found += bin_differences(self.bin, in_bin)
        shares = self._shares_listed()
        found += share_differences(self.shares, self.tree, shares)
        if found and self.flight is not None:
            new = self.flight
            other = differences(new.tree, actual, contents)
            other += bin_differences(new.bin, in_bin)
            other += share_differences(new.shares, new.tree, shares)
            if not other:
                self.tree, self.bin, self.shares, found = new.tree, new.bin, new.shares, []
                ended = "done"
        where = f"{self.member.space.slug}/{self.member.uid}"
        assert not found, f"{where}, {self.flight and self.flight.what} in the air: {found[:5]}"
        if self.transfer and ended != "done":
            self._verify_parts()
        self.flight = self.transfer = None
        self._adopt(actual)
        return ended

    def _verify_parts(self):
        """Parts that were acknowledged are there, and whole."""
        answer = self.dav.send("PROPFIND", self.transfer + "/", {"Depth": "1"})
        if answer.status == 404:
            assert not self.parts, f"the parts {self.parts} are gone"
            return
        text = answer.text()
        for name, size in self.parts.items():
            assert f"/{name}<" in text, f"part {name} is gone: {text}"
            assert f">{size}<" in text, f"part {name} has not {size} bytes: {text}"

    def _shares_listed(self):
        answer = self._share_api("GET", "")
        assert answer.status == 200, f"the shares are not listed: {answer.status}"
        return {
            each["id"]: Share(int(each["item_source"]), each["permissions"])
            for each in data_of(answer)
        }

    def given(self):
        """Ids of all that the reader reaches by this member's shares."""
        there = {share.node for share in self.shares.values()}
        roots = [path for path, known in self.tree.items() if number_of(known.id) in there]
        return {
            known.id
            for path, known in self.tree.items()
            if any(path == root or path.startswith(root + "/") for root in roots)
        }

    def _adopt(self, actual):
        """What was not promised yet is taken as found."""
        if NEW in self.shares:
            (found,) = set(self._shares_listed()) - set(self.shares)
            self.shares[found] = self.shares.pop(NEW)
        for path, known in self.tree.items():
            known.id = actual[path].id
            known.etag = None if known.folder else actual[path].etag
