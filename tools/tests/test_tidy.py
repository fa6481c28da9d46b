"""Each rule of tidy on a small tree that keeps it and one that breaks it."""

import io
import unittest

import rules
import tidy
from rules import cpp, documents
from tidy import conversations, includes, shape, sql, words

CMAKE = """
essaim_module(base core)
essaim_module(base time DEPENDS core)
essaim_module(platform sqlite DEPENDS core LIBS SQLite::SQLite3)  # essaim_module(base no)
essaim_module(space store DEPENDS core sqlite)
essaim_module(features files DEPENDS core store)
essaim_module(features members DEPENDS core LIBS x TEST_DEPENDS store)
essaim_module(protocols dav DEPENDS files)
"""
TABLES = "# who owns what\nnode files\nmember members\n"


class Case(unittest.TestCase):
    def found(self, rule, files):
        """What `rule` finds, as `path:line`."""
        tree = rules.Tree({"CMakeLists.txt": CMAKE, sql.TABLES: TABLES, **files})
        return [f"{each.path}:{each.line}" for each in rule(tree)]

    def keeps(self, rule, files):
        self.assertEqual(self.found(rule, files), [])

    def breaks(self, rule, files, *places):
        self.assertEqual(self.found(rule, files), list(places))


class Includes(Case):
    def test_modules_are_read_from_the_build(self):
        modules = rules.Tree({"CMakeLists.txt": CMAKE}).modules
        self.assertEqual(modules["sqlite"], rules.Module("platform", "sqlite", ("core",)))
        self.assertNotIn("no", modules)

    def test_the_whole_path(self):
        rule, path = includes.include_path_under_src, "src/base/time/clock.cc"
        header = {"src/base/time/clock.h": ""}
        self.keeps(rule, {path: '#include "base/time/clock.h"\n#include <vector>\n', **header})
        self.breaks(rule, {path: '\n#include "clock.h"\n', **header}, f"{path}:2")
        self.breaks(rule, {path: '#include "base/core/../time/clock.h"\n'}, f"{path}:1")
        self.breaks(rule, {path: '#include "base/time/gone.h"\n'}, f"{path}:1")
        self.keeps(rule, {path: '// #include "clock.h"\n'})

    def test_only_declared_modules(self):
        rule, path = includes.include_declared, "src/protocols/dav/get.cc"
        self.keeps(rule, {path: '#include "features/files/f.h"\n#include "protocols/dav/get.h"\n'})
        self.breaks(rule, {path: '#include "space/store/tx.h"\n'}, f"{path}:1")
        self.breaks(rule, {"src/base/none/x.cc": ""}, "src/base/none/x.cc:0")
        path, line = "src/features/members/a", '#include "space/store/tx.h"\n'
        self.keeps(rule, {f"{path}_test.cc": line})
        self.breaks(rule, {f"{path}.cc": line}, f"{path}.cc:1")

    def test_internal_headers(self):
        rule, line = includes.include_internal, '#include "features/files/internal/rows.h"\n'
        self.keeps(rule, {"src/features/files/put.cc": line})
        self.breaks(rule, {"src/protocols/dav/get.cc": line}, "src/protocols/dav/get.cc:1")


class Sql(Case):
    QUERY = 'auto q = R"sql(\n  SELECT id FROM node WHERE id = ?)sql";\n'

    def test_sql_stays_low(self):
        rule = sql.sql_place
        self.keeps(rule, {"src/features/files/find.cc": self.QUERY})
        self.keeps(rule, {"src/platform/sqlite/db.cc": "sqlite3_open();"})
        self.keeps(rule, {"src/protocols/dav/put.cc": '// SELECT id FROM node\nx("DELETE");\n'})
        path = "src/protocols/dav/put.cc"
        self.breaks(rule, {path: "\n" + self.QUERY}, f"{path}:2")
        self.breaks(rule, {path: "sqlite3_open();"}, f"{path}:1")

    def test_only_the_owner_names_a_table(self):
        rule = sql.sql_owner
        self.keeps(rule, {"src/features/files/find.cc": self.QUERY})
        self.keeps(rule, {"src/features/members/a_test.cc": self.QUERY})
        self.keeps(rule, {"src/space/store/migrations/m0001_core.h": self.QUERY})
        path = "src/features/members/a.cc"
        self.breaks(rule, {path: self.QUERY}, f"{path}:1")
        self.breaks(rule, {path: 'f("UPDATE node SET a = 1");'}, f"{path}:1")
        self.breaks(rule, {path: 'f("SELECT 1 FROM member JOIN node ON x");'}, f"{path}:1")

    def test_the_list_of_owners(self):
        self.breaks(sql.sql_owner, {sql.TABLES: "node files\nnode files\n"}, f"{sql.TABLES}:2")
        self.breaks(sql.sql_owner, {sql.TABLES: "node nobody\n"}, f"{sql.TABLES}:1")
        both = {sql.TABLES: "node files members  # why\n"}
        self.keeps(sql.sql_owner, {"src/features/members/a.cc": self.QUERY, **both})
        path = "src/space/store/migrations/m0001_core.h"
        self.keeps(sql.sql_table_listed, {path: 'R"(CREATE TABLE node(id))"'})
        self.breaks(sql.sql_table_listed, {path: 'R"(CREATE TABLE tag(id))"'}, f"{path}:1")

    def test_columns_are_named(self):
        path = "src/features/files/a.cc"
        self.keeps(sql.sql_columns_named, {path: 'f("SELECT count(*) FROM node");'})
        self.breaks(sql.sql_columns_named, {path: 'f("SELECT * FROM node");'}, f"{path}:1")
        self.breaks(sql.sql_columns_named, {path: 'f("SELECT n.* FROM node n");'}, f"{path}:1")

    def test_migrations_are_numbered(self):
        rule, folder = sql.migrations_numbered, "src/space/store/migrations/"
        store = '#include "space/store/migrations/m0001_core.h"\n'
        files = {folder + "m0001_core.h": "", "src/space/store/store.cc": store}
        self.keeps(rule, files)
        self.breaks(rule, {**files, folder + "m0003_late.h": ""}, folder + "m0003_late.h:0")
        twice = {**files, folder + "m0001_twice.h": ""}
        self.breaks(rule, twice, folder + "m0001_twice.h:0")
        self.breaks(rule, {folder + "m0001_core.h": ""}, folder + "m0001_core.h:0")


class Shape(Case):
    def test_files_and_lines(self):
        self.keeps(shape.file_length, {"src/a.cc": "x\n" * 500, "LICENSE": "x\n" * 900})
        self.breaks(shape.file_length, {"tools/a.py": "x\n" * 501}, "tools/a.py:0")
        self.keeps(shape.line_length, {"src/a.cc": "é" * 100})
        self.breaks(shape.line_length, {"src/a.cc": "\n" + "x" * 101}, "src/a.cc:2")

    def body(self, lines):
        return "  f();\n" * lines

    def test_functions(self):
        rule, path = shape.function_length, "src/base/core/a.cc"
        self.keeps(rule, {path: f"int f() {{\n{self.body(68)}}}\n"})
        self.breaks(rule, {path: f"\nint f() {{\n{self.body(69)}}}\n"}, f"{path}:2")
        self.keeps(rule, {path: f"namespace a {{\n{self.body(80)}}}\n"})
        self.keeps(rule, {path: f"class A : B {{\n{self.body(80)}}};\n"})
        long = f"class A {{\n  A() : b_{{1}} {{\n{self.body(70)}}}\n}};\n"
        self.breaks(rule, {path: long}, f"{path}:2")
        many = "int f() { g(); }\n" * 80
        self.keeps(rule, {path: many})
        self.breaks(rule, {"tools/a.py": "def f():\n" + "    f()\n" * 70}, "tools/a.py:1")
        self.breaks(rule, {"tools/a.py": "def f(:\n"}, "tools/a.py:1")

    def test_headers(self):
        rule, path = shape.header_manual, "src/base/core/a.h"
        self.keeps(rule, {path: "// What it is for.\n#pragma once\n"})
        self.breaks(rule, {path: "#pragma once\n"}, f"{path}:1")
        self.breaks(rule, {path: "// What it is for.\n"}, f"{path}:1")

    def test_own_header_first(self):
        rule, path = shape.own_header_first, "src/base/core/a.cc"
        self.keeps(rule, {path: '#include "base/core/a.h"\n#include <b>\n'})
        self.keeps(rule, {path: "#include <b>\n"})
        self.breaks(rule, {path: '#include <b>\n#include "base/core/a.h"\n'}, f"{path}:1")

    def test_notes_for_later(self):
        rule, path = shape.todo_numbered, "src/base/core/a.cc"
        self.keeps(rule, {path: "// TODO(#12): later\n"})
        self.breaks(rule, {path: "\n// TODO: later\n"}, f"{path}:2")
        self.breaks(rule, {path: "// FIXME\n"}, f"{path}:1")

    def test_coroutines_and_exceptions_have_their_place(self):
        path = "src/features/files/a.cc"
        self.keeps(shape.coroutines_place, {"src/platform/loop/a.cc": "co_await x;"})
        self.keeps(shape.coroutines_place, {path: "// co_await"})
        self.breaks(shape.coroutines_place, {path: "co_await x;"}, f"{path}:1")
        self.keeps(shape.exceptions_place, {"src/space/lane/a.cc": "catch (...)"})
        self.breaks(shape.exceptions_place, {path: "throw x;"}, f"{path}:1")


class Words(Case):
    def test_no_place_of_one_machine(self):
        rule = words.words_forbidden
        self.keeps(rule, {"README.md": "the network/work/place, /var/lib, /home, /tmp/x"})
        for wrong in ("/wo{}rk/main", "/ro{}ot/x", "/tmp/bash_{}jobs", "deb.debian{}.org"):
            self.breaks(rule, {"README.md": f"\nsee {wrong.format('')} there"}, "README.md:2")


class Documents(Case):
    def test_links_lead_somewhere(self):
        rule = documents.docs_links
        other = {"docs/a.md": "# One thing\n\n## It's `two`, really\n", "docs/x/y.txt": ""}
        for good in (
            "[a](docs/a.md)", "[a](docs/)", "[a](docs/a.md#one-thing)", "[a](https://x.org/y)",
            "[a](#top)", "`[a](none.md)`", "[a](docs/a.md#its-two-really)", "![a](docs/x/y.txt)",
        ):  # fmt: skip
            self.keeps(rule, {"README.md": f"# Top\n{good}\n", **other})
        for wrong in ("[a](none.md)", "[a](docs/a.md#two)", "[a](#bottom)"):
            self.breaks(rule, {"README.md": f"# Top\n{wrong}\n", **other}, "README.md:2")
        self.keeps(rule, {"README.md": "```\n[a](none.md)\n```\n"})

    def test_paths_in_backticks_exist(self):
        rule, other = documents.docs_paths, {"tools/a.py": ""}
        self.keeps(rule, {"README.md": "`tools/a.py` `tools/` `src/<layer>/x` `a/b`", **other})
        self.breaks(rule, {"README.md": "`tools/b.py`", **other}, "README.md:1")

    def test_the_drawing_of_the_layers(self):
        rule, name = documents.architecture_modules, "ARCHITECTURE.md"
        good = (
            "protocols   dav        the wire\nfeatures    files · members\nspace store\n"
            "platform    sqlite     x\nbase        core · time  knows nobody\n"
        )
        self.keeps(rule, {name: f"```\n{good}```\n"})
        self.breaks(rule, {name: good.replace("files · ", "")}, f"{name}:0")
        self.breaks(rule, {name: good.replace("files · ", "files · gone · ")}, f"{name}:0")

    def test_settings(self):
        rule, name = documents.settings_documented, "docs/operate/configuration.md"
        config = {"src/server/config/config.cc": '{{"domain", "a domain"}}, {{"loops",\n "x"}}'}
        self.keeps(rule, {name: "| `domain` | x |\n| `loops` | x |\n", **config})
        self.breaks(rule, {name: "| `domain` | x |\n", **config}, f"{name}:0")
        rows = "| `domain` |\n| `loops` |\n| `gone` |\n"
        self.breaks(rule, {name: rows, **config}, f"{name}:0")

    def test_named_tests(self):
        rule, name = documents.named_tests, "docs/develop/security.md"
        tests = {
            "src/base/core/a_test.cc": "TEST_F(Suite, does_it) {}\nTEST(Suite,\n     more) {}\n",
            "tests/cli/a_test.py": 'def it_works():\n    case("a promise")\n',
        }
        row = "| 1.2.3 | what | {} |\n"
        for shown in (
            "`src/base/core/a_test.cc::Suite.does_it`",
            "`src/base/core/a_test.cc::Suite.more`",
            "`tests/cli/a_test.py::it_works`",
            "`tests/cli/a_test.py::a promise`",
            "`tests/transcripts/dav/get.http`",
            "**waits**: for pages",
        ):
            self.keeps(rule, {name: row.format(shown), **tests})
        for shown in (
            "`src/base/core/a_test.cc::Suite.does`",
            "`src/base/core/a_test.cc::Other.does_it`",
            "`src/base/core/gone_test.cc::Suite.more`",
            "`tests/cli/a_test.py::it_work`",
        ):
            self.breaks(rule, {"docs/a.md": f"x {shown}\n", **tests}, "docs/a.md:1")
        self.breaks(rule, {name: row.format("yes"), **tests}, f"{name}:1")

    def test_quoted_transcripts(self):
        rule, quote = documents.quoted_transcripts, "text\n```http\n# It.\n> GET /\n```\n"
        played = {"tests/transcripts/dav/it.http": "# It.\n> GET /\n"}
        self.keeps(rule, {"docs/a.md": quote, **played})
        self.breaks(rule, {"docs/a.md": quote}, "docs/a.md:2")

    def test_decisions(self):
        rule, name = documents.decisions_form, "docs/decisions/0001-lane.md"
        text = "# Title\n" + "".join(f"\n## {part}\n\nx\n" for part in documents.DECISION_PARTS)
        self.keeps(rule, {name: text})
        again = "docs/decisions/0001-other.md"
        self.breaks(rule, {name: text, again: text}, f"{again}:0")
        self.breaks(rule, {name: text.replace("## Options", "## Choices")}, f"{name}:0")
        self.breaks(rule, {name: text + "\n" * 100}, f"{name}:0")
        self.breaks(rule, {"docs/decisions/lane.md": text}, "docs/decisions/lane.md:0")

    def test_changes(self):
        rule, name = documents.changes_form, "changes/x.md"
        self.keeps(rule, {name: "People: It is\nnew.\n\nOperators: Nothing to do.\n"})
        for wrong in ("People: New.\n", "It.\n\nOperators: x.\n", "People: x\n\nOperators: x."):
            self.breaks(rule, {name: wrong}, f"{name}:0")

    def test_changelog(self):
        rule, name = documents.changelog_form, "CHANGELOG.md"
        self.keeps(rule, {name: "# Changelog\n\n## 0.2.0, 2026-02-01\n\n## 0.1.10, 2026-01-01\n"})
        self.breaks(rule, {}, f"{name}:0")
        self.breaks(rule, {name: "# Log\n"}, f"{name}:1")
        self.breaks(rule, {name: "# Changelog\n## 0.2\n"}, f"{name}:2")
        backwards = "# Changelog\n## 0.1.0, 2026-01-01\n## 0.2.0, 2026-02-01\n"
        self.breaks(rule, {name: backwards}, f"{name}:3")


class Conversations(Case):
    FIXTURE = {"tests/transcripts/fixtures/plain.http": "# Plain.\n> GET /\n"}
    PATH = "tests/transcripts/dav/a-listing.http"

    def test_form(self):
        rule = conversations.transcripts_form
        self.keeps(rule, {self.PATH: "# It.\n# rfc: 4918 §9.1\n> GET /\n", **self.FIXTURE})
        for wrong in ("", "# It.\n# rfc: §9\n", "# It.\n# space: none\n"):
            files = {self.PATH: wrong + "> GET /\n", **self.FIXTURE}
            self.breaks(rule, files, f"{self.PATH}:0")

    def test_names(self):
        rule = conversations.transcripts_named
        self.keeps(rule, {self.PATH: "", **self.FIXTURE})
        for name in ("dav/test-123.http", "dav/A_b.http", "dav/x-0123abcd.http", "a.http"):
            path = f"tests/transcripts/{name}"
            self.breaks(rule, {path: ""}, f"{path}:0")

    def test_coverage(self):
        rule, page = conversations.coverage_fresh, conversations.coverage.PAGE
        files = {self.PATH: "# It.\n# rfc: 4918 §9.1, §9.10, 9110 §8\n> GET /\n"}
        refused = {conversations.coverage.UNSUPPORTED: "# x\n4918 §9.2: not yet\n"}
        text = conversations.coverage.page({**files, **refused})
        self.assertIn("| §9.2 | not supported: not yet |\n| §9.10 | [dav/a-listing]", text)
        self.keeps(rule, {**files, **refused, page: text})
        self.breaks(rule, {**files, page: text}, f"{page}:0")
        self.breaks(rule, files, f"{page}:0")
        both = {conversations.coverage.UNSUPPORTED: "4918 §9.1: not yet\n"}
        self.breaks(rule, {**files, **both}, f"{conversations.coverage.UNSUPPORTED}:0")


class Cpp(unittest.TestCase):
    def test_comments_and_strings_are_not_code(self):
        source = cpp.Source('a("// no", \'"\'); // yes\n/* b\n*/ R"x(")")x" 1\'000 c\n')
        self.assertEqual([each.text for each in source.literals], ["// no", '")"'])
        self.assertEqual([each.line for each in source.comments], [1, 2])
        self.assertEqual(source.code.split(), ["a(", ",", ");", "1'000", "c"])

    def test_functions_are_found(self):
        source = cpp.Source(
            "#define X(a) \\\n  { a }\nnamespace n {\nenum class E : int { a, b };\n"
            "struct S {\n  int x{1};\n  S() : x{2}, y(3) { f(); }\n};\n"
            "template <class T>\nauto f(T t = {}) -> int {\n  if (t) { g(); }\n"
            "  auto l = [] { return 1; };\n}\nTEST(A, B) {\n}\nint a[] = {1, 2};\n}\n"
        )
        lines = [(each.first, each.last) for each in source.functions]
        self.assertEqual(lines, [(7, 7), (9, 13), (14, 15)])


class Report(unittest.TestCase):
    def test_findings_are_printed_with_their_rule_and_counted(self):
        out = io.StringIO()
        files = {"src/base/a/b.h": "x\n", "CHANGELOG.md": "# Changelog\n"}
        count = tidy.run(rules.Tree(files), out)
        said = "src/base/a/b.h:1: `#pragma once` is missing [header-manual]\n"
        self.assertIn(said, out.getvalue())
        self.assertEqual((count.failed, count.passed), (2, len(rules.RULES) - 2))


if __name__ == "__main__":
    unittest.main()
