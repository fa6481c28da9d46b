"""What a test script says: one line a promise, and the count as the last line.

    report = Report()
    with report.case("a closed space rests the whole sync"):
        assert folder.sync().code != 0
    report.skip("locks", "class 2 is not offered")
    report.finish()
"""

import contextlib
import sys
import time
import traceback


class Skip(Exception):
    """Raised inside a case that cannot be tried here; its text is the reason."""


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    @contextlib.contextmanager
    def case(self, promise):
        """A promise holds unless its body raises. The script goes on either way."""
        began = time.monotonic()
        try:
            yield
        except Skip as reason:
            self.skip(promise, reason)
        except Exception:  # pylint: disable=broad-except
            self.failed += 1
            print(f"FAILED {promise}", flush=True)
            print("    " + traceback.format_exc().strip().replace("\n", "\n    "), flush=True)
        else:
            self.passed += 1
            print(f"ok {promise} ({time.monotonic() - began:.1f} s)", flush=True)

    def skip(self, promise, reason):
        self.skipped += 1
        print(f"skipped {promise}: {reason}", flush=True)

    def note(self, text):
        """A figure worth keeping: a seed, a count, a size."""
        print(f"    {text}", flush=True)

    def finish(self):
        """Prints the count and ends the script."""
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        sys.exit(1 if self.failed else 0)
