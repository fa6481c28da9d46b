"""./dev docs: makes the generated pages, then builds everything into build/docs; broken links fail.

In the repository it rewrites docs/protocols/coverage.md. build/docs gets the documents as they are,
and for each protocol one page with its transcripts word for word.
"""

import pathlib
import re
import shutil
import sys

import common
import coverage
import rules
from rules import documents
from wire import format

OUT = common.BUILD / "docs"
TRANSCRIPT_LINK = re.compile(r"\(\.\./\.\./tests/transcripts/([\w-]+)/([\w-]+)\.http\)")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")


def protocols(files):
    """{protocol: page} made of the transcripts of each folder."""
    pages = {}
    for path, text in sorted(files.items()):
        if not path.startswith(coverage.TRANSCRIPTS) or not path.endswith(".http"):
            continue
        folder, name = path.removeprefix(coverage.TRANSCRIPTS).split("/", 1)
        if folder == "fixtures":
            continue
        sentence = format.parse(path, text).sentence
        page = pages.setdefault(folder, [f"# {folder}: the conversations that are tested\n"])
        title = name.removesuffix(".http").replace("-", " ")
        page.append(f"## {title}\n\n{sentence}\n\n```http\n{text.rstrip()}\n```\n")
    return {folder: "\n".join(parts) for folder, parts in pages.items()}


def refresh_coverage(files):
    """Writes the coverage page when it changed; its text is part of `files` afterwards."""
    if not any(path.startswith(coverage.TRANSCRIPTS) for path in files):
        return
    text = coverage.page(files)
    if files.get(coverage.PAGE) != text:
        path = common.ROOT / coverage.PAGE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"{coverage.PAGE} is new: commit it")
        files[coverage.PAGE] = text


def write(out, files):
    """Writes the documents and the protocol pages; returns how many."""
    shutil.rmtree(out, ignore_errors=True)
    wanted = {
        path: text
        for path, text in files.items()
        if path in DOCUMENTS or path == "LICENSE" or path.startswith("docs/")
    }
    for folder, text in protocols(files).items():
        wanted[f"docs/protocols/{folder}.md"] = text
    if coverage.PAGE in wanted:
        wanted[coverage.PAGE] = TRANSCRIPT_LINK.sub(r"(\1.md#\2)", wanted[coverage.PAGE])
    for path, text in wanted.items():
        target = pathlib.Path(out) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return len(wanted)


def main(arguments):
    if arguments:
        common.stop("docs takes no arguments", 2)
    tree = rules.Tree.load(common.ROOT, common.tracked_files())
    try:
        refresh_coverage(tree.files)
        pages = write(OUT, tree.files)
    except format.Malformed as error:
        common.stop(str(error))
    broken = [*documents.docs_links(tree), *documents.docs_paths(tree)]
    for finding in broken:
        print(f"{finding.path}:{finding.line}: {finding.text}")
    print(f"{pages} pages in {OUT.relative_to(common.ROOT)}")
    print(common.Count(passed=pages, failed=len(broken)))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
