"""The desktop client meets files that another device has locked: edits wait, nothing is lost."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import nextcloud
import report as reports
from essaim_server import Server, scratch

PAST = int(time.time()) - 40 * 86400
LOCKINFO = (
    '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    "<d:locktype><d:write/></d:locktype></d:lockinfo>"
)


class Scene:
    """A synced folder with three files, and a second device that locks."""

    def __init__(self, server, folder, slug):
        member = server.add_member(server.create_space(slug), "lea")
        self.device = member.dav()
        self.here = nextcloud.Folder(folder, slug, member)
        for at, name in enumerate(("letter.txt", "docs/plan.txt", "docs/old.txt")):
            self.here.write(name, b"one", PAST + at)
        self.sync()

    def sync(self):
        self.here.forget_failures()
        done = self.here.sync()
        assert done.code == 0, done.said

    def lock(self, path, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.device.request("LOCK", path, headers, "" if headers else LOCKINFO)
        assert answer.status == 200, answer
        return answer.headers.get("lock-token")

    def unlock(self, path, token):
        assert self.device.request("UNLOCK", path, {"Lock-Token": token}).status == 204


def an_edit_waits(server, folder):
    scene = Scene(server, folder, "waits")
    token = scene.lock("docs/plan.txt")
    scene.here.write("docs/plan.txt", b"edited here", PAST + 100)
    scene.here.write("letter.txt", b"not locked", PAST + 101)
    for _ in range(2):
        scene.here.forget_failures()
        # CLIENT: desktop 3.7.3 calls a run a success that only left locked files for later.
        mark = server.mark()
        said = scene.here.sync().said
        refused = [each for each in server.requests(mark, ("PUT",)) if each["status"] == "423"]
        assert refused, said
        assert scene.here.read("docs/plan.txt") == b"edited here"
        assert scene.device.get("docs/plan.txt").body == b"one"
    assert scene.device.get("letter.txt").body == b"not locked", "the others do not wait"
    scene.unlock("docs/plan.txt", token)
    scene.sync()
    assert scene.device.get("docs/plan.txt").body == b"edited here"
    assert not scene.here.conflicts()


def both_edits_stay(server, folder):
    scene = Scene(server, folder, "both")
    token = scene.lock("docs/plan.txt")
    scene.here.write("docs/plan.txt", b"edited here", PAST + 100)
    scene.here.sync()
    answer = scene.device.put("docs/plan.txt", b"edited there", If=f"({token})")
    assert answer.status == 204, answer
    scene.unlock("docs/plan.txt", token)
    scene.sync()
    scene.sync()
    kept = {data for data in map(scene.here.read, ["docs/plan.txt", *scene.here.conflicts()])}
    assert kept == {b"edited here", b"edited there"}, kept
    assert scene.device.get("docs/plan.txt").body == b"edited there"


def what_is_locked_stays(server, folder):
    """A locked file that is deleted or renamed here is still on the server, and comes back."""
    scene = Scene(server, folder, "stays")
    tokens = {path: scene.lock(path) for path in ("docs/plan.txt", "docs/old.txt")}
    (scene.here.path / "docs/old.txt").unlink()
    (scene.here.path / "docs/plan.txt").rename(scene.here.path / "docs/plan B.txt")
    for _ in range(3):
        scene.here.forget_failures()
        scene.here.sync()
        for path in tokens:
            assert scene.device.get(path).body == b"one", path
    for path, token in tokens.items():
        scene.unlock(path, token)
    scene.sync()
    scene.sync()
    there = {path for path, entry in scene.device.tree().items() if not entry.folder}
    assert there == {path for path, data in scene.here.tree().items() if data}, there
    assert "letter.txt" in there and {"docs/plan.txt", "docs/plan B.txt"} & there


def a_folder_waits_for_its_member(server, folder):
    scene = Scene(server, folder, "folder")
    token = scene.lock("docs/plan.txt")
    (scene.here.path / "docs").rename(scene.here.path / "papers")
    scene.here.sync()
    assert scene.device.get("docs/plan.txt").body == b"one"
    scene.unlock("docs/plan.txt", token)
    scene.sync()
    scene.sync()
    kept = {data for path, data in scene.here.tree().items() if path.endswith("plan.txt")}
    assert len(kept) == 1, scene.here.tree()


def ones_own_lock_is_no_obstacle(server, folder):
    """Locked by the person, on whichever device: all of them may write."""
    scene = Scene(server, folder, "own")
    scene.lock("docs/plan.txt", X_User_Lock="1")
    scene.here.write("docs/plan.txt", b"edited here", PAST + 100)
    scene.sync()
    assert scene.device.get("docs/plan.txt").body == b"edited here"


def main():
    report = reports.Report()
    folder = scratch("locks")
    with Server(folder, addresses=5) as server:
        for each in (
            an_edit_waits,
            both_edits_stay,
            what_is_locked_stays,
            a_folder_waits_for_its_member,
            ones_own_lock_is_no_obstacle,
        ):
            with report.case(each.__name__.replace("_", " ")):
                nextcloud.need()
                each(server, folder)
    report.finish()


if __name__ == "__main__":
    main()
