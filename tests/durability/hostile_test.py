"""Clients that mean harm, over bare sockets: a clear 4xx, no growth of memory, no change.

    hostile_test.py [word]...       only the cases whose name has one of the words
"""

import base64
import pathlib
import random
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from dav import read_until_closed, status_of
from essaim_server import Server, scratch
from hostile_crowds import failed_log_ins, promised_bodies
from hostile_sockets import endless_heads, pipelining, slow_clients, smuggling
from hostile_target import FILES, UPLOADS, Target, refused

GROWTH_KIB_MAX = 32 * 1024  # of the server's memory, in each case
SETTLE_SECONDS_MAX = 10  # until connections that were refused are closed
DESCRIPTORS_MORE_MAX = 4
LEVELS = 100_000
HUGE = ("-1", "-9223372036854775809", "9223372036854775807", "9223372036854775808",
        "18446744073709551616", "99999999999999999999999999", "1e30", "0x10", "+5", "5 5", "5,5",
        "", " ", "NaN")  # fmt: skip


def ranges(target):
    file = f"{FILES}/docs/deep/big.bin"
    for value in ("bytes=5-4", "bytes=-", "bytes=--5", "bytes=a-b", "bytes=1000000-",
                  "chapters=1-2",
                  "bytes=-0", "bytes=99999999999999999999-", "bytes=18446744073709551616-1",
                  "bytes=0-99999999999999999999", "bytes=-99999999999999999999", "", "bytes=,",
                  "bytes=" + "0-1," * 2000 + "0-1", "bytes=" + ",".join(["0-"] * 1500),
                  "bytes=0-,0-,0-,0-,0-,0-"):  # fmt: skip
        answer = target.raw(target.head("GET", file, {"Range": value}))
        status = status_of(answer)
        assert status in (200, 206, 400, 416), (value[:50], status)
        assert len(answer) < 110_000, f"{value[:50]}: {len(answer)} bytes for a file of 100,000"


def xml(target):
    prop = "<d:propfind xmlns:d='DAV:'><d:prop>%s</d:prop></d:propfind>"
    laughs = "".join(
        f"<!ENTITY l{n} '{('&l%d;' % (n - 1)) * 10}'>" if n else "<!ENTITY l0 'ha'>"
        for n in range(9)
    )
    bodies = {
        "a DOCTYPE": "<!DOCTYPE x>" + prop % "<d:getetag/>",
        "a billion laughs": f"<!DOCTYPE x [{laughs}]>" + prop % "&l8;",
        "a file of the server": "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        + prop % "&f;",
        "a DTD from elsewhere": "<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/x.dtd'>" + prop % "",
        "100,000 levels": "<a>" * LEVELS + "</a>" * LEVELS,
        "100,000 levels, never closed": "<d:a xmlns:d='DAV:'>" * LEVELS,
        "5,000 levels in 64 KiB": prop % ("<a>" * 5000 + "</a>" * 5000),
        "100,000 attributes": "<a " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>",
        "100,000 properties": prop % ("<d:x/>" * 100_000),
        "5,000 properties": prop % "".join(f"<d:x{n}/>" for n in range(5000)),
        "100,000 namespaces": prop
        % "".join(f"<x xmlns='urn:{n}'/>" for n in range(100_000)),
        "a name of 1 MB": f"<{'a' * 1_000_000}/>",
        "no XML": "hello",
        "cut short": prop[:40],
        "two roots": "<a/><b/>",
        "an unbound prefix": "<q:propfind><q:prop/></q:propfind>",
        "UTF-16 that is none": "\ufeff<a/>".encode("utf-16-le").decode("latin-1"),
        "a character that XML forbids": prop % "&#1;",
        "an encoding nobody has": "<?xml version='1.0' encoding='x-evil'?><a/>",
    }
    for method in ("PROPFIND", "PROPPATCH"):
        for what, text in bodies.items():
            headers = {"Depth": "1", "Content-Type": "application/xml"}
            status = target.send(method, f"{FILES}/docs", headers, text.encode())
            # A listing of unknown properties changes nothing and may be answered.
            also = (207,) if method == "PROPFIND" and "properties" in what else ()
            refused(status, f"{method}: {what}", also)


def destinations(target):
    other = target.other.host
    for method in ("MOVE", "COPY"):
        for to in (
            f"{FILES}/docs", f"{FILES}/docs/", f"{FILES}/docs/deep/inside", f"{FILES}/docs/deep",
            f"{FILES}//docs", f"{FILES}/./docs", f"{FILES}/docs/../docs", f"{FILES}/%64ocs", FILES,
            f"{FILES}/", f"{FILES}/docs/x/../../docs/deep/y",
            f"http://{other}{FILES}/stolen", f"https://{other}{FILES}/stolen",
            f"http://chorale.essaim.test{FILES}/stolen", f"http://elsewhere.example{FILES}/x",
            f"//{other}{FILES}/stolen", f"ftp://{target.space.host}{FILES}/x", "file:///etc/passwd",
            "javascript:alert(1)", f"http://lea@{other}{FILES}/x", f"http:{FILES}/x", "http://", "",
            " ", "/", "*", "relative", "../up", f"{FILES}/../max/x", f"{FILES}/..%2fmax%2fx",
            "/remote.php/dav/files/max/x", "/remote.php/dav/files/nobody/x", "/remote.php/dav/",
            "/status.php", "/remote.php/dav/uploads/lea/x", f"{FILES}/a%00b", f"{FILES}/a%zz",
            f"{FILES}/%ff%fe", f"{FILES}/none/x", f"{FILES}/{'x' * 251}", f"{FILES}/{'d/' * 3000}x",
            f"{FILES}/{'x' * 8192}", f"http://{'h' * 8192}{FILES}/x", f"{FILES}/x?y=z#f",
            f"{FILES}/.htaccess", f"{FILES}/x.part", f"{FILES}/a\\b", f"{FILES}/..", f"{FILES}/.",
        ):  # fmt: skip
            status = target.send(method, f"{FILES}/docs", {"Destination": to})
            if status == 201 and to.endswith("?y=z#f"):
                # A query is no part of a path: done as asked, and undone.
                dav = target.dav
                undone = dav.move("x", "docs") if method == "MOVE" else dav.delete("x")
                assert undone.done, undone
                continue
            refused(status, f"{method} to {to[:80]}", also=(501, 502, 507))
        status = target.send(method, f"{FILES}/docs")
        refused(status, f"{method} to nowhere")


def names(target):
    """`..`, NUL, and what XML or UTF-8 cannot hold, in every place a name can stand."""
    bad = ("..", "%2e%2e", ".%2e", "%00", "a%00b", "%01", "%1f", "a%0ab", "a%0db", "%7f", "%5c",
           "a%5cb",
           "%ff", "%c0%af", "%c0%80", "%ed%a0%80", "%ef%bf%be", "%ef%bf%bf", "%f4%90%80%80", "%",
           "%4",
           "%zz", "x" * 251, "%c3%a9" * 126, "%2f..%2f..%2fetc")  # fmt: skip
    for name in bad:
        for method, target_name, headers in (
            ("PUT", f"{FILES}/{name}", {}),
            ("PUT", f"{FILES}/docs/{name}/x", {}),
            ("MKCOL", f"{FILES}/{name}", {}),
            ("MKCOL", f"{FILES}/{name}/", {}),
            ("MOVE", f"{FILES}/docs/plan.txt", {"Destination": f"{FILES}/{name}"}),
            ("COPY", f"{FILES}/docs/plan.txt", {"Destination": f"{FILES}/{name}"}),
            ("MKCOL", f"{UPLOADS}/{name}", {}),
            ("PUT", f"{UPLOADS}/{name}/1", {}),
            ("GET", f"{FILES}/{name}", {}),
            ("PROPFIND", f"/remote.php/dav/files/{name}/", {"Depth": "0"}),
            ("GET", f"/remote.php/{name}", {}),
            ("GET", f"/{name}", {}),
        ):
            body = b"x" if method == "PUT" else b""
            if method == "MKCOL" and "/uploads/" in target_name and "x" * 251 == name:
                continue  # names of transfers may have 255 bytes
            # `..` at the end of a target leads to where the listing is allowed anyway.
            status = target.send(method, target_name, headers, body)
            refused(status, f"{method} {target_name[:80]} {headers}")
    for raw in (b"\xff\xfe", b"\x00", b"\x01", b"a\xed\xa0\x80"):
        for where in (FILES.encode() + b"/" + raw, b"/" + raw):
            refused(target.send("PUT", where, {}, b"x"), where)
    for value in ("a:b", ":", "", "Basic", "Basic !!!", "Basic " + "A" * 20_000, "Bearer x", "\x01",
                  "Basic " + base64.b64encode(b"lea\0:x").decode(),
                  "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
                  "Basic " + base64.b64encode(b"nocolon").decode(),
                  "Basic " + base64.b64encode(b"../lea:x").decode()):  # fmt: skip
        status = target.send("GET", f"{FILES}/docs/plan.txt", {"Authorization": value})
        refused(status, f"Authorization: {value[:40]}")
    for host in ("..", "a/b", "[::1", "a b", "\x01", "x" * 5000, "voile..essaim.test", "%00", ":80",
                 "127.0.0.11:99999", "127.0.0.11:-1", "127.0.0.11:x"):  # fmt: skip
        refused(target.send("GET", f"{FILES}/docs/plan.txt", {"Host": host}), f"Host: {host[:40]}")


def property_names(target):
    """Dead properties whose names or values are too much."""
    long = "n" * 300
    for properties in (
        f"<x xmlns='{'u' * 300}'>1</x>", f"<{long} xmlns='urn:x'>1</{long}>",
        f"<x xmlns='urn:x'>{'v' * 70_000}</x>", "<d:getetag>1</d:getetag>",
        "<oc:id>1</oc:id>", "<oc:permissions>RGDNVW</oc:permissions>", "<d:resourcetype/>",
    ):  # fmt: skip
        answer = target.dav.proppatch("docs/plan.txt", properties)
        if answer.status == 207:
            said = answer.text()
            assert "200 OK" not in said and "HTTP/1.1 4" in said or "507" in said, said
        else:
            refused(answer.status, properties[:60])


def sizes(target):
    for value in set(HUGE) - {"5,5"}:  # twice the same is one (RFC 9110 §8.6)
        status = target.send("PUT", f"{FILES}/sized", {"Content-Length": value}, seconds=5)
        refused(status, f"Content-Length: {value}", also=(507,))
    data = b"x" * 10
    for name in ("OC-Total-Length", "X-Expected-Entity-Length"):
        for value in HUGE:
            status = target.send("PUT", f"{FILES}/sized", {name: value}, data)
            if status == 201:  # a hint that cannot be read may be passed over
                target.dav.delete("sized")
                continue
            refused(status, f"{name}: {value}", also=(507,))
    for value in HUGE:
        status = target.send("MKCOL", f"{UPLOADS}/t", {"OC-Total-Length": value})
        if status == 201:
            status = target.send("PUT", f"{UPLOADS}/t/1", {"OC-Chunk-Offset": value}, data)
            assert status == 201 or 400 <= status < 500, (value, status)
            headers = {"Destination": f"{FILES}/joined", "OC-Total-Length": value}
            status = target.send("MOVE", f"{UPLOADS}/t/.file", headers)
            if status == 201:
                assert target.dav.get("joined").body == data
                target.dav.delete("joined")
            target.send("DELETE", f"{UPLOADS}/t")
        if status != 201:
            refused(status, f"chunks, {value}", also=(507,))
    for value in ("-1", "2", "infinity,0", "00", "", "x", "1e0", "99999999999999999999"):
        status = target.send("PROPFIND", f"{FILES}/docs", {"Depth": value})
        refused(status, f"Depth: {value}", also=(207,) if value in ("00", "") else ())


def dates(target):
    """Times before 1970 and after 9999, and no times: refused, or brought within bounds."""
    file = f"{FILES}/dated"
    for value in ("-1", "-99999999999999999999", "253402300800", "9223372036854775807", "1e300",
                  "9223372036854775808", "99999999999999999999999", "NaN", "inf", "x", "",
                  "1,5", "0x10", "1.5.5", "0", "-0.5"):  # fmt: skip
        for header in ("X-OC-Mtime", "X-OC-CTime"):
            status = target.send("PUT", file, {header: value}, b"dated")
            if status not in (201, 204):
                refused(status, f"{header}: {value}")
                continue
            entry = target.dav.stat("dated")
            year = int(entry.modified.split()[3])
            assert 1970 <= year <= 9999, f"{header}: {value} became {entry.modified}"
            target.dav.delete("dated")
    for value in ("Mon, 01 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 10000 23:59:59 GMT",
                  "Thu, 31 Dec 1969 23:59:59 GMT", "Mon, 99 Foo 2020 99:99:99 GMT", "x" * 9000):
        for header in ("If-Modified-Since", "If-Unmodified-Since", "If-Range", "Date"):
            headers = {header: value, "Range": "bytes=0-1"}
            status = target.send("GET", f"{FILES}/docs/plan.txt", headers)
            assert status in (200, 206, 304, 400, 412, 416), (header, value[:40], status)
    for value in ("-1", "99999999999999999999", "x", "253402300800"):
        for name in ("d:lastmodified", "d:creationdate", "nc:creation_time", "d:getlastmodified"):
            before = target.dav.stat("docs/plan.txt")
            answer = target.dav.proppatch("docs/plan.txt", f"<{name}>{value}</{name}>")
            assert answer.status in (207, 400), (name, value, answer.status)
            year = int(target.dav.stat("docs/plan.txt").modified.split()[3])
            assert 1970 <= year <= 9999, (name, value, year)
            assert before is not None


def conditions(target):
    """If, If-Match and their kin, too long and malformed: never a change."""
    for name, value in (
        ("If-Match", '"' + "x" * 9000 + '"'), ("If-Match", "x"),
        ("If-Match", '"a"' + ', "a"' * 3000),
        ("If", "(" * 5000), ("If", "<http://[>"), ("If", "()" * 2000),
        ("If", "(<x>" + " Not <y>" * 900),
        ("If", "(" + "[\"e\"]" * 2000 + ")"), ("If", "no"),
        ("If", '<' + FILES + '/docs> (["nope"])'),
        ("Overwrite", "maybe"), ("OC-Checksum", "SHA1:zz"), ("OC-Checksum", "SHA256:" + "0" * 64),
        ("OC-Checksum", "x" * 9000), ("Content-Range", "bytes 0-4/10"), ("Timeout", "x" * 9000),
    ):  # fmt: skip
        status = target.send("PUT", f"{FILES}/docs/plan.txt", {name: value}, b"overwritten")
        if status == 204:
            assert name in ("Overwrite", "Timeout", "OC-Checksum"), (name, value[:60])
            target.dav.put("docs/plan.txt", b"0123456789" * 100)
        else:
            refused(status, f"{name}: {value[:60]}", also=(501,))


def methods(target):
    for method in ("TRACE", "CONNECT", "PATCH", "LINK", "get", "G" * 5000, "PROPFIND\x01",
                   "M-SEARCH",
                   "*", "POST"):  # fmt: skip
        status = target.send(method, f"{FILES}/docs/plan.txt", {}, b"x")
        refused(status, method[:20], also=(0, 501))
    refused(target.send("DELETE", f"{FILES}/"), "DELETE of the root")
    refused(target.send("MOVE", f"{FILES}/", {"Destination": f"{FILES}/x"}), "MOVE of the root")
    refused(target.send("PUT", f"{FILES}/docs", {}, b"x"), "PUT on a folder")
    refused(target.send("MKCOL", f"{FILES}/docs/new", {}, b"<x/>"), "MKCOL with a body")


def noise(target):
    """Random bytes, and requests with one byte changed: no crash, and no 500."""
    rng = random.Random(20240131)
    whole = target.head(
        "PROPFIND", f"{FILES}/docs", {"Depth": "1", "If-None-Match": '"x"', "Range": "bytes=0-1"}
    )
    for number in range(600):
        data = bytearray(whole)
        if number % 3 == 0:
            data = bytearray(rng.randbytes(rng.randrange(1, 3000))) + b"\r\n\r\n"
        else:
            for _ in range(rng.randrange(1, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
        with socket.create_connection((target.space.address, target.server.port), 5) as link:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            status = status_of(read_until_closed(link, time.monotonic() + 5))
        assert status not in (500, 502, 503), (status, bytes(data))


CASES = (
    ("slow heads and slow bodies are cut off", slow_clients),
    ("a head of 1 GB is refused and cut off", endless_heads),
    ("thousands of pipelined requests are answered in order", pipelining),
    ("what could be read in two ways is refused", smuggling),
    ("absurd ranges cost nothing", ranges),
    ("hostile XML", xml),
    ("destinations: the source, below it, another space, another scheme, 8 KiB", destinations),
    ("names: .., NUL, what XML forbids, everywhere", names),
    ("properties that are too long or protected", property_names),
    ("negative and overflowing sizes", sizes),
    ("dates before 1970 and after 9999", dates),
    ("malformed conditions and checksums never let a write pass", conditions),
    ("methods that make no sense", methods),
    ("random bytes", noise),
    ("failed sign-ins of long names from many addresses", failed_log_ins),
    ("bodies that are announced and never come", promised_bodies),
)


def main():
    words = sys.argv[1:]
    report = reports.Report()
    with Server(scratch("hostile"), addresses=2) as server:
        target = Target(server)
        before = target.dav.tree()
        open_before = server.descriptors()
        for promise, attack in CASES:
            if words and not any(word in attack.__name__ for word in words):
                continue
            resting = server.memory_kib()
            with report.case(promise):
                attack(target)
            grown = server.memory_kib() - resting
            with report.case(f"  no change, {grown} KiB more memory, and service goes on"):
                assert grown < GROWTH_KIB_MAX, f"{grown} KiB more"
                target.dav.close()
                now = {path: (e.id, e.folder, e.size) for path, e in target.dav.tree().items()}
                assert now == {path: (e.id, e.folder, e.size) for path, e in before.items()}, now
                assert target.dav.get("docs/plan.txt").body == b"0123456789" * 100
        with report.case("no descriptor is left open"):
            until = time.monotonic() + SETTLE_SECONDS_MAX
            while server.descriptors() > open_before + DESCRIPTORS_MORE_MAX:
                assert time.monotonic() < until, (open_before, server.descriptors())
                time.sleep(0.1)
        with report.case("nothing was written down as a fault of ours"):
            bad = [line for line in server.lines() if line.get("level") == "error"]
            assert not bad, bad[:5]
            statuses = {line.get("status") for line in server.requests()}
            assert "500" not in statuses, statuses
        with report.case("the doctor finds nothing"):
            server.doctor()
    report.finish()


if __name__ == "__main__":
    main()
