#!/usr/bin/env python3
"""tidy: clang-tidy 19 with the project's .clang-tidy over sources of the sanitizer build (its compiler is clang).

    tests/tidy.py [--at-most N] --all | --changed | --last-commit | FILE...

--changed takes what differs from HEAD, --last-commit what the last commit changed as well; a header is read with the sources
that include it. A source takes five to ten CPU seconds, so CI reads what the last commit changed, and at most so many.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

from checks import Checks
from tree import ROOT, changed_files, git

BUILD = ROOT / "build" / "asan"


def sources():
    """The sources of the program that the build compiles. Tests are left out: GoogleTest's macros cost a minute a file."""
    database = json.loads((BUILD / "compile_commands.json").read_text())
    named = {pathlib.Path(entry["file"]) for entry in database}
    return sorted(path for path in named if not path.stem.endswith(("_test", "_fuzz")) and BUILD not in path.parents)


def includers(headers, every):
    """The sources that name one of the headers in an #include line."""
    names = [str(path.relative_to(ROOT)).removeprefix("src/") for path in headers]
    return {source for source in every if any(f'#include "{name}"' in source.read_text(errors="replace") for name in names)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--last-commit", action="store_true")
    parser.add_argument("--at-most", type=int, metavar="N", help="leave out what is beyond N sources, and say so")
    parser.add_argument("file", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    every = sources()
    if options.all:
        chosen = every
    else:
        parent = options.last_commit and git("rev-parse", "--verify", "HEAD~1")
        named = [path.resolve() for path in options.file]
        if options.changed or options.last_commit:
            named += changed_files(parent[0] if parent else "HEAD")
        headers = [path for path in named if path.suffix == ".hpp"]
        chosen = sorted((set(named) & set(every)) | includers(headers, every))

    if options.at_most and len(chosen) > options.at_most:
        print(f"left out, beyond {options.at_most}: " + " ".join(str(path.relative_to(ROOT)) for path in chosen[options.at_most:]))
        chosen = chosen[:options.at_most]

    def read(path):
        done = subprocess.run(["clang-tidy-19", "--quiet", "-p", BUILD, path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        return path.relative_to(ROOT), done.returncode == 0, done.stdout

    checks = Checks("tidy")
    if not chosen:
        checks.skip("sources", "none changed")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [f"{path}:\n{told}" for path, right, told in pool.map(read, chosen) if not right]
    if chosen:
        checks.expect(not wrong, f"clang-tidy has nothing to say of {len(chosen)} sources", "\n".join(wrong))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
