#!/usr/bin/env python3
"""format_test: every C++ file is as clang-format 19 writes it with the project's .clang-format.

    tests/format_test.py [--fix]
"""
import argparse
import concurrent.futures
import os
import subprocess
import sys

from checks import Checks
from tree import ROOT, cpp_files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fix", action="store_true", help="write the files as they have to be")
    options = parser.parse_args()
    mode = ["-i"] if options.fix else ["--dry-run", "--Werror"]

    def formatted(path):
        done = subprocess.run(["clang-format-19", *mode, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return path.relative_to(ROOT), done.returncode == 0, done.stdout

    checks = Checks("format")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [f"{path}: {told.splitlines()[0] if told else ''}" for path, right, told in pool.map(formatted, cpp_files()) if not right]
    checks.expect(not wrong, "every C++ file is formatted (tests/format_test.py --fix does it)", "\n".join(wrong))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
