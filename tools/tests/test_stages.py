"""The machinery of ./dev test: counts, stages, programs that end badly."""

import contextlib
import io
import os
import pathlib
import sys
import tempfile
import time
import unittest
from unittest import mock

import common
import gtest
import stages
import test as dev_test

GOOD = """\
[==========] Running 5 tests from 2 test suites.
[  SKIPPED ] A.later (0 ms)
[==========] 5 tests from 2 test suites ran. (12 ms total)
[  PASSED  ] 3 tests.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] A.later
[  FAILED  ] 1 test, listed below:
[  FAILED  ] A.now
"""


class Counting(unittest.TestCase):
    def test_the_last_count_line_counts(self):
        text = "1 passed, 1 failed, 1 skipped\nmore\n4 passed, 0 failed, 2 skipped\nbye\n"
        self.assertEqual(common.last_count(text), common.Count(4, 0, 2))
        self.assertIsNone(common.last_count("4 passed\n"))

    def test_gtest_summaries(self):
        self.assertEqual(gtest.summary(GOOD, 1), common.Count(3, 1, 1))
        self.assertEqual(gtest.summary("Segmentation fault\n", 139), common.Count(0, 1, 0))
        passed = GOOD.replace("[  FAILED  ] 1 test", "")
        self.assertEqual(gtest.summary(passed, 1), common.Count(3, 1, 1), "a sanitizer's report")

    def test_a_program_that_ends_badly_failed_whatever_it_says(self):
        text = "5 passed, 0 failed, 0 skipped"
        self.assertEqual(dev_test.counted(1, text), common.Count(5, 1, 0))
        self.assertEqual(dev_test.counted(0, "no count"), common.Count(0, 1, 0))


class Programs(unittest.TestCase):
    def run_logged(self, code, seconds=20):
        with tempfile.NamedTemporaryFile("w+") as log:
            log.write("before\n")
            return common.run_logged([sys.executable, "-c", code], log, seconds)

    def test_output_and_exit_code(self):
        code, text = self.run_logged("print('hello'); raise SystemExit(3)")
        self.assertEqual((code, text), (3, "hello\n"))

    def test_what_takes_too_long_is_ended_with_what_it_started(self):
        code, text = self.run_logged(
            "import subprocess, time\n"
            "print(subprocess.Popen(['sleep', '60']).pid, flush=True)\ntime.sleep(60)",
            seconds=1,
        )
        self.assertEqual(code, 124)
        state = pathlib.Path(f"/proc/{int(text.split()[0])}/stat")
        until = time.monotonic() + 10  # the signal is sent; dying takes the kernel a moment
        while self.lives(state) and time.monotonic() < until:
            time.sleep(0.01)
        self.assertFalse(self.lives(state))

    @staticmethod
    def lives(state):
        try:
            return state.read_text().split()[2] != "Z"
        except OSError:
            return False


class Stages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="essaim-", dir=common.BUILD)
        self.addCleanup(folder.cleanup)
        logs = mock.patch.object(stages, "LOGS", pathlib.Path(folder.name))
        logs.start()
        self.addCleanup(logs.stop)

    def run_all(self, *chosen):
        out = io.StringIO()
        return stages.run_all(chosen, out), out.getvalue()

    def test_counts_are_summed_and_a_failure_stops_nothing(self):
        def bad(log):
            log.write("this is why\n")
            return common.Count(1, 2, 0)

        def broken(_):
            raise ValueError("oh")

        total, text = self.run_all(
            stages.Stage("one", bad),
            stages.Stage("two", broken),
            stages.Stage("three", lambda log: common.Count(4, 0, 0)),
        )
        self.assertEqual(total, common.Count(5, 3, 0))
        self.assertIn("this is why", text)
        self.assertIn("ValueError('oh')", text)
        self.assertRegex(text, r"three +0\.\d s   4 passed, 0 failed, 0 skipped")

    def test_skips_say_why(self):
        def skips(log):
            log.write("skipped locks: class 2 is not offered\n")
            return common.Count(1, 0, 1)

        self.assertIn("class 2 is not offered", self.run_all(stages.Stage("one", skips))[1])

    def test_what_needs_a_build_that_failed_does_not_run(self):
        with mock.patch("stages.build.build", lambda preset, *_, **__: preset == "good"):
            total, text = self.run_all(
                stages.Build("good"),
                stages.Stage("fine", lambda log: common.Count(passed=1), "good"),
                stages.Build("bad"),
                stages.Stage("never", lambda log: common.Count(passed=100), "bad"),
            )
        self.assertEqual(total, common.Count(2, 2, 0))
        self.assertIn("not run: build bad failed", text)


class Arguments(unittest.TestCase):
    def code(self, *arguments, **environment):
        with contextlib.redirect_stderr(io.StringIO()), mock.patch.dict(os.environ, environment):
            try:
                return dev_test.main(list(arguments))
            except SystemExit as ended:
                return ended.code

    def test_update_is_refused_in_continuous_integration(self):
        self.assertEqual(self.code("--update", "x", CI="true"), 1)

    def test_nonsense_is_wrong_use(self):
        for arguments in (["--everything"], ["a", "b"], ["--update"]):
            self.assertEqual(self.code(*arguments), 2)


if __name__ == "__main__":
    unittest.main()
