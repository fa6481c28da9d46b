"""Previews as phones and the desktop ask for them: every format, hostile files, herds, borders."""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import pictures
import report as reports
from essaim_server import Server, scratch
from pictures import check_quarters, near

PROPERTIES = "<nc:has-preview/><oc:fileid/><d:getcontenttype/>"
WIDTH, HEIGHT = 600, 400


def runs(server, since=0):
    """What the server said of each run of the helper."""
    return [line for line in server.lines(since) if line.get("event") == "preview"]


class Asker:
    """One member, and how their phone asks."""

    def __init__(self, member):
        self.member = member
        self.dav = member.dav()

    def put(self, name, data):
        """Uploads; the id of the file."""
        answer = self.dav.put(name, data)
        assert answer.done, answer
        return self.facts(name)[0]

    def facts(self, name):
        """(file id, has-preview) as a listing says."""
        text = self.dav.propfind(name, 0, PROPERTIES).text()
        number = int(re.search(r"<oc:fileid>(\d+)<", text)[1])
        return number, "<nc:has-preview>true<" in text

    def phone(self, number, x=256, y=256, more="&a=1&mode=cover&forceIcon=0", **headers):
        """As Nextcloud-android asks."""
        path = f"/index.php/core/preview?fileId={number}&x={x}&y={y}{more}"
        return self.dav.send("GET", path, {k.replace("_", "-"): v for k, v in headers.items()})

    def get(self, path):
        return self.dav.send("GET", path)


def formats(report, folder, lea):
    rows = pictures.quarters(WIDTH, HEIGHT)
    for ending in pictures.FORMATS:
        with report.case(f"{ending}: fits the box, in its colours"):
            number = lea.put(f"q.{ending}", pictures.convert(folder, rows, ending))
            answer = lea.phone(number, more="&a=1")
            assert answer.status == 200, answer
            assert answer.headers["content-type"] in ("image/jpeg", "image/png")
            check_quarters(folder, answer.body, 256, 171)
            assert lea.facts(f"q.{ending}")[1]
    with report.case("heic"):
        number = lea.put("q.heic", pictures.heif(folder, rows))
        check_quarters(folder, lea.phone(number, more="&a=1").body, 256, 171)
    with report.case("avif"):
        try:
            data = pictures.heif(folder, rows, avif=True)
        except subprocess.CalledProcessError as missing:
            raise reports.Skip("heif-enc cannot write it here") from missing
        number = lea.put("q.avif", data)
        check_quarters(folder, lea.phone(number, more="&a=1").body, 256, 171)
    with report.case("a phone that names its photographs wrongly gets them all the same"):
        number = lea.put("photo.jpg", pictures.heif(folder, rows))
        assert lea.phone(number).status == 200
    with report.case("pdf, first page"):
        number = lea.put("a.pdf", pictures.pdf())
        answer = lea.phone(number, more="&a=1")
        width, height, _, pixel, _ = pictures.decode(folder, answer.body)
        assert (width, height) == (256, 171), (width, height)
        assert near(pixel(20, 80), (255, 0, 0)) and near(pixel(250, 10), (255, 255, 255))
    for name, text in {
        "a.txt": "Bonjour <b>à</b> toutes & tous\n" * 30,
        "a.md": "# Titre\n\n- un\n- deux\n",
        "a.csv": "nom;voix\nLéa;3\n",
    }.items():
        with report.case(f"{name}: its first lines on a page"):
            answer = lea.phone(lea.put(name, text.encode()), more="&a=1")
            width, height, _, pixel, _ = pictures.decode(folder, answer.body)
            assert (width, height) == (192, 256), (width, height)
            assert near(pixel(190, 254), (255, 255, 255))


def shapes(report, folder, lea):
    rows = pictures.quarters(WIDTH, HEIGHT)
    number = lea.put("s.png", pictures.convert(folder, rows, "png"))
    for more, size in {
        "&a=1": (256, 171),
        "&a=1&mode=fill": (256, 171),
        "&a=1&mode=cover": (384, 256),
        "&a=0": (256, 256),
        "": (256, 256),
    }.items():
        with report.case(f"the box of 256: {more or 'nothing said'}"):
            check_quarters(folder, lea.phone(number, more=more).body, *size)
    with report.case("a wide crop keeps its shape"):
        check_quarters(folder, lea.phone(number, 256, 128, "&a=0").body, 256, 128)
    with report.case("the next size is served, and never more than there is"):
        assert pictures.decode(folder, lea.phone(number, 100, 100, "&a=1").body)[0] == 256
        assert pictures.decode(folder, lea.phone(number, 30, 30, "&a=1").body)[0] == 64
        assert pictures.decode(folder, lea.phone(number, 3000, 3000, "&a=1").body)[0] == WIDTH
        assert pictures.decode(folder, lea.phone(number, -1, -1, "&a=1").body)[0] == WIDTH
    jpeg = lambda each: pictures.convert(folder, pictures.stored(rows, each), "jpg")
    for orientation in range(1, 9):
        with report.case(f"orientation {orientation} is applied, and nothing else is told"):
            data = pictures.with_orientation(jpeg(orientation), orientation, b"secret place")
            answer = lea.phone(lea.put(f"o{orientation}.jpg", data), more="&a=1")
            facts = check_quarters(folder, answer.body, 256, 171)
            assert not [name for name in facts if name.startswith(("exif", "icc", "xmp"))], facts
            assert b"secret" not in answer.body and b"Exif" not in answer.body
    with report.case("transparency stays: PNG"):
        answer = lea.phone(lea.put("t.png", pictures.transparent(400, 200)), more="&a=1")
        assert answer.headers["content-type"] == "image/png"
        _, _, bands, pixel, _ = pictures.decode(folder, answer.body)
        assert bands == 4 and pixel(10, 10)[3] == 255 and pixel(250, 10)[3] == 0
    with report.case("of an animation, the first picture"):
        target = pathlib.Path(folder) / "two.gif"
        both = pathlib.Path(folder) / "both.ppm"
        both.write_bytes(pictures.ppm([[(255, 0, 0)] * 40] * 40 + [[(0, 0, 255)] * 40] * 40))
        subprocess.run(
            ["vips", "gifsave", str(both), str(target), "--page-height", "40"], check=True
        )
        answer = lea.phone(lea.put("two.gif", target.read_bytes()), more="&a=1")
        width, height, _, pixel, _ = pictures.decode(folder, answer.body)
        assert (width, height) == (40, 40) and near(pixel(20, 20), (255, 0, 0))


def hostile(report, folder, server, lea):
    rows = pictures.quarters(WIDTH, HEIGHT)
    good = pictures.convert(folder, rows, "png")
    refused = {
        "bomb.png": pictures.bomb(10_000),
        "lie.png": pictures.png(2**31 - 1, 2**31 - 1, b""),
        "cut.png": good[: len(good) // 2],
        "short.png": pictures.png(4_000, 4_000, b""),
        "noise.jpg": os.urandom(50_000),
        "noise.pdf": b"%PDF-1.7\n" + os.urandom(5_000),
        "page.heic": b"\0\0\0\x18ftypheic" + os.urandom(500),
        "drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        "table.png": b"1,2,3\n4,5,6\n",
        "binary.txt": b"text\0" + os.urandom(100),
        "document.png": pictures.pdf(),
    }
    for name, data in refused.items():
        with report.case(f"{name}: no preview, and it is not tried again"):
            number = lea.put(name, data)
            assert lea.facts(name)[1], "by its name it might have one"
            mark = server.mark()
            assert lea.phone(number).status == 404
            assert not lea.facts(name)[1], "has-preview agrees"
            assert lea.phone(number).status == 404
            assert lea.phone(number, 64, 64).status == 404
            assert len(runs(server, mark)) == 1, runs(server, mark)
    with report.case("a picture of 49 megapixels is small enough"):
        assert lea.phone(lea.put("large.png", pictures.bomb(7_000))).status == 200
    with report.case("a file that is two things at once is drawn as one of them"):
        polyglot = pictures.convert(folder, rows, "jpg") + b"<script>alert(1)</script>"
        answer = lea.phone(lea.put("both.jpg", polyglot))
        assert answer.status == 200 and b"script" not in answer.body
        assert answer.headers["x-content-type-options"] == "nosniff"
    with report.case("a program in a document does not run"):
        program = b"app.launchURL\\('http://127.0.0.1/'\\)"
        assert lea.phone(lea.put("js.pdf", pictures.pdf(action=program))).status == 200
    with report.case("SVG is not drawn, folders and empty files have none"):
        svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
        for name, data in {"d.svg": svg, "empty.png": b"", "a.bin": b"x"}.items():
            number = lea.put(name, data)
            assert not lea.facts(name)[1], name
            assert lea.phone(number).status == 404, name
        lea.dav.mkcol("folder")
        number, there = lea.facts("folder")
        assert not there and lea.phone(number).status == 404


def caching(report, folder, server, space, lea):
    data = pictures.convert(folder, pictures.quarters(700, 500), "png")
    with report.case("sixteen at once: one run"):
        number = lea.put("herd.png", data)
        mark = server.mark()
        askers = [Asker(lea.member) for _ in range(16)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda each: each.phone(number), askers))
        assert {answer.status for answer in answers} == {200}, answers
        assert len({answer.body for answer in answers}) == 1
        assert len(runs(server, mark)) == 1, runs(server, mark)
    with report.case("then it comes from the cache, also after a restart, and for a copy"):
        lea.dav.copy("herd.png", "copy.png")
        server.stop()
        server.start()
        again = Asker(lea.member)
        mark = server.mark()
        assert again.phone(number).body == answers[0].body
        assert again.phone(again.facts("copy.png")[0]).body == answers[0].body
        assert not runs(server, mark)
    with report.case("who has it is told so"):
        answer = again.phone(number, If_None_Match=answers[0].etag)
        assert answer.status == 304 and not answer.body and answer.etag == answers[0].etag
        assert "immutable" in answer.headers["cache-control"]
        assert again.phone(number, If_None_Match='"other"').status == 200
    previews = server.space_folder(space) / "previews"
    with report.case("a preview that a power cut tore is made anew"):
        mark = server.mark()
        for file in previews.rglob("*"):
            if file.is_file():
                os.truncate(file, file.stat().st_size // 2)
        assert again.phone(number).body == answers[0].body
        assert len(runs(server, mark)) == 1
    with report.case("previews are in no quota and in no export"):
        quota = lambda: again.dav.propfind("", 0, "<d:quota-used-bytes/>").text()
        before = quota()
        other = pictures.convert(folder, pictures.quarters(300, 300), "png")
        number = again.put("other.png", other)
        assert again.phone(number).status == 200
        used = lambda text: int(re.search(r"quota-used-bytes>(\d+)<", text)[1])
        assert used(quota()) - used(before) == len(other)
        target = pathlib.Path(folder) / "export.tar"
        server.command("space", "export", space.slug, str(target))
        with tarfile.open(target) as tar:
            assert not [name for name in tar.getnames() if "preview" in name]
    return again


def borders(report, folder, lea, marc, ines):
    data = pictures.convert(folder, pictures.quarters(320, 200), "png")
    number = lea.put("mine.png", data)
    with report.case("another member's file is not found, by any way"):
        assert lea.phone(number).status == 200
        assert marc.phone(number).status == 404
        assert marc.get("/index.php/apps/files/api/v1/thumbnail/64/64/mine.png").status == 404
        assert marc.get("/index.php/core/preview.png?file=/mine.png&x=64&y=64").status == 404
    with report.case("another space's file is not found"):
        assert ines.phone(number).status == 404
    with report.case("nobody is asked who they are, and told nothing"):
        nobody = Asker(lea.member)
        nobody.dav.headers = {}
        path = f"/index.php/core/preview?fileId={number}&x=64&y=64"
        answer = nobody.dav.send("GET", path, {"Authorization": "Basic bm9ib2R5Om5vdGhpbmc="})
        assert answer.status == 401, answer.status
    with report.case("what was deleted has none"):
        lea.dav.delete("mine.png")
        assert lea.phone(number).status == 404


def main():
    report = reports.Report()
    missing = [tool for tool in ("vips", "heif-enc") if shutil.which(tool) is None]
    if missing:
        report.skip("previews", f"{' and '.join(missing)} not installed")
        report.finish()
    folder = scratch("previews")
    with Server(folder, addresses=2) as server:
        voile, jardin = server.create_space("voile"), server.create_space("jardin")
        lea = Asker(server.add_member(voile, "lea"))
        marc = Asker(server.add_member(voile, "marc"))
        ines = Asker(server.add_member(jardin, "ines"))
        formats(report, folder, lea)
        shapes(report, folder, lea)
        hostile(report, folder, server, lea)
        borders(report, folder, lea, marc, ines)
        caching(report, folder, server, voile, lea)
    with Server(scratch("no-previews"), addresses=1, settings={"preview_slots": 0}) as server:
        lea = Asker(server.add_member(server.create_space("voile"), "lea"))
        with report.case("switched off, no file has a preview and none is made"):
            number = lea.put("a.png", pictures.bomb(100))
            assert not lea.facts("a.png")[1] and lea.phone(number).status == 404
    report.finish()


if __name__ == "__main__":
    main()
