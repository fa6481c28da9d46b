"""The server's tree as its members see it, and what must hold from one look to the next."""

from dav import sha256

SHOWN_MAX = 6  # of each kind of difference


class ServerView:
    """Looks at a member's files again and again, and remembers."""

    def __init__(self, member):
        self.dav = member.dav()
        self.tree = {}  # path -> Entry, of the last look
        self.contents = {}  # (id, etag) -> hash: a file is downloaded once
        self.gone = set()  # ids that were there and are not

    def look(self):
        """path -> None or the content's hash. Raises AssertionError when a rule is broken."""
        tree = self.dav.tree()
        self._check_ids(tree)
        self._check_etags(tree)
        self.tree = tree
        return {path: self._content(entry) for path, entry in tree.items() if path}

    def comes_back(self, ids):
        """These were deleted and may be there again: out of the bin."""
        self.gone -= set(ids)

    def _content(self, entry):
        if entry.folder:
            return None
        key = (entry.id, entry.etag)
        if key not in self.contents:
            self.contents[key] = self._download(entry)
        return self.contents[key]

    def _download(self, entry):
        answer = self.dav.get(entry.path)
        assert answer.status == 200, f"GET {entry.path!r}: {answer.status}"
        assert answer.etag == entry.etag, f"GET and PROPFIND of {entry.path!r} differ in etag"
        assert len(answer.body) == entry.size, f"{entry.path!r} is not as long as listed"
        found = sha256(answer.body)
        kinds = dict(each.split(":", 1) for each in entry.checksums.split())
        listed = kinds.get("SHA256", found)
        assert listed.lower() == found, f"{entry.path!r} is not the content of its checksum"
        return found

    def _check_ids(self, tree):
        ids = [entry.id for entry in tree.values()]
        assert len(ids) == len(set(ids)), "two entries have one id"
        back = self.gone & set(ids)
        assert not back, f"ids came back: {back}"
        self.gone |= {entry.id for entry in self.tree.values()} - set(ids)

    def _check_etags(self, tree):
        """A folder whose etag is the old one has the old content, at any depth; and a file."""
        old = {entry.id: entry for entry in self.tree.values()}
        children = _children(tree)
        old_children = _children(self.tree)
        for path, entry in tree.items():
            before = old.get(entry.id)
            if before is None or before.etag != entry.etag:
                continue
            assert before.size == entry.size, f"{path!r} changed its size and kept its etag"
            if entry.folder:
                was = old_children.get(before.path, set())
                assert children.get(path, set()) == was, f"{path!r} changed and kept its etag"


def _children(tree):
    """folder -> what a listing of it shows of each child."""
    found = {}
    for path, entry in tree.items():
        if path:
            folder, _, name = path.rpartition("/")
            found.setdefault(folder, set()).add((name, entry.id, entry.etag))
    return found


def difference(left_name, left, right_name, right):
    """What two trees do not share, as text; empty when they are equal."""
    only_left = sorted(set(left) - set(right))
    only_right = sorted(set(right) - set(left))
    other = sorted(path for path in set(left) & set(right) if left[path] != right[path])
    parts = []
    for title, paths in (
        (f"only {left_name}", only_left),
        (f"only {right_name}", only_right),
        (f"different on {left_name} and {right_name}", other),
    ):
        if paths:
            parts.append(f"{title}: {paths[:SHOWN_MAX]} ({len(paths)})")
    return "; ".join(parts)
