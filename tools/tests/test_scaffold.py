"""./dev new: what it writes keeps the rules of tidy."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import rules
import scaffold
from rules import conversations, documents, shape, sql


class Scaffold(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="essaim-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def new(self, *arguments):
        """(exit code, what was printed); refusals end with 1 or 2."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                code = scaffold.main(list(arguments), self.root)
            except SystemExit as ended:
                code = ended.code
        return code, out.getvalue()

    def text(self, path):
        return (self.root / path).read_text()

    def keeps(self, rule):
        names = [str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file()]
        found = list(rule(rules.Tree.load(self.root, names)))
        self.assertEqual(found, [])

    def test_a_decision_gets_the_next_number_and_its_parts(self):
        self.assertEqual(self.new("decision", "One file", "per space")[0], 0)
        self.assertEqual(self.new("decision", "another")[0], 0)
        first = self.text("docs/decisions/0001-one-file-per-space.md")
        self.assertTrue(first.startswith("# One file per space\n"))
        second = self.text("docs/decisions/0002-another.md")
        self.assertTrue(second.startswith("# Another\n"))
        self.keeps(documents.decisions_form)

    def test_a_change_is_well_formed(self):
        self.assertEqual(self.new("change")[0], 0)
        self.keeps(documents.changes_form)

    def test_a_transcript_can_be_read(self):
        self.assertEqual(self.new("transcript", "dav/a-folder-is-listed")[0], 0)
        (self.root / "tests/transcripts/fixtures").mkdir()
        (self.root / "tests/transcripts/fixtures/plain.http").write_text("# Plain.\n> GET /\n")
        self.keeps(conversations.transcripts_form)
        self.keeps(conversations.transcripts_named)

    def test_migrations_are_numbered_in_order(self):
        for words in (["core"], ["tags", "of", "nodes"]):
            self.assertEqual(self.new("migration", *words)[0], 0)
        store = self.root / "src/space/store/migrate.cc"
        store.write_text(
            '#include "space/store/migrations/m0001_core.h"\n'
            '#include "space/store/migrations/m0002_tags_of_nodes.h"\n'
        )
        self.keeps(sql.migrations_numbered)
        self.keeps(shape.header_manual)

    def test_a_feature_a_handler_and_a_property_say_which_lines_to_fill(self):
        (self.root / "src/protocols/ocs").mkdir(parents=True)
        for arguments, said in (
            (("feature", "tags"), "essaim_module(features tags DEPENDS core store)"),
            (("handler", "ocs", "shares"), ".read = ocs::shares}"),
            (("property", "nc:has-preview"), '{kNcNs, "has-preview", "nc:has-preview", has'),
        ):
            code, printed = self.new(*arguments)
            self.assertEqual(code, 0, printed)
            self.assertIn(said, printed)
        self.assertIn("namespace essaim::tags", self.text("src/features/tags/tags.cc"))
        self.assertIn("http::Response shares(", self.text("src/protocols/ocs/shares.cc"))
        self.assertTrue((self.root / "tests/transcripts/dav/property-has-preview.http").exists())
        self.keeps(shape.header_manual)

    def test_what_exists_is_not_written_over(self):
        self.new("feature", "tags")
        self.assertEqual(self.new("feature", "tags")[0], 1)

    def test_nonsense_is_refused(self):
        for arguments in ((), ("toy",), ("feature", "Tags"), ("transcript", "dav"), ("decision",),
                          ("property", "x:y"), ("change", "me"), ("handler", "ocs")):  # fmt: skip
            self.assertEqual(self.new(*arguments)[0], 2, arguments)
        self.assertEqual(self.new("handler", "none", "x")[0], 1)


if __name__ == "__main__":
    unittest.main()
