"""The runner from the outside: transcripts in a folder, played on the fake server."""

import contextlib
import io
import pathlib
import tempfile
import unittest
from unittest import mock

import transcripts
from tests import fake_essaim

FAKE = pathlib.Path(__file__).with_name("fake_essaim.py")

PLAIN = """\
# A space with two members.
# members: lea (gestion), marc     as: lea
> PUT /hello.txt
>
> hello
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="essaim-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        fast = mock.patch("transcripts.servers.Server", fake_essaim.InProcess)
        fast.start()
        self.addCleanup(fast.stop)
        (self.folder / "fixtures").mkdir()
        (self.folder / "dav").mkdir()
        (self.folder / "fixtures" / "plain.http").write_text(PLAIN)

    def write(self, text, name="dav/it.http"):
        (self.folder / name).write_text(text)

    def read(self, name="dav/it.http"):
        return (self.folder / name).read_text()

    def play(self, *arguments):
        """(exit code, what was printed)"""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = transcripts.main(
                ["--essaim", str(FAKE), "--folder", str(self.folder), "--jobs", "2", *arguments]
            )
        return code, out.getvalue()


class Playing(Folder):
    def test_a_conversation_that_holds_passes(self):
        self.write(
            "# A file is written and read.\n# as: lea\n"
            "> PUT /a.txt\n>\n> one\n> two\n\n< 201\n< ETag: {etag:a}\n< !Last-Modified\n\n"
            "> GET /a.txt\n\n< 200\n<\n< one\n< two\n\n"
            "> GET /hello.txt\n\n< 200\n<\n< hello\n"
        )
        self.assertEqual(self.play(), (0, "1 passed, 0 failed, 0 skipped\n"))

    def test_each_transcript_has_a_space_of_its_own(self):
        for name in ("one", "two", "three"):
            self.write("# It is new.\n# as: lea\n> PUT /a\n>\n> x\n\n< 201\n", f"dav/{name}.http")
        self.assertEqual(self.play(), (0, "3 passed, 0 failed, 0 skipped\n"))

    def test_the_filter_chooses_by_path(self):
        self.write("# Good.\n# as: lea\n> GET /hello.txt\n", "dav/good.http")
        self.write("# Bad.\n# as: lea\n> GET /nothing\n", "dav/bad.http")
        self.assertEqual(self.play("good"), (0, "1 passed, 0 failed, 0 skipped\n"))
        self.assertEqual(self.play("nowhere"), (0, "0 passed, 0 failed, 0 skipped\n"))

    def test_who_is_calling_comes_from_the_settings(self):
        self.write(
            "# Nobody, a token, a password, and a header of its own.\n"
            "> GET /hello.txt\n\n< 401\n\n"
            "# as: marc\n> GET /hello.txt\n\n< 200\n\n"
            "# as: marc (password)\n> GET /hello.txt\n\n< 200\n\n"
            "> GET /hello.txt\n> Authorization: Basic {basic:lea}\n\n< 200\n\n"
            "# as: marc\n> GET /hello.txt\n> !Authorization\n\n< 401\n"
        )
        self.assertEqual(self.play(), (0, "1 passed, 0 failed, 0 skipped\n"))

    def test_a_command_is_a_step(self):
        self.write(
            "# A suspended space is closed.\n# as: lea\n> GET /hello.txt\n\n"
            "$ essaim space suspend {slug}\n\n> GET /hello.txt\n\n< 503\n< Retry-After: 120\n\n"
            "# exit: 1\n$ essaim space create {slug} --name Again\n"
        )
        self.assertEqual(self.play(), (0, "1 passed, 0 failed, 0 skipped\n"))

    def test_a_second_space_is_named_other(self):
        self.write(
            "# A token of one space is unknown in another.\n# as: lea     also: fixtures/plain\n"
            "> GET /hello.txt\n> Host: {host:other}\n\n< 401\n\n"
            "> GET /hello.txt\n> Host: {host:other}\n> Authorization: Basic {basic:other-lea}\n\n"
            "< 200\n"
        )
        self.assertEqual(self.play(), (0, "1 passed, 0 failed, 0 skipped\n"))

    def test_a_restart_gets_a_server_of_its_own(self):
        self.write(
            "# What was in memory is gone.\n# as: lea\n> GET /hello.txt\n\n"
            "# server: restart\n> GET /hello.txt\n\n< 404\n"
        )
        self.write("# Another.\n# as: lea\n> GET /hello.txt\n", "dav/other.http")
        self.assertEqual(self.play(), (0, "2 passed, 0 failed, 0 skipped\n"))


class Catching(Folder):
    def refused(self, text, *said):
        self.write("# It does not hold.\n# as: lea\n" + text)
        code, printed = self.play()
        self.assertEqual(code, 1)
        self.assertTrue(printed.endswith("0 passed, 1 failed, 0 skipped\n"), printed)
        for each in said:
            self.assertIn(each, printed)

    def test_a_wrong_status(self):
        self.refused("> GET /hello.txt\n\n< 201\n", "dav/it.http:5", "expected 201, found 200")

    def test_a_request_without_an_answer_that_is_not_2xx(self):
        self.refused("> GET /nothing\n", "dav/it.http:3", "2xx is expected")

    def test_a_wrong_header(self):
        self.refused(
            "> GET /hello.txt\n\n< 200\n< Content-Type: text/html\n",
            "Content-Type: expected 'text/html', found 'text/plain'",
        )

    def test_a_missing_header(self):
        self.refused(
            "> GET /hello.txt\n\n< 200\n< ETag: {*}\n", "ETag: expected '{*}', found nothing"
        )

    def test_a_header_that_must_be_absent(self):
        self.refused("> GET /hello.txt\n\n< 200\n< !Content-Type\n", "Content-Type: must be absent")

    def test_a_wrong_body(self):
        self.refused("> GET /hello.txt\n\n< 200\n<\n< hullo\n", "body: expected 'hullo'", "hello")

    def test_a_body_that_must_be_empty(self):
        self.refused("> GET /hello.txt\n\n< 200\n<\n", "body: expected ''")

    def test_a_captured_value_that_changed(self):
        self.refused(
            "> PUT /a\n>\n> x\n\n< 201\n< ETag: {etag:a}\n\n"
            "> PUT /a\n>\n> longer\n\n< 204\n< ETag: {etag:a}\n",
            "ETag: expected '{etag:a}=",
        )

    def test_a_value_that_is_not_of_its_kind(self):
        self.refused(
            "> PUT /a\n>\n> x\n\n< 201\n< ETag: {number:a}\n", "ETag: expected '{number:a}'"
        )

    def test_a_hole_that_nothing_filled(self):
        self.refused("> GET /hello.txt\n> If-Match: {etag:a}\n", "{etag:a} has no value yet")

    def test_xml_that_means_something_else(self):
        self.refused(
            "> PROPFIND /hello.txt\n\n< 207\n<\n"
            '< <m xmlns="DAV:"><response/></m>\n',
            "/m: found <d:multistatus> (DAV:)",
        )

    def test_xml_that_is_not_well_formed(self):
        self.refused("> PROPFIND /hello.txt\n\n< 207\n<\n< <d:multistatus\n", "is not xml")

    def test_json_that_means_something_else(self):
        self.refused(
            '> PUT /a.json\n>\n> {"a": 1}\n\n< 201\n\n> GET /a.json\n\n< 200\n<\n< {"a": 2}\n',
            "$.a: expected 2, found 1",
        )

    def test_an_unknown_member(self):
        self.refused("# as: nora\n> GET /hello.txt\n", "the space has no such member")

    def test_a_command_that_ends_otherwise(self):
        self.refused("$ essaim space create {slug} --name Again\n", "ended with 1, not 0")

    def test_a_file_that_is_not_a_transcript(self):
        self.refused("GET /hello.txt\n", "dav/it.http:3: a step starts with")

    def test_an_unknown_fixture(self):
        self.write("# It.\n# space: fixtures/none\n> GET /\n")
        self.assertIn("there is no fixture 'fixtures/none'", self.play()[1])

    def test_a_server_that_ends_badly(self):
        self.write("# Good.\n# as: lea\n> GET /hello.txt\n")
        with mock.patch.object(fake_essaim.InProcess, "ends_with", 7):
            code, printed = self.play()
        self.assertEqual(code, 1)
        self.assertIn("the server ended with 7", printed)
        self.assertTrue(printed.endswith("1 passed, 1 failed, 0 skipped\n"))


class Updating(Folder):
    def updated(self, before, after):
        head = "# It is rewritten.\n# as: lea\n"
        self.write(head + before)
        self.assertEqual(self.play("--update")[0], 0)
        self.assertEqual(self.read(), head + after)
        self.assertEqual(self.play("--update")[0], 0)
        self.assertEqual(self.read(), head + after, "a second update changes nothing")
        self.assertEqual(self.play()[0], 0)

    def test_what_holds_is_left_alone(self):
        text = "> GET /hello.txt\n\n< 200\n< content-type: {*}\n<\n< h…\n"
        self.updated(text, text)

    def test_status_header_and_body_are_rewritten(self):
        self.updated(
            "> GET /hello.txt\n\n< 404\n< Content-Type: text/html\n<\n< nothing\n\n"
            "# End.\n> GET /no\n\n< 404\n",
            "> GET /hello.txt\n\n< 200\n< Content-Type: text/plain\n<\n< hello\n\n"
            "# End.\n> GET /no\n\n< 404\n",
        )

    def test_a_missing_answer_is_added_with_holes_for_what_changes(self):
        self.updated(
            "> PUT /a\n>\n> x\n",
            "> PUT /a\n>\n> x\n\n< 201\n< Content-Type: text/plain\n< ETag: {etag:a}\n",
        )

    def test_a_listing_gets_holes_and_keeps_its_gap(self):
        self.updated(
            "> PROPFIND /hello\n\n< 207\n<\n"
            '< <d:multistatus xmlns:d="DAV:">\n'
            "< <d:response><d:href>/hello.txt</d:href>…</d:response>\n"
            "< <d:response/></d:multistatus>\n",
            "> PROPFIND /hello\n\n< 207\n<\n"
            '< <d:multistatus xmlns:d="DAV:">\n'
            "<   <d:response>\n<     <d:href>/hello.txt</d:href>\n<     …\n<   </d:response>\n"
            "< </d:multistatus>\n",
        )

    def test_a_new_listing_names_its_holes_after_the_paths(self):
        self.updated(
            "> PROPFIND /hello\n",
            "> PROPFIND /hello\n\n< 207\n< Content-Type: application/xml; charset=utf-8\n<\n"
            '< <d:multistatus xmlns:d="DAV:">\n'
            "<   <d:response>\n<     <d:href>/hello.txt</d:href>\n"
            "<     <d:propstat>\n"
            "<       <d:prop>\n"
            "<         <d:getetag>{etag:hello.txt}</d:getetag>\n"
            "<         <d:getcontentlength>5</d:getcontentlength>\n"
            "<       </d:prop>\n"
            "<       <d:status>HTTP/1.1 200 OK</d:status>\n"
            "<     </d:propstat>\n<   </d:response>\n< </d:multistatus>\n",
        )

    def test_json_keeps_its_holes_and_gaps(self):
        put = '> PUT /a.json\n>\n> {"id": 5, "b": [1, 2], "c": "x"}\n\n< 201\n\n'
        self.updated(
            put + '> GET /a.json\n\n< 200\n<\n< {"id": {number:id}, "b": [1, 3], …}\n',
            put + '> GET /a.json\n\n< 200\n<\n< {"id": {number:id}, "b": [1, 2], …}\n',
        )


if __name__ == "__main__":
    unittest.main()
