"""./dev tidy: every rule of tools/rules over every file of the project.

A rule that we repeat twice in review becomes a rule here; each has a test in tools/tests.
"""

import sys
import time

import common
import fmt
import rules
from rules import conversations, documents, includes, shape, sql, words  # noqa: F401

KNOWN_GOOD = common.BUILD / "tidy-format"  # fingerprints of files that clang-format accepted
KNOWN_GOOD_MAX = 20_000


def format_findings(root):
    """Files that clang-format would change; what it accepted before is not asked again."""
    known = set(KNOWN_GOOD.read_text().split()) if KNOWN_GOOD.exists() else set()
    if len(known) > KNOWN_GOOD_MAX:
        known = set()
    bad = fmt.check(root, known)
    KNOWN_GOOD.parent.mkdir(exist_ok=True)
    KNOWN_GOOD.write_text("\n".join(sorted(known)) + "\n")
    return [rules.Finding(name, 0, "not formatted: run ./dev fmt") for name in bad]


def run(tree, out, more=()):
    """Every rule over `tree`, then `more`: pairs (name, function). Returns the Count."""
    count = common.Count()
    checks = [(name, lambda function=function: function(tree)) for name, function in rules.RULES]
    for name, check in [*checks, *more]:
        findings = sorted(check(), key=lambda finding: (finding.path, finding.line))
        for finding in findings:
            place = f"{finding.path}:{finding.line}" if finding.line else finding.path
            out.write(f"{place}: {finding.text} [{name}]\n")
        if findings:
            count.failed += 1
        else:
            count.passed += 1
    return count


def main(arguments):
    if arguments:
        common.stop("tidy takes no arguments", 2)
    began = time.monotonic()
    tree = rules.Tree.load(common.ROOT, common.tracked_files())
    count = run(tree, sys.stdout, [("format", lambda: format_findings(common.ROOT))])
    print(f"{len(tree.files)} files in {time.monotonic() - began:.1f} s, by rule:")
    print(count)
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
