"""Pictures of people, as scripts and hostile ones send them: formats, refusals, borders."""

import concurrent.futures
import http.client
import os
import pathlib
import sys
import tarfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import pictures
import report as reports
from essaim_server import Server, scratch

BOUNDARY = "----essaim"
MIB = 1024 * 1024
CHOSEN_MAX = 20 * MIB
SIDES = {"/index.php/avatar/%s/64": 64, "/index.php/avatar/%s/512": 512,
         "/remote.php/dav/avatars/%s/128.png": 128}  # fmt: skip


def form(data, name="files[]", filename="a.jpg"):
    head = (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
        f'name="{name}"; filename="{filename}"\r\n\r\n'
    )
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


class Person:
    def __init__(self, member):
        self.member = member
        self.dav = member.dav()

    def send(self, data, **options):
        """A picture, with the app token."""
        return self.post(form(data, **options))

    def post(self, body, content_type=f"multipart/form-data; boundary={BOUNDARY}", **headers):
        headers = {"OCS-APIRequest": "true", "Content-Type": content_type, **headers}
        return self.dav.send("POST", "/index.php/avatar/", headers, body)

    def take_away(self):
        answer = self.dav.send("DELETE", "/index.php/avatar/", {"OCS-APIRequest": "true"})
        assert answer.status == 200, answer

    def see(self, uid, pattern="/index.php/avatar/%s/64"):
        return self.dav.send("GET", pattern % urllib.parse.quote(uid))

    def own(self):
        answer = self.see(self.member.uid)
        assert answer.status == 200, answer
        return answer.headers["x-nc-iscustomavatar"] == "1"


class Page:
    """The same person in a browser, without one."""

    def __init__(self, member):
        self.space = member.space
        body = urllib.parse.urlencode({"user": member.uid, "password": member.password})
        answer, _ = self.ask("/login", body, "application/x-www-form-urlencoded")
        self.cookie = answer.getheader("Set-Cookie").split(";")[0]

    def ask(self, path, body, content_type=f"multipart/form-data; boundary={BOUNDARY}"):
        connection = http.client.HTTPConnection(self.space.address, self.space.server.port, 120)
        headers = {"Content-Type": content_type, "Origin": self.space.url}
        if hasattr(self, "cookie"):
            headers["Cookie"] = self.cookie
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def send(self, data):
        return self.ask("/settings/user/picture", form(data, "picture"))


def formats(report, folder, lea):
    rows = pictures.quarters(900, 600)
    files = {each: pictures.convert(folder, rows, each) for each in pictures.FORMATS}
    files["heic"] = pictures.heif(folder, rows)
    for ending, data in files.items():
        with report.case(f"{ending}: a square of each size"):
            assert lea.send(data, filename=f"a.{ending}").status == 200
            for pattern, side in SIDES.items():
                pictures.check_quarters(folder, lea.see("lea", pattern).body, side, side)
    for orientation in range(1, 9):
        with report.case(f"orientation {orientation} is applied, and nothing else is told"):
            data = pictures.convert(folder, pictures.stored(rows, orientation), "jpg")
            data = pictures.with_orientation(data, orientation, b"secret place")
            assert lea.send(data).status == 200
            for pattern, side in SIDES.items():
                body = lea.see("lea", pattern).body
                facts = pictures.check_quarters(folder, body, side, side)
                assert not [name for name in facts if name.startswith(("exif", "icc", "xmp"))]
                assert b"secret" not in body and b"Exif" not in body
    with report.case("what is smaller grows, what is long is cut"):
        for width, height in ((10, 10), (40, 2000), (3000, 100)):
            picture = pictures.convert(folder, pictures.quarters(width, height), "png")
            assert lea.send(picture).status == 200
            for pattern, side in SIDES.items():
                found = pictures.decode(folder, lea.see("lea", pattern).body)
                assert found[:2] == (side, side), found[:2]
    with report.case("what is transparent stays so: PNG"):
        assert lea.send(pictures.transparent(400, 200)).status == 200
        answer = lea.see("lea", "/index.php/avatar/%s/512")
        assert answer.headers["content-type"] == "image/png"
        _, _, bands, pixel, _ = pictures.decode(folder, answer.body)
        assert bands == 4 and pixel(10, 10)[3] == 255 and pixel(500, 10)[3] == 0


def hostile(report, folder, server, lea):
    good = pictures.convert(folder, pictures.quarters(900, 600), "jpg")
    assert lea.send(good).status == 200
    before = lea.see("lea").etag
    page = Page(lea.member)
    refused = {
        "text": (b"These are words.\n" * 99, 400),
        "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", 400),
        "a JPEG that was cut": (good[: len(good) // 2], 400),
        "a PDF": (pictures.pdf(), 400),
        "noise": (os.urandom(50_000), 400),
        "a bomb of 100 megapixels": (pictures.bomb(10_000), 413),
        "a picture that lies about its size": (pictures.png(2**31 - 1, 2**31 - 1, b""), 400),
        "one line of two million pixels": (pictures.png(2_000_000, 1, b"\0" * 6_000_001), 400),
        "a file larger than may be": (good + b"\0" * CHOSEN_MAX, 413),
        "30 MiB": (good + b"\0" * (30 * MIB), 413),
        "nothing": (b"", 400),
    }
    for name, (data, status) in refused.items():
        with report.case(f"{name}: {status} in words, and nothing has changed"):
            answer = lea.send(data)
            assert answer.status in (status, 413), answer
            assert answer.text().startswith('{"data":{"message":"'), answer.text()
            answer, text = page.send(data)
            assert answer.status in (status, 413), (answer.status, text)
            assert "Rien n’a changé" in text and 'role="alert"' in text, text
            assert lea.see("lea").etag == before
    with report.case("a body that does not say its length is bounded all the same"):
        pieces = (b"\xff" * MIB for _ in range(30))
        body = (piece for part in ((form(b"")[: -len(BOUNDARY) - 8],), pieces) for piece in part)
        try:
            answer = lea.post(body)
            assert answer.status in (400, 413), answer
        except (ConnectionError, http.client.HTTPException):
            pass  # closed while we still send: a refusal as well
        lea.dav = lea.member.dav()
        assert lea.see("lea").etag == before
    with report.case("what is no form, or one without end, is refused"):
        for body, kind in (
            (good, "image/jpeg"),
            (form(good), "multipart/form-data"),
            (form(good), "multipart/mixed; boundary=" + BOUNDARY),
            (form(good)[:-8], f"multipart/form-data; boundary={BOUNDARY}"),
            (form(good), "multipart/form-data; boundary=other"),
            (b"", f"multipart/form-data; boundary={BOUNDARY}"),
        ):
            answer = lea.post(body, kind)
            assert answer.status == 400, (kind, answer)
        assert lea.see("lea").etag == before
    with report.case("nothing is left of what was refused"):
        left = list((server.space_folder(lea.member.space) / "tmp").iterdir())
        assert not left, left


def herds(report, folder, lea, marc):
    good = pictures.convert(folder, pictures.quarters(900, 600), "jpg")
    with report.case("many at once: each is set or told to come back, and it is one of theirs"):
        people = [Person(each.member) for each in (lea, marc) for _ in range(12)]
        with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
            answers = list(pool.map(lambda each: each.send(good), people))
        codes = [answer.status for answer in answers]
        assert set(codes) <= {200, 503} and 200 in codes, codes
        for person, answer in zip(people, answers):
            if answer.status == 200:
                body = lea.see(person.member.uid).body
                pictures.check_quarters(folder, body, 64, 64)


def told(answer):
    """An answer without what is new in each."""
    fresh = ("x-request-id", "date")
    return answer.status, {k: v for k, v in answer.headers.items() if k not in fresh}, answer.body


def borders(report, folder, lea, guest):
    good = pictures.convert(folder, pictures.quarters(300, 300), "png")
    with report.case("a guest who may not see a person learns nothing by their picture"):
        lea.take_away()
        for pattern in SIDES:
            without = told(guest.see("lea", pattern))
            nobody = told(guest.see("never", pattern))
            assert without == nobody and without[0] == 404, (without, nobody)
        assert lea.send(good).status == 200
        for pattern in SIDES:
            assert told(guest.see("lea", pattern)) == told(guest.see("never", pattern))
    with report.case("a guest has a picture too, which others see"):
        assert guest.send(good).status == 200 and guest.own()
        assert lea.see(guest.member.uid).headers["x-nc-iscustomavatar"] == "1"
        guest.take_away()
        assert not guest.own()


def copies(report, folder, server, space, lea):
    good = pictures.convert(folder, pictures.quarters(300, 300), "png")
    with report.case("it counts in no quota, and stays after a restart"):
        used = lambda: lea.dav.propfind("", 0, "<d:quota-used-bytes/>").text()
        lea.take_away()
        before = used()
        assert lea.send(good).status == 200
        etag = lea.see("lea").etag
        assert used() == before
        server.stop()
        server.start()
        lea.dav = lea.member.dav()
        assert lea.see("lea").etag == etag
    with report.case("it goes where the space goes"):
        target = pathlib.Path(folder) / "voile.tar"
        server.command("space", "export", space.slug, str(target))
        with tarfile.open(target) as tar:
            assert "main.db" in {pathlib.Path(name).name for name in tar.getnames()}
        lea.take_away()
        server.command("space", "import", str(target))
        lea.dav = lea.member.dav()
        answer = lea.see("lea")
        assert answer.headers["x-nc-iscustomavatar"] == "1" and answer.etag == etag, answer
    with report.case("the operator takes one away, and it goes with the account"):
        server.command("member", "picture-remove", "--space", space.slug, "lea")
        assert not lea.own()
    with report.case("the server is whole"):
        server.doctor()


def main():
    report = reports.Report()
    folder = scratch("portraits-files")
    with Server(scratch("portraits"), addresses=1) as server:
        space = server.create_space("voile")
        lea = Person(server.add_member(space, "lea"))
        marc = Person(server.add_member(space, "marc"))
        guest = Person(server.add_member(space, "ines", role="guest"))
        formats(report, folder, lea)
        hostile(report, folder, server, lea)
        herds(report, folder, lea, marc)
        borders(report, folder, lea, guest)
        copies(report, folder, server, space, lea)
    report.finish()


main()
