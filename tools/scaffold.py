"""./dev new <what> <name>: writes the files of a new thing, prints which lines to fill."""

import re
import sys

import common
from rules import documents

USAGE = """\
./dev new handler <protocol> <name>         one file, one declaration, one route, one transcript
./dev new feature <name>                    a module under src/features
./dev new property <prefix>:<name>          a row and a getter of the WebDAV property table
./dev new migration <words>                 the next file of the list of migrations
./dev new transcript <protocol>/<promise>   a conversation to fill
./dev new decision <title>                  the next decision record
./dev new change                            what this branch changes, for people and for operators
"""

TRANSCRIPT = """\
# {sentence}
# rfc: 9110 §9.3.1     space: fixtures/plain     as: lea
> GET {target}
"""

HANDLER = """\
#include "protocols/{protocol}/handlers.h"

namespace essaim::{protocol} {{

http::Response {name}(store::ReadTx&, const call::Call&) {{
  http::Response response;
  response.status = 501;
  return response;
}}

}}  // namespace essaim::{protocol}
"""

FEATURE_HEADER = """\
// {title}: in one sentence, what people can do with it.
#pragma once

#include "base/core/error.h"
#include "space/store/tx.h"

namespace essaim::{name} {{

}}  // namespace essaim::{name}
"""

FEATURE_SOURCE = """\
#include "features/{name}/{name}.h"

namespace essaim::{name} {{

}}  // namespace essaim::{name}
"""

FEATURE_TEST = """\
#include "features/{name}/{name}.h"

#include <gtest/gtest.h>

namespace essaim::{name} {{
namespace {{

}}  // namespace
}}  // namespace essaim::{name}
"""

MIGRATION = """\
// Migration {number}: {title}. Forward only, never edited after a release.
#pragma once

#include "platform/sqlite/database.h"

namespace essaim::store::migrations {{

inline constexpr sqlite::Sql k{constant} = R"sql(
)sql";

}}  // namespace essaim::store::migrations
"""

PROPERTY_HINT = """\
bool {name}(std::string& out, const Node& node, const Sources&) {{
  return false;  // not on this node: the 404 block
}}
      {{{constant}, "{wire}", "{prefix}:{wire}", {name}, kNamed}},"""

WORD = re.compile(r"^[a-z][a-z0-9_]*$")


def write(root, path, text):
    target = root / path
    if target.exists():
        common.stop(f"{path} exists already")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"wrote   {path}")


def fill(path, hint):
    print(f"fill in {path}:")
    for line in hint.splitlines():
        print(f"    {line}")


def word(text, what):
    if not WORD.match(text):
        common.stop(f"{what} is lower-case letters, digits and _: '{text}' is not", 2)
    return text


def dashes(words):
    text = re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")
    return text or common.stop("a few words, please", 2)


def camel(words):
    return "".join(part.capitalize() for part in re.split(r"[^a-zA-Z0-9]+", words))


def new_handler(root, arguments):
    if len(arguments) != 2:
        common.stop("new handler <protocol> <name>", 2)
    protocol, name = word(arguments[0], "a protocol"), word(arguments[1], "a handler")
    if not (root / "src/protocols" / protocol).is_dir():
        common.stop(f"there is no src/protocols/{protocol}")
    write(
        root,
        f"src/protocols/{protocol}/{name}.cc",
        HANDLER.format(protocol=protocol, name=name),
    )
    new_transcript(root, [f"{protocol}/{name.replace('_', '-')}"])
    declared = f"http::Response {name}(store::ReadTx& tx, const call::Call& call);"
    hint = f"// What it does, and its RFC section.\n{declared}"
    fill(f"src/protocols/{protocol}/handlers.h", hint)
    row = f'{{.area = Area::…, .method = "GET", .sign_in = kMember, .read = {protocol}::{name}}},'
    fill("src/server/router/routes.cc", row)


def new_feature(root, arguments):
    if len(arguments) != 1:
        common.stop("new feature <name>", 2)
    name = word(arguments[0], "a feature")
    folder = f"src/features/{name}/{name}"
    write(root, f"{folder}.h", FEATURE_HEADER.format(name=name, title=name.capitalize()))
    write(root, f"{folder}.cc", FEATURE_SOURCE.format(name=name))
    write(root, f"{folder}_test.cc", FEATURE_TEST.format(name=name))
    fill("CMakeLists.txt", f"essaim_module(features {name} DEPENDS core store)")
    fill("docs/decisions/", "an arrow to another feature needs a record: ./dev new decision")


def new_property(root, arguments):
    parts = arguments[0].split(":") if len(arguments) == 1 else []
    if len(parts) != 2 or parts[0] not in ("d", "oc", "nc"):
        common.stop("new property d:<name>, oc:<name> or nc:<name>", 2)
    prefix, wire = parts
    name = word(re.sub(r"[^a-z0-9]+", "_", wire.lower()), "a property")
    constant = {"d": "kDavNs", "oc": "kOcNs", "nc": "kNcNs"}[prefix]
    new_transcript(root, [f"dav/property-{wire.lower().replace('_', '-')}"])
    hint = PROPERTY_HINT.format(name=name, wire=wire, prefix=prefix, constant=constant)
    fill("src/protocols/dav/properties.cc", hint)


def new_migration(root, arguments):
    if not arguments:
        common.stop("new migration <words>", 2)
    name = dashes(arguments).replace("-", "_")
    folder = root / "src/space/store/migrations"
    number = len(list(folder.glob("m*.h"))) + 1
    file = f"m{number:04}_{name}.h"
    constant = camel(name)
    text = MIGRATION.format(number=number, title=" ".join(arguments), constant=constant)
    write(root, f"src/space/store/migrations/{file}", text)
    hint = f'#include "space/store/migrations/{file}"\nmigrations::k{constant},'
    fill("src/space/store/migrate.cc", hint)
    fill("tools/rules/tables.txt", "<table> <module that owns it>, for each new table")


def new_transcript(root, arguments):
    parts = arguments[0].removesuffix(".http").split("/") if len(arguments) == 1 else []
    if len(parts) != 2:
        common.stop("new transcript <protocol>/<promise-in-words>", 2)
    protocol, name = word(parts[0], "a protocol"), dashes([parts[1]])
    sentence = name.replace("-", " ").capitalize() + "."
    target = "/ocs/v2.php/…" if protocol == "ocs" else "/remote.php/dav/files/lea/"
    path = f"tests/transcripts/{protocol}/{name}.http"
    write(root, path, TRANSCRIPT.format(sentence=sentence, target=target))
    fill(path, f"the sentence, the request; then ./dev test --update {protocol}/{name}")


def new_decision(root, arguments):
    if not arguments:
        common.stop("new decision <title>", 2)
    folder = root / documents.DECISIONS
    numbers = [int(path.name[:4]) for path in folder.glob("[0-9]*.md")]
    number = max(numbers, default=0) + 1
    title = " ".join(arguments)
    parts = "".join(f"\n## {part}\n\n…\n" for part in documents.DECISION_PARTS)
    write(
        root,
        f"{documents.DECISIONS}{number:04}-{dashes(arguments)}.md",
        f"# {title[0].upper()}{title[1:]}\n{parts}",
    )


def new_change(root, arguments):
    if arguments:
        common.stop("new change takes no name: the file is named after the branch", 2)
    code, text = common.output_of(["git", "branch", "--show-current"], cwd=root)
    branch = dashes([text.strip() if code == 0 and text.strip() else "change"])
    write(
        root,
        f"{documents.CHANGES}{branch}.md",
        "People: what they notice, in one sentence.\n\n"
        "Operators: what to do on the upgrade, in one sentence.\n",
    )


def main(arguments, root=common.ROOT):
    kinds = {name[4:]: thing for name, thing in globals().items() if name.startswith("new_")}
    if not arguments or arguments[0] not in kinds:
        print(USAGE, end="", file=sys.stderr)
        return 2
    kinds[arguments[0]](root, arguments[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
