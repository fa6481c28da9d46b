"""Every entry to a file against every way of reaching it, compared with docs/develop/access.md.

Somebody asks for a thing, and then for one that never was. Got: `yes`. Answered as if it never was:
`hidden`. Else: `no`. What somebody may not know of a box occurs in no answer to them, whatever they
asked.

    matrix_test.py [--update]
"""

import argparse
import concurrent.futures
import difflib
import pathlib
import re
import sys


ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import access_notes  # noqa: F401  (adds its rows)
import report as reports
from access_rows import ROWS
from access_scene import ALL, BIRDS, SECRET, WAYS, Never, Scene, png
from dav import Dav
from essaim_server import Server, scratch

DOCUMENT = ROOT / "docs" / "develop" / "access.md"
ROUTER = ROOT / "src" / "server" / "router"
TAKES = {"anyone": "member", "common": "member"}  # boxes that everybody but guests is given
REFUSED = (403, 405, 412, 423)
SPACES = 4  # side by side
KINDS = {bird: kind for kind, bird in BIRDS.items()}

# Areas of the router that hand out nothing of a file and take nothing into one.
WITHOUT_FILES = {
    "what a browser and a probe see before anything": """
        nowhere home status no_content login logout account security second_factor icon
        mime_icon""",
    "how a client is given its token, or loses it": """
        flow_start flow_poll flow_link flow_page flow_grant flow_apptoken old_flow_page
        old_flow_grant old_flow_apptoken wipe_check wipe_success ocs_getapppassword
        ocs_apppassword""",
    "no handler but that of OPTIONS": "dav_elsewhere ocs_elsewhere",
    "what the server can do": """
        ocs_capabilities ocs_navigation ocs_search_providers ocs_activity_filters""",
    "people, groups, their pictures and their status": """
        ocs_user ocs_users ocs_users_details ocs_account ocs_account_enable ocs_account_disable
        ocs_account_wipe ocs_account_groups ocs_account_managed ocs_fields ocs_groups
        ocs_groups_details ocs_group ocs_group_users ocs_group_users_details ocs_group_managers
        ocs_sharees ocs_sharees_recommended ocs_autocomplete ocs_hovercard ocs_status
        ocs_status_kind ocs_status_ready_message ocs_status_own_message ocs_status_message
        ocs_status_revert ocs_status_ready_list ocs_statuses ocs_status_of ocs_heartbeat avatar
        own_avatar dav_avatar account_picture""",
    "sign-ins and accounts, for who looks after people": "ocs_audit ocs_review",
    "what members left who are gone: whose, how much and since when, never which files": """
        ocs_held ocs_held_one""",
    "what was asked for by its number alone, and is the caller's": """
        ocs_notifications_exist ocs_notification""",
    "a text from person to person": "ocs_notify_member",
}
# Of areas that have rows: methods that need none.
WITHOUT_ROW = {"ocs_notifications DELETE": "throws away one's own"}


def routes():
    """"area METHOD" of every route; and every area of the enum."""
    found = set()
    for path in ROUTER.glob("*routes.cc"):
        text = path.read_text(encoding="utf-8")
        pattern = r"\.area = Area::(\w+),\s*\.method = \"(\w+)\""
        found |= {f"{area} {method}" for area, method in re.findall(pattern, text)}
    enum = re.search(r"enum class Area[^{]*\{(.*?)\};", (ROUTER / "routes.h").read_text(), re.S)[1]
    areas = re.findall(r"^\s*(\w+),", enum, re.M)
    return found, areas


def every_route_has_a_row():
    found, areas = routes()
    assert len(found) > 100 and len(areas) > 80, "the router's tables are written another way"
    tried = {route for row in ROWS for route in row.routes}
    covered = {route.split()[0] for route in tried}
    without = {area for names in WITHOUT_FILES.values() for area in names.split()}
    assert not covered & without, f"with rows and without: {sorted(covered & without)}"
    assert not tried - found, f"rows for what is no route: {sorted(tried - found)}"
    missing = set(areas) - covered - without
    assert not missing, f"new areas: give them rows, or a reason: {sorted(missing)}"
    assert not (covered | without) - set(areas), f"gone: {(covered | without) - set(areas)}"
    open_routes = {
        each for each in found
        if each.split()[0] in covered and not each.endswith(" OPTIONS") and each not in WITHOUT_ROW
    }  # fmt: skip
    assert open_routes <= tried, f"without a row: {sorted(open_routes - tried)}"


def normal(target, answers):
    """Answers without what differs from one thing to another."""
    out = []
    for _, _, answer in answers:
        text = answer.text()
        for kind, word in target.words.items():
            text = text.replace(word, kind)
        for number in ("box_id", "file_id", "picture_id", "gone_id", "comment", "share"):
            # Not a number that could as well be a status in the text.
            if number in vars(target) and not 400 <= vars(target)[number] < 600:
                text = re.sub(rf"(?<!\d)0*{vars(target)[number]}(?!\d)", number, text)
        out.append((answer.status, text.replace(target.mark, "mark")))
    return out


def is_open(owner, way, role):
    """Whether boxes made for `owner` are seen on `way` as well."""
    if owner.key == way.key or way.key == "lea":
        return True
    if owner.key in TAKES or owner.key == "uninvited" or owner.where == "Espace commun":
        return role != "guest"
    return owner.where == "Quai" and way.where == "Quai" and bool(way.knows)


def leaks(scene, row, way, answers):
    """What an answer tells that this person may not know."""
    for method, target, answer in answers:
        text = answer.text() + repr(answer.headers)
        for bird, number in set(SECRET.findall(text)):
            owner = scene.owner_of[int(number)]
            kind = KINDS[bird]
            if kind == "tag" and any("dav_tags" in each for each in row.routes):
                continue  # they are the space's
            if owner is way and kind in way.knows:
                continue
            if way.key and owner is not way and is_open(owner, way, way.role):
                continue
            yield f"{way.title} / {row.title}: {method} {target} tells the {kind} of {owner.title}"


class Matrix:
    """The cells of the ways of one space."""

    def __init__(self, scene):
        self.scene = scene
        self.cells = {}
        self.leaks = []
        self.odd = []

    def cell(self, row, way, box):
        person = self.scene.people[way.key]
        person.taken()
        got = row.ask(person, box)
        answers = person.taken()
        self.leaks += leaks(self.scene, row, way, answers)
        self.odd += [
            f"{way.title} / {row.title}: {method} {target} is answered {answer.status}"
            for method, target, answer in answers
            if answer.status >= 500 and answer.status != 507 or answer.status == 429
        ]
        if got:
            return "yes"
        if got is None:
            return "hidden" if not way.key else "no"
        if row.finds and answers[-1][2].done:
            return "hidden"
        if way.knows == ALL and answers[-1][2].status in REFUSED:
            return "no"  # of what they see
        never = Never(box)
        row.ask(person, never)
        made_up = person.taken()
        return "hidden" if normal(box, answers) == normal(never, made_up) else "no"

    def run(self):
        for way in self.scene.ways:
            shared = self.scene.box(way)
            for row in sorted(ROWS, key=lambda row: row.fresh):
                try:
                    box = self.scene.box(way) if row.fresh else shared
                    self.cells[row.title, way] = self.cell(row, way, box)
                except Exception as wrong:  # pylint: disable=broad-except
                    self.odd += [f"{way.title} / {row.title}: {type(wrong).__name__} {wrong}"]
                    self.cells[row.title, way] = "failed"


def tables(cells):
    """The part of the document that is written by this test."""
    lines = []
    for table in dict.fromkeys(way.table for way in WAYS):
        ways = [way for way in WAYS if way.table == table]
        lines += [f"## {table}", ""]
        lines += [f"- **{way.title}**: {way.says}" for way in ways]
        last = None
        for row in ROWS:
            if row.section != last:
                last = row.section
                lines += ["", f"| {last} | " + " | ".join(way.title for way in ways) + " |"]
                lines += ["| --- |" + " --- |" * len(ways)]
            said = " | ".join(cells[row.title, way] for way in ways)
            lines += [f"| {row.title} | {said} |"]
        lines += [""]
    return lines


def same_as_the_document(cells, update):
    text = DOCUMENT.read_text(encoding="utf-8")
    first = f"## {WAYS[0].table}\n"
    head, mark, _ = text.partition(first)
    assert mark, f"{DOCUMENT.name} has no heading {first.strip()!r}"
    made = head + "\n".join(tables(cells)).rstrip("\n") + "\n"
    if update:
        DOCUMENT.write_text(made, encoding="utf-8")
    elif made != text:
        change = difflib.unified_diff(text.splitlines(), made.splitlines(), "documented", "found",
                                      lineterm="", n=0)  # fmt: skip
        raise AssertionError("\n".join(change))


FACES = ("/index.php/avatar/{}/64", "/index.php/avatar/{}/512", "/remote.php/dav/avatars/{}/64.png")
PICTURE = (
    b'--b\r\nContent-Disposition: form-data; name="files[]"; filename="a.png"\r\n\r\n'
    + png(1) + b"\r\n--b--\r\n"
)  # fmt: skip
FORM = {"OCS-APIRequest": "true", "Content-Type": "multipart/form-data; boundary=b"}
FRESH = ("date", "x-request-id")


def faces(person, uid):
    """What somebody gets for the pictures of one person."""
    answers = [person.send("GET", address.format(uid)) for address in FACES]
    return [
        (each.status, {k: v for k, v in each.headers.items() if k not in FRESH}, each.body)
        for each in answers
    ]


def a_picture_tells_nobody_who_is_there(server):
    """Whoever may not see a person gets the same with a picture, without one, and for nobody."""
    space = server.create_space("visages")
    roles = {"shown": "member", "mate": "guest", "stranger": "guest", "other": "member"}
    people = {uid: server.add_member(space, uid, role=role).dav() for uid, role in roles.items()}
    people["nobody"] = Dav(space.address, server.port, "shown", "wrong")
    server.command("group", "add", "--space", space.slug, "crew")
    for uid in ("shown", "mate"):
        server.command("group", "join", "--space", space.slug, "crew", uid)
    before = {name: faces(person, "shown") for name, person in people.items()}
    said = people["shown"].send("POST", "/index.php/avatar/", FORM, PICTURE)
    assert said.status == 200, said
    for name, person in people.items():
        after, never = faces(person, "shown"), faces(person, "never")
        if name in ("stranger", "nobody"):
            assert before[name] == after == never, (name, before[name], after, never)
        else:
            marks = {each[1].get("x-nc-iscustomavatar") for each in after}
            assert marks == {"1"}, (name, marks)


def fill(space, ways):
    matrix = Matrix(Scene(space, ways))
    matrix.run()
    return matrix


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--update", action="store_true", help="writes the document anew")
    update = options.parse_args().update
    report = reports.Report()
    with report.case("every route that carries files has a row"):
        every_route_has_a_row()
    with Server(scratch("access"), addresses=SPACES + 1) as server:
        matrices = []
        with report.case("every entry is tried in every way"):
            with concurrent.futures.ThreadPoolExecutor(SPACES) as pool:
                spaces = [server.create_space(f"voile{number}") for number in range(SPACES)]
                ways = [WAYS[number::SPACES] for number in range(SPACES)]
                matrices = list(pool.map(fill, spaces, ways))
        cells = {key: said for each in matrices for key, said in each.cells.items()}
        with report.case("the document says what was found"):
            same_as_the_document(cells, update)
        with report.case("what is hidden leaks nowhere"):
            told = [leak for each in matrices for leak in each.leaks]
            assert not told, "\n".join(dict.fromkeys(told))
        with report.case("a picture of a person is for who may see the person"):
            a_picture_tells_nobody_who_is_there(server)
        with report.case("no answer is an accident"):
            odd = [said for each in matrices for said in each.odd]
            assert not odd, "\n".join(odd)
        with report.case("every count is right afterwards"):
            server.doctor()
        boxes = sum(len(each.scene.owner_of) for each in matrices)
        report.note(f"{len(cells)} cells, {boxes} folders")
    report.finish()


if __name__ == "__main__":
    main()
