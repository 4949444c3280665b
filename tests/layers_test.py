#!/usr/bin/env python3
"""layers_test: the rules of the source tree that a compiler does not see.

    tests/layers_test.py               check the tree
    tests/layers_test.py --self-test   plant a breach of each rule in a copy and see that it is found

The table is tests/layers.toml. Rules: who may include whom; no opinion in a dissector's words; no reinterpret_cast outside
src/wire/; nothing marked as unfinished; every dissector has its README, tests, fuzz target and line in dissectors/all.cpp.
"""
import argparse
import pathlib
import re
import shutil
import sys
import tempfile
import tomllib

from checks import Checks
from tree import ROOT, files

TABLE = tomllib.loads((pathlib.Path(__file__).parent / "layers.toml").read_text())
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)
STANDARD = re.compile(r"^[a-z_0-9]+$")  # <vector>, <cstdint>
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
SUFFIXES = (".cpp", ".hpp", ".md")
TEMPLATE = "_template"  # compiled and tested, never registered


class Tree:
    """The sources and pages below one root and what the rules ask of them. `paths` are relative to the root."""

    def __init__(self, root, paths):
        self.root = root
        self.sources = {path: (root / path).read_text(errors="replace") for path in paths if path.suffix in SUFFIXES}
        self.paths = set(paths)

        self.tests = {path for path in self.sources if path.stem.endswith(("_test", "_fuzz"))}
        self._find_test_headers()

    def _find_test_headers(self):
        """Add headers to `tests` that only tests include, directly or through each other."""
        includers = {}
        for path, text in self.sources.items():
            for quoted, _ in INCLUDE.findall(text):
                if target := self.file(quoted):
                    includers.setdefault(target, set()).add(path)
        while more := {header for header, by in includers.items() if by <= self.tests} - self.tests:
            self.tests |= more

    def file(self, included):
        """The path that an #include "..." names, below src/ or the root; None when there is none."""
        target = pathlib.PurePosixPath(included)
        return next((path for path in (target, "src" / target) if path in self.paths), None)

    def dissectors(self):
        return sorted({path.parts[1] for path in self.paths if path.parts[0] == "dissectors" and len(path.parts) > 2})


def layer_of(path):
    """The layer of a file, and its dissector's folder where it has one; (None, None) outside the layers."""
    if path.parts[0] == "dissectors":
        return ("registry", None) if len(path.parts) == 2 else ("dissector", path.parts[1])
    if path.parts[0] == "src":
        return ("main", None) if len(path.parts) == 2 else (path.parts[1], None)
    return None, None


def third_party(header):
    """The third party that a <header> belongs to, "standard", or None when nobody knows it."""
    if STANDARD.match(header):
        return "standard"
    return next((name for name, pattern in TABLE["third"].items() if re.search(pattern, header)), None)


def include_breaches(tree):
    """Each #include that the table does not allow."""
    for path, text in tree.sources.items():
        layer, folder = layer_of(path)
        if layer is None or path.suffix == ".md":
            continue
        if layer not in TABLE["layer"]:
            yield f"{path}: tests/layers.toml knows no layer '{layer}'"
            continue
        allowed = TABLE["layer"][layer]
        ours, third = {layer, *allowed.get("ours", [])}, set(allowed.get("third", []))
        if path in tree.tests:
            for more in (TABLE["tests"], TABLE["tests"]["more"].get(str(path), {})):
                ours |= set(more.get("ours", []))
                third |= set(more.get("third", []))
        for quoted, angled in INCLUDE.findall(text):
            if angled:
                owner = third_party(angled)
                if owner != "standard" and owner not in third:
                    yield f"{path}: layer {layer} includes <{angled}> ({owner or 'a third party that the table does not name'})"
                continue
            target = tree.file(quoted)
            if target is None:
                yield f'{path}: includes "{quoted}", which is no file below src/ or the root'
                continue
            other, other_folder = layer_of(target)
            if other == "dissector" and layer == "dissector" and other_folder != folder:
                yield f'{path}: dissector {folder} includes "{quoted}" of another dissector'
            elif other not in ours:
                yield f'{path}: layer {layer} includes "{quoted}" of layer {other}'


def vocabulary_breaches(tree):
    """Words of opinion below dissectors/: in names, comments, tests and pages."""
    words = re.compile("|".join(TABLE["vocabulary"]["words"]), re.I)
    for path, text in tree.sources.items():
        if path.parts[0] == "dissectors":
            for number, line in enumerate(text.splitlines(), 1):
                if found := words.search(line):
                    yield f"{path}:{number}: '{found.group()}' is an opinion"


def cast_breaches(tree):
    """reinterpret_cast outside src/wire/, tests and the files that the table lists; listed files without one."""
    listed = TABLE["reinterpret_cast"]
    for path, text in tree.sources.items():
        has = path.suffix != ".md" and "reinterpret_cast" in text
        if has and layer_of(path)[0] not in (None, "wire") and path not in tree.tests and str(path) not in listed:
            yield f"{path}: reinterpret_cast; read bytes with ByteReader, or list the file with its reason in tests/layers.toml"
        if not has and str(path) in listed:
            yield f"{path}: listed in tests/layers.toml without need"
    for name in listed:
        if pathlib.PurePosixPath(name) not in tree.paths:
            yield f"{name}: listed in tests/layers.toml and gone"


def unfinished_breaches(tree):
    for path, text in tree.sources.items():
        for number, line in enumerate(text.splitlines(), 1):
            if path.suffix != ".md" and UNFINISHED.search(line):
                yield f"{path}:{number}: {line.strip()}"


def dissector_breaches(tree):
    """What a dissector's folder lacks, and whether dissectors/all.cpp lists it (the template: that it does not)."""
    registry = tree.sources.get(pathlib.PurePosixPath("dissectors/all.cpp"), "")
    for name in tree.dissectors():
        folder = pathlib.PurePosixPath("dissectors") / name
        inside = [path.name for path in tree.paths if path.parts[:2] == folder.parts]
        for what, there in (("README.md", "README.md" in inside),
                            ("*_test.cpp", any(n.endswith("_test.cpp") for n in inside)),
                            ("*_fuzz.cpp", any(n.endswith("_fuzz.cpp") for n in inside))):
            if not there:
                yield f"{folder} has no {what}"
        listed = f"&k{'Specimen' if name == TEMPLATE else camel(name)}Dissector," in registry
        if listed == (name == TEMPLATE):
            yield f"{folder} is {'in' if listed else 'not in'} dissectors/all.cpp"


RULES = {
    "includes follow the table": include_breaches,
    "dissectors state facts, not opinions": vocabulary_breaches,
    "bytes are read with ByteReader": cast_breaches,
    "nothing is marked as unfinished": unfinished_breaches,
    "every dissector is whole and listed": dissector_breaches,
}


def camel(name):
    """The name of a folder as a part of a type's name: sip_tls is SipTls."""
    return "".join(word.capitalize() for word in name.split("_"))


def breaches(root, paths):
    tree = Tree(root, paths)
    return {rule: list(find(tree)) for rule, find in RULES.items()}


def project_paths():
    return [pathlib.PurePosixPath(path.relative_to(ROOT).as_posix()) for path in files()]


# A planted breach: the rule that has to find it, the file, what to append to it (None: delete it), and what is said.
PLANTED = [
    ("includes follow the table", "src/wire/bytes.hpp", '#include "model/ids.hpp"', "layer wire includes"),
    ("includes follow the table", "src/model/ids.hpp", "#include <fmt/format.h>", "(fmt)"),
    ("includes follow the table", "src/model/ids.hpp", "#include <boost/unordered/unordered_flat_map.hpp>", "(boost-containers)"),
    ("includes follow the table", "src/decode/segment.hpp", '#include "flow/flow_key.hpp"', "of layer flow"),
    ("includes follow the table", "src/decode/segment.hpp", "#include <openssl/evp.h>", "(openssl)"),
    ("includes follow the table", "src/decode/segment.hpp", "#include <sys/socket.h>", "(posix)"),
    ("includes follow the table", "src/report/planted.cpp", '#include "policy/policy.hpp"', "of layer policy"),
    ("includes follow the table", "src/report/planted.cpp", "#include <yaml-cpp/yaml.h>", "(yaml-cpp)"),
    ("includes follow the table", "src/policy/planted.cpp", "#include <yaml-cpp/yaml.h>", "(yaml-cpp)"),
    ("includes follow the table", "src/policy/planted.cpp", '#include "topology/topology_loader.hpp"', "of layer topology"),
    ("includes follow the table", "src/correlate/planted.cpp", '#include "wire/bytes.hpp"', "of layer wire"),
    ("includes follow the table", "src/crypto/planted.cpp", "#include <pcap/pcap.h>", "(libpcap)"),
    ("includes follow the table", "src/flow/planted.cpp", "#include <zlib.h>", "(zlib)"),
    ("includes follow the table", "src/flow/planted.cpp", "#include <zstd.h>", "(zstd)"),
    ("includes follow the table", "src/flow/planted.cpp", "#include <lz4frame.h>", "(lz4)"),
    ("includes follow the table", "src/app/planted.cpp", "#include <mimalloc.h>", "(mimalloc)"),
    ("includes follow the table", "src/flow/planted.cpp", "#include <boost/program_options.hpp>", "(boost-program-options)"),
    ("includes follow the table", "src/flow/planted.cpp", "#include <gtest/gtest.h>", "(gtest)"),
    ("includes follow the table", "src/flow/planted.cpp", "#include <libxml/tree.h>", "does not name"),
    ("includes follow the table", "src/flow/planted.cpp", '#include "flow/nowhere.hpp"', "is no file"),
    ("includes follow the table", "src/planted/planted.cpp", "", "knows no layer 'planted'"),
    ("includes follow the table", "dissectors/_template/planted.hpp", '#include "dissectors/planted/planted_parse.hpp"', "another dissector"),
    ("includes follow the table", "dissectors/_template/planted.hpp", '#include "flow/flow_engine.hpp"', "of layer flow"),
    ("dissectors state facts, not opinions", "dissectors/_template/planted.hpp", "// a weak suite", "'weak'"),
    ("dissectors state facts, not opinions", "dissectors/_template/planted.hpp", "struct InsecureHello {};", "'Insecure'"),
    ("dissectors state facts, not opinions", "dissectors/_template/planted.hpp", "// servers Should send it", "'Should'"),
    ("dissectors state facts, not opinions", "dissectors/_template/planted_test.cpp", 'auto x = "violation";', "'violation'"),
    ("bytes are read with ByteReader", "src/flow/planted.cpp", "auto x = reinterpret_cast<int*>(0);", "src/flow/planted.cpp"),
    ("nothing is marked as unfinished", "src/flow/planted.cpp", "// TODO: later", "TODO"),
    ("nothing is marked as unfinished", "src/flow/planted.cpp", "// FIXME", "FIXME"),
    ("every dissector is whole and listed", "dissectors/planted/planted_parse.hpp", "", "dissectors/planted has no README.md"),
    ("every dissector is whole and listed", "dissectors/planted/README.md", "", "dissectors/planted has no *_test.cpp"),
    ("every dissector is whole and listed", "dissectors/planted/README.md", "", "dissectors/planted has no *_fuzz.cpp"),
    ("every dissector is whole and listed", "dissectors/planted/README.md", "", "dissectors/planted is not in dissectors/all.cpp"),
    ("every dissector is whole and listed", "dissectors/all.cpp", "&kSpecimenDissector,", "dissectors/_template is in dissectors/all.cpp"),
    ("every dissector is whole and listed", "dissectors/_template/README.md", None, "dissectors/_template has no README.md"),
]


def self_test():
    """Each planted breach has to be found by its rule, in its words, and by no other rule."""
    checks = Checks("layers self-test")
    paths = project_paths()
    before = breaches(ROOT, paths)
    for rule, name, text, words in PLANTED:
        with tempfile.TemporaryDirectory() as scratch:
            root = pathlib.Path(scratch)
            for path in paths:
                if path.suffix in SUFFIXES:
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(ROOT / path, root / path)
            planted = pathlib.PurePosixPath(name)
            there = set(paths) - {planted} if text is None else set(paths) | {planted}
            if text is not None:
                (root / planted).parent.mkdir(parents=True, exist_ok=True)
                with open(root / planted, "a") as file:
                    file.write("\n" + text + "\n")
                if "dissectors/planted/planted_parse.hpp" in text:
                    (root / "dissectors/planted").mkdir(parents=True, exist_ok=True)
                    (root / "dissectors/planted/planted_parse.hpp").write_text("")
                    there.add(pathlib.PurePosixPath("dissectors/planted/planted_parse.hpp"))
            after = breaches(root, sorted(there))
            found = [line for line in after[rule] if line not in before[rule]]
            checks.expect(any(words in line for line in found), f"{repr(text) if text is not None else 'nothing'} in {name} breaks \"{rule}\"", "\n".join(found) or "nothing was found")
    return checks.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true")
    if parser.parse_args().self_test:
        return self_test()
    checks = Checks("layers")
    for rule, found in breaches(ROOT, project_paths()).items():
        checks.expect(not found, rule, "\n".join(found))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
