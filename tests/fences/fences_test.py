"""Tries to break each fence of the dependency rule in a tiny project, and expects to be stopped.

The project is made of this checkout's cmake/ and four small modules. Each test changes one thing:
an arrow at configure, an include at compile, a header at the header check, an include at tidy.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import common  # noqa: E402  (its path comes first)
import rules  # noqa: E402
from rules import includes  # noqa: E402

PROJECT = """\
cmake_minimum_required(VERSION 3.25)
project(fences LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 23)
set(ESSAIM_TESTS OFF)
include(cmake/flags.cmake)
include(cmake/essaim_module.cmake)
@MODULES@
essaim_collect()
"""
MODULES = """\
essaim_module(base core)
essaim_module(formats uri DEPENDS core)
essaim_module(space store DEPENDS uri)
essaim_module(features files DEPENDS store)
"""
FILES = {
    "src/base/core/core.h": "// Core.\n#pragma once\nint core();\n",
    "src/base/core/core.cc": '#include "base/core/core.h"\nint core() { return 1; }\n',
    "src/formats/uri/uri.h": '// Uri.\n#pragma once\n#include "base/core/core.h"\nint uri();\n',
    "src/formats/uri/uri.cc": '#include "formats/uri/uri.h"\nint uri() { return core(); }\n',
    "src/space/store/store.h": "// Store.\n#pragma once\nint store();\n",
    "src/space/store/store.cc": (
        '#include "space/store/store.h"\n\n#include "formats/uri/uri.h"\n'
        "int store() { return uri(); }\n"
    ),
    "src/features/files/files.h": "// Files.\n#pragma once\nint files();\n",
    "src/features/files/files.cc": (
        '#include "features/files/files.h"\n\n#include "space/store/store.h"\n'
        "int files() { return store(); }\n"
    ),
}


class Fences(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="essaim-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copytree(ROOT / "cmake", self.folder / "cmake")
        self.files = dict(FILES)
        self.modules = MODULES

    def write(self):
        files = {**self.files, "CMakeLists.txt": PROJECT.replace("@MODULES@", self.modules)}
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run_cmake(self, *arguments):
        done = subprocess.run(
            ["cmake", *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, " ".join(done.stdout.split())

    def configure(self):
        self.write()
        return self.run_cmake(
            "-G", "Ninja", "-S", ".", "-B", "build",
            "-DCMAKE_CXX_COMPILER=g++", "-DCMAKE_CXX_COMPILER_WORKS=1",
        )  # fmt: skip

    def build(self, target="all"):
        code, text = self.configure()
        self.assertEqual(code, 0, text)
        return self.run_cmake("--build", "build", "--target", target)

    def stopped_at_configure(self, modules, said):
        self.modules = modules
        code, text = self.configure()
        self.assertNotEqual(code, 0)
        self.assertIn(said, text)

    def tidy(self):
        self.write()
        tree = rules.Tree.load(self.folder, common.tracked_files(self.folder))
        of_includes = [rule for _, rule in rules.RULES if rule.__module__ == includes.__name__]
        return [finding.text for rule in of_includes for finding in rule(tree)]

    def test_an_honest_project_passes_every_fence(self):
        code, text = self.build()
        self.assertEqual(code, 0, text)
        code, text = self.run_cmake("--build", "build", "--target", "headers")
        self.assertEqual(code, 0, text)
        self.assertEqual(self.tidy(), [])

    def test_configure_stops_an_arrow_that_points_up(self):
        self.files["src/space/lane/lane.h"] = "// Lane.\n#pragma once\n"
        self.stopped_at_configure(
            MODULES + "essaim_module(space lane DEPENDS files)\n",
            "space/lane may not use features/files",
        )

    def test_configure_stops_a_module_named_among_the_outside_libraries(self):
        self.stopped_at_configure(
            MODULES.replace("(formats uri DEPENDS core)", "(formats uri DEPENDS core LIBS store)"),
            "formats/uri names the module 'store' under LIBS",
        )

    def test_configure_stops_an_arrow_over_a_layer_that_is_not_allowed(self):
        self.files["src/platform/loop/loop.h"] = "// Loop.\n#pragma once\n"
        self.stopped_at_configure(
            "essaim_module(platform loop)\n"
            + MODULES.replace("files DEPENDS store", "files DEPENDS store loop"),
            "features/files may not use platform/loop",
        )

    def test_configure_stops_a_cycle(self):
        self.files["src/features/shares/shares.h"] = "// Shares.\n#pragma once\n"
        modules = MODULES.replace("files DEPENDS store", "files DEPENDS store shares")
        self.stopped_at_configure(
            modules + "essaim_module(features shares DEPENDS files)\n",
            "features/files depends on 'shares', which is not declared before it",
        )

    def test_configure_stops_a_module_that_depends_on_itself(self):
        self.stopped_at_configure(
            MODULES.replace("essaim_module(base core)", "essaim_module(base core DEPENDS core)"),
            "base/core depends on 'core', which is not declared before it",
        )

    def test_configure_stops_a_layer_that_does_not_exist(self):
        self.stopped_at_configure("essaim_module(basement core)\n", "'basement' is not a layer")

    def test_configure_stops_a_module_without_a_folder(self):
        self.stopped_at_configure(
            MODULES + "essaim_module(server main)\n", "server/main is declared but its folder"
        )

    def test_compile_stops_an_include_of_a_module_that_is_not_linked(self):
        self.files["src/formats/uri/uri.cc"] += '#include "space/store/store.h"\n'
        code, text = self.build()
        self.assertNotEqual(code, 0)
        self.assertIn("space/store/store.h: No such file or directory", text)

    def test_header_check_stops_a_header_that_does_not_compile_alone(self):
        self.files["src/features/files/files.h"] += "std::string name();\n"
        self.files["src/features/files/files.cc"] = (
            "#include <string>\n" + self.files["src/features/files/files.cc"]
        )
        code, text = self.build()
        self.assertEqual(code, 0, text)
        code, text = self.run_cmake("--build", "build", "--target", "headers")
        self.assertNotEqual(code, 0)
        self.assertIn("does not name a type", text)

    def test_tidy_stops_an_include_reachable_only_through_someone_else(self):
        self.files["src/features/files/files.cc"] += '#include "formats/uri/uri.h"\n'
        code, text = self.build()
        self.assertEqual(code, 0, text)
        self.assertEqual(
            self.tidy(), ['"formats/uri/uri.h": files does not name uri in DEPENDS']
        )

    def test_tidy_stops_the_inside_of_another_module(self):
        self.files["src/space/store/internal/rows.h"] = "// Rows.\n#pragma once\n"
        self.files["src/features/files/files.cc"] += '#include "space/store/internal/rows.h"\n'
        code, text = self.build()
        self.assertEqual(code, 0, text)
        self.assertEqual(
            self.tidy(), ['"space/store/internal/rows.h" is internal to its module']
        )

    def test_tidy_stops_a_way_around_the_path(self):
        self.files["src/features/files/files.cc"] += '#include "space/store/../store/store.h"\n'
        self.assertEqual(
            self.tidy(), ['"space/store/../store/store.h": no `..` in an include']
        )


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=2).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(Fences)
    )
    failed = len(result.failures) + len(result.errors)
    print(common.Count(result.testsRun - failed - len(result.skipped), failed, len(result.skipped)))
    sys.exit(1 if failed else 0)
