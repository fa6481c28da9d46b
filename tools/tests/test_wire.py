"""Parts of the transcript runner: holes, the format, XML and JSON by meaning, the client."""

import socket
import threading
import unittest

from wire import client, format, holes, jsontree, xmltree

D = 'xmlns:d="DAV:"'


class Holes(unittest.TestCase):
    def test_a_hole_captures_at_first_sight_and_must_match_afterwards(self):
        captures = {}
        self.assertTrue(holes.match('etag: {etag:a}', 'etag: "1-2"', captures))
        self.assertEqual(captures, {"etag:a": '"1-2"'})
        self.assertTrue(holes.match("{etag:a}", '"1-2"', captures))
        self.assertFalse(holes.match("{etag:a}", '"1-3"', captures))

    def test_the_same_hole_twice_in_a_text_is_the_same_value(self):
        self.assertTrue(holes.match("{number:n}-{number:n}", "12-12", {}))
        self.assertFalse(holes.match("{number:n}-{number:n}", "12-13", {}))

    def test_a_kind_says_what_fits(self):
        self.assertFalse(holes.match("{etag:a}", "unquoted", {}))
        self.assertFalse(holes.match("{number:a}", "12a", {}))
        self.assertTrue(holes.match("{id:a}", "00000042ocab12cd34ef", {}))
        self.assertTrue(holes.match("{date:a}", "Thu, 01 Jan 2026 00:00:00 GMT", {}))
        self.assertFalse(holes.match("{date:a}", "2026-01-01", {}))

    def test_anything_and_ellipsis(self):
        self.assertTrue(holes.match("a{*}c", "abbc", {}))
        self.assertTrue(holes.match("a…c", "a\nc", {}, ellipsis=True))
        self.assertFalse(holes.match("a…c", "a\nc", {}))

    def test_generated_text(self):
        self.assertEqual(holes.fill("{body: 3 x}{cr}", {}), "xxx\r")
        self.assertEqual(
            holes.fill("{bytes: 00 ff}", {}).encode("utf-8", "surrogateescape"), b"\x00\xff"
        )

    def test_a_one_time_code_is_made_of_a_captured_secret(self):
        # RFC 6238 appendix B.
        secret = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
        self.assertEqual(holes.one_time_code(secret, now=59), "287082")
        self.assertEqual(holes.one_time_code(secret, 1, now=29), "287082")
        captures = {"text:secret": secret}
        self.assertRegex(holes.fill("code={totp: secret}", captures), r"^code=\d{6}$")
        self.assertRegex(holes.fill("code={totp: secret -1}", captures), r"^code=\d{6}$")
        with self.assertRaises(holes.UnknownHole):
            holes.fill("{totp: other}", captures)

    def test_json_braces_are_not_holes(self):
        self.assertFalse(holes.has_hole('{"etag": 1} {a:b} {}'))

    def test_an_unknown_hole_in_a_request_is_said(self):
        with self.assertRaises(holes.UnknownHole):
            holes.fill("{etag:a}", {})
        self.assertEqual(holes.fill("{host}/{etag:a}", {"host": "h", "etag:a": "x"}), "h/x")


class Format(unittest.TestCase):
    TEXT = (
        "# A sentence,\n# and more of it.\n# rfc: 4918 §9.1, §9.1.2     as: lea\n"
        "> PROPFIND /a\n> Depth: 1\n>\n> <x>\n>\n> </x>\n\n< 207\n< DAV: 1\n< !ETag\n<\n< <y/>\n\n"
        "# Then, without a body.\n# as: marc\n> GET /a\n\n< 100\n\n< 200 OK\n<\n"
    )

    def test_every_part_is_read(self):
        found = format.parse("it", self.TEXT)
        self.assertEqual(found.sentence, "A sentence, and more of it.")
        self.assertEqual(found.settings, {"rfc": "4918 §9.1, §9.1.2", "as": "lea"})
        first, second = found.steps
        self.assertEqual(first.request.line, "PROPFIND /a")
        self.assertEqual(first.request.body, ["<x>", "", "</x>"])
        self.assertEqual(first.answers[0].status, 207)
        self.assertEqual([h.absent for h in first.answers[0].headers], [False, True])
        self.assertEqual(first.answers[0].body, ["<y/>"])
        self.assertEqual(second.settings, {"as": "marc"})
        self.assertIsNone(second.request.body)
        self.assertEqual([answer.status for answer in second.answers], [100, 200])
        self.assertEqual(second.answers[1].body, [])
        self.assertIsNone(second.answers[0].body)

    def test_what_is_not_a_transcript_is_refused_with_its_line(self):
        for text, said in (
            ("> GET /\n", "it:1: the first line says"),
            ("# It.\n", "it: no request"),
            ("# It.\n# as: lea  colour: red\n> GET /\n", "it:2: 'colour: red'"),
            ("# It.\n> GET /\n# rfc: 1 §2\n> GET /\n", "it:3: 'rfc: 1 §2'"),
            ("# It.\n>GET /\n", "it:2: a space is missing"),
            ("# It.\n> GET\n", "it:2: 'GET' is not a request line"),
            ("# It.\n> GET /\n> no colon\n", "it:2: 'no colon' is not a header"),
            ("# It.\n> GET /\n\n< OK\n", "it:4: 'OK' is not a status"),
            ("# It.\n> GET /\n\nhello\n", "it:4: a step starts with"),
        ):
            with self.assertRaises(format.Malformed) as caught:
                format.parse("it", text)
            self.assertIn(said, str(caught.exception))

    def test_rfc_sections(self):
        self.assertEqual(
            format.rfc_sections("4918 §9.1, §9.1.2, 9110 §8.8.3; 7230", "it"),
            [("4918", "9.1"), ("4918", "9.1.2"), ("9110", "8.8.3"), ("7230", "")],
        )
        for wrong in ("§9", "RFC 4918", "4918 9.1", ""):
            with self.assertRaises(format.Malformed):
                format.rfc_sections(wrong, "it")


class Xml(unittest.TestCase):
    def same(self, expected, actual, captures=None, exact=False):
        captures = {} if captures is None else captures
        return xmltree.compare(
            xmltree.parse(expected, True), xmltree.parse(actual), captures, exact
        )

    def test_prefixes_and_spaces_do_not_matter(self):
        self.assertEqual(
            self.same(f"<d:a {D}>\n  <d:b>x</d:b>\n</d:a>", '<a xmlns="DAV:"><b>x</b></a>'), []
        )

    def test_exactly_means_prefixes_and_order_too(self):
        one = f"<d:prop {D}><d:b/><d:c/></d:prop>"
        self.assertEqual(self.same(one, one, exact=True), [])
        self.assertTrue(self.same(one, '<prop xmlns="DAV:"><b/><c/></prop>', exact=True))
        self.assertTrue(self.same(one, f"<d:prop {D}><d:c/><d:b/></d:prop>", exact=True))

    def test_namespaces_attributes_and_text_matter(self):
        self.assertTrue(self.same(f"<d:a {D}/>", "<a/>"))
        self.assertTrue(self.same('<a b="1"/>', '<a b="2"/>'))
        self.assertTrue(self.same("<a/>", '<a b="2"/>'))
        self.assertTrue(self.same("<a>x</a>", "<a> x</a>"))
        self.assertTrue(self.same("<a>x</a>", "<a><x/></a>"))
        self.assertTrue(self.same("<a><x/></a>", "<a>x</a>"))
        self.assertTrue(self.same("<a></a>", "<a>x</a>"))

    def test_properties_come_in_any_order_propstats_do_not(self):
        props = f"<d:prop {D}><d:b>1</d:b><d:c/></d:prop>"
        self.assertEqual(self.same(props, f"<d:prop {D}><d:c/><d:b>1</d:b></d:prop>"), [])
        self.assertTrue(self.same(props, f"<d:prop {D}><d:c/></d:prop>"))
        self.assertTrue(self.same(props, f"<d:prop {D}><d:c/><d:b>1</d:b><d:e/></d:prop>"))
        stat = f"<d:propstat {D}><d:b/><d:c/></d:propstat>"
        self.assertTrue(self.same(stat, f"<d:propstat {D}><d:c/><d:b/></d:propstat>"))

    def listing(self, *paths):
        inner = "".join(
            f"<d:response><d:href>{path}</d:href><d:n>{len(path)}</d:n></d:response>"
            for path in paths
        )
        return f"<d:multistatus {D}>{inner}</d:multistatus>"

    def test_the_first_response_stays_first_the_others_may_move(self):
        expected = self.listing("/a/", "/a/b", "/a/c")
        self.assertEqual(self.same(expected, self.listing("/a/", "/a/c", "/a/b")), [])
        self.assertTrue(self.same(expected, self.listing("/a/b", "/a/", "/a/c")))
        self.assertIn("/a/c is missing", self.same(expected, self.listing("/a/", "/a/b"))[0])
        more = self.same(expected, self.listing("/a/", "/a/b", "/a/c", "/a/x"))
        self.assertIn("/a/x is not expected", more[0])

    def test_a_gap_stands_for_more(self):
        expected = self.listing("/a/", "/a/b").replace("</d:multistatus>", "…</d:multistatus>")
        self.assertEqual(self.same(expected, self.listing("/a/", "/a/x", "/a/b")), [])
        self.assertTrue(self.same(expected, self.listing("/a/", "/a/x")))
        self.assertEqual(self.same("<a>…<b/>…</a>", "<a><x/><b/></a>"), [])
        self.assertEqual(self.same("<a>…</a>", "<a>text</a>"), [])
        self.assertTrue(self.same("<a><c/>…<b/></a>", "<a><b/><c/></a>"))

    def test_a_gap_at_the_end_closes_what_is_open(self):
        expected = self.listing("/a/").replace("</d:multistatus>", " …")
        self.assertEqual(self.same(expected, self.listing("/a/", "/a/x")), [])
        with self.assertRaises(xmltree.NotXml):
            xmltree.parse(self.listing("/a/").replace("</d:multistatus>", ""), True)

    def test_captures_in_text_and_attributes(self):
        captures = {}
        expected = '<a b="{number:n}">{etag:e}</a>'
        self.assertEqual(self.same(expected, '<a b="4">"x"</a>', captures), [])
        self.assertEqual(captures, {"number:n": "4", "etag:e": '"x"'})
        self.assertTrue(self.same("<a>{etag:e}</a>", '<a>"y"</a>', captures))

    def test_written_xml_means_the_same(self):
        text = (
            f'<d:multistatus {D} xmlns:o="urn:o"><d:response><d:href>/a&amp;b</d:href>'
            '<o:x y="&quot;1&quot;">&lt;</o:x><o:empty/></d:response></d:multistatus>'
        )
        written = "\n".join(xmltree.pretty(xmltree.parse(text)))
        self.assertEqual(self.same(written, text), [])
        self.assertIn('  <d:response>\n    <d:href>/a&amp;b</d:href>', written)


class Json(unittest.TestCase):
    def same(self, expected, actual, captures=None):
        captures = {} if captures is None else captures
        return jsontree.compare(jsontree.parse(expected, True), jsontree.parse(actual), captures)

    def test_order_of_members_does_not_matter_order_of_elements_does(self):
        self.assertEqual(self.same('{"a": 1, "b": [1, 2]}', '{"b":[1,2],"a":1}'), [])
        self.assertTrue(self.same("[1, 2]", "[2, 1]"))

    def test_types_matter(self):
        for pair in ('1 "1"', "1 true", "0 false", "null 0", "[] {}"):
            self.assertTrue(self.same(*pair.split(" ")), pair)
        self.assertTrue(self.same("1", "1.0"))

    def test_missing_and_unexpected_are_told_apart(self):
        self.assertEqual(self.same('{"a": 1}', "{}"), ["$.a: is missing"])
        self.assertEqual(self.same("{}", '{"a": 1}'), ["$.a: is not expected"])
        self.assertTrue(self.same("[1]", "[1, 2]"))
        self.assertTrue(self.same("[1, 2]", "[1]"))

    def test_gaps(self):
        self.assertEqual(self.same('{"a": 1, …}', '{"b": 2, "a": 1}'), [])
        self.assertEqual(self.same("[1, …]", "[1, 2, 3]"), [])
        self.assertEqual(self.same("[…, 3]", "[1, 2, 3]"), [])
        self.assertTrue(self.same("[4, …]", "[1, 2, 3]"))
        self.assertEqual(self.same('{"a": {…}, "b": […]}', '{"a": {"x": 1}, "b": [1]}'), [])

    def test_holes_in_strings_and_bare(self):
        captures = {}
        expected = '{"id": {number:id}, "at": "/f/{number:id}"}'
        self.assertEqual(self.same(expected, '{"id": 7, "at": "/f/7"}', captures), [])
        self.assertEqual(captures, {"number:id": "7"})
        self.assertTrue(self.same('{"id": {number:id}}', '{"id": "7"}'))
        self.assertEqual(self.same('{"id": {*}}', '{"id": {"x": []}}'), [])


class Client(unittest.TestCase):
    def serve(self, *answers):
        """A server that sends one prepared answer per connection; returns its port."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def work():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 5)
        return listener.getsockname()[1]

    def get(self, *answers, method="GET"):
        connection = client.Connection("127.0.0.1", self.serve(*answers))
        self.addCleanup(connection.close)
        return connection.exchange(b"GET / HTTP/1.1\r\n\r\n", b"", method)

    def test_bodies_by_length_by_chunks_and_by_close(self):
        for head, sent in (
            (b"Content-Length: 5\r\n", b"hello"),
            (b"Transfer-Encoding: chunked\r\n", b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: x\r\n\r\n"),
            (b"Connection: close\r\n", b"hello"),
        ):
            answer = self.get(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + sent)[-1]
            self.assertEqual((answer.status, answer.body), (200, b"hello"))

    def test_no_body_where_there_is_none(self):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        self.assertEqual(self.get(head, method="HEAD")[-1].body, b"")
        self.assertEqual(self.get(b"HTTP/1.1 304 Not Modified\r\n\r\n")[-1].body, b"")

    def test_interim_answers_are_kept(self):
        answers = self.get(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nX: 1\r\nX: 2\r\n\r\n"
        )
        self.assertEqual([answer.status for answer in answers], [100, 204])
        self.assertEqual(answers[-1].header("x"), ["1", "2"])

    def test_what_is_not_http_is_said(self):
        for wrong in (b"hello\r\n", b"", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                      b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"):
            with self.assertRaises(client.Broken):
                self.get(wrong)

    def test_a_connection_the_server_closed_is_opened_again(self):
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        connection = client.Connection("127.0.0.1", self.serve(answer, answer))
        self.addCleanup(connection.close)
        for _ in range(2):
            self.assertEqual(connection.exchange(b"GET /\r\n\r\n", b"", "GET")[-1].status, 200)


if __name__ == "__main__":
    unittest.main()
