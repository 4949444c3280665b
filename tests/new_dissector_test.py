#!/usr/bin/env python3
"""new_dissector_test: scripts/new-dissector, tried in a copy of the tree: what it changes, and that the result builds and passes.

    tests/new_dissector_test.py
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from checks import Checks
from tree import ROOT, files

NAME, TYPE = "planted_one", "PlantedOne"


def run(folder, *command):
    """(exit code, all that was said)"""
    done = subprocess.run(list(map(str, command)), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    return done.returncode, done.stdout


def copy_tree(to):
    for path in files():
        target = to / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    run(to, "git", "init", "-q")
    run(to, "git", "add", "-A")
    run(to, "git", "-c", "user.name=test", "-c", "user.email=test@example.test", "commit", "-q", "-m", "as it was")


def refusals(checks, copy):
    for name, why in (("Bad-Name", "is not a name"), ("tls", "is there already"), ("../x", "is not a name")):
        code, told = run(copy, "scripts/new-dissector", name)
        checks.expect(code == 2 and why in told, f"new-dissector refuses '{name}'", f"exit {code}\n{told}")
    checks.equal(run(copy, "git", "status", "--porcelain")[1], "", "a refused name changes nothing")


def changes(checks, copy):
    code, told = run(copy, "scripts/new-dissector", NAME)
    if not checks.equal(code, 0, "new-dissector makes a dissector", told):
        return False
    run(copy, "git", "add", "-A")
    status = run(copy, "git", "status", "--porcelain")[1].split("\n")
    touched = sorted({line[3:] for line in status if line})
    outside = [path for path in touched if not path.startswith(f"dissectors/{NAME}/")]
    checks.equal(outside, ["dissectors/all.cpp"], "nothing changes outside the new folder but the list")
    added, removed = run(copy, "git", "diff", "--cached", "--numstat", "dissectors/all.cpp")[1].split()[:2]
    checks.equal((added, removed), ("2", "0"), "the list gains a declaration and an entry")
    texts = {path: (copy / path).read_text(errors="replace") for path in touched if path.startswith(f"dissectors/{NAME}/")}
    left = [path for path, text in texts.items() if re.search("specimen|_template", path + text, re.I)]
    checks.equal(left, [], "no word of the template is left")
    checks.expect(texts[f"dissectors/{NAME}/README.md"].startswith(f"# {NAME}\n"), "its README begins with its name", texts[f"dissectors/{NAME}/README.md"])
    return True


def builds(checks, copy):
    build = copy / "build"
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    code, told = run(copy, "cmake", "-S", copy, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=", "-DCMAKE_CXX_COMPILER=g++", *launcher)
    if not checks.equal(code, 0, "the copy is configured", told):
        return
    code, told = run(copy, "cmake", "--build", build, "--target", "dissectors_test", "-j", os.cpu_count())
    if not checks.equal(code, 0, "it builds, with warnings as errors", told[-3000:]):
        return
    code, told = run(copy, build / "dissectors_test", f"--gtest_filter=*{TYPE}*")
    ran = re.search(r"\[  PASSED  \] (\d+) test", told)
    checks.expect(code == 0 and ran and int(ran.group(1)) >= 5, "its tests are found and pass", told[-3000:])
    code, told = run(copy, sys.executable, "tests/layers_test.py")
    checks.equal(code, 0, "it keeps the rules of the tree", told)
    code, told = run(copy, sys.executable, "tests/format_test.py")
    checks.equal(code, 0, "it is formatted", told)


def main():
    checks = Checks("new dissector")
    with tempfile.TemporaryDirectory() as scratch:
        copy = pathlib.Path(scratch) / "copy"
        copy_tree(copy)
        refusals(checks, copy)
        if changes(checks, copy):
            builds(checks, copy)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
