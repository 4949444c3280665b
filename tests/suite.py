#!/usr/bin/env python3
"""suite: every check of the project, in order; goes on after a failure and counts at the end.

    tests/suite.py [--short] [STEP...]     scripts/test and scripts/check call it; --list names the steps

Each step prints a line with its time; what it printed itself is in build/suite/STEP.log, and the end of it is shown when the
step failed. Steps that do not build anything run side by side. The last line is `N passed, N failed`.
"""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

from checks import LAST_LINE

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "suite"
SHARED = ROOT.parent / "shared"
RELEASE, SANITIZED = ROOT / "build/release/sealtrace", ROOT / "build/asan/sealtrace"
CPUS = os.cpu_count() or 1
SHOWN_LINES = 60  # of a failed step's log
STEP_SECONDS = 1500  # no step takes longer unless it hangs; the whole has to end within CI's half hour
MAX_FUZZ_SECONDS = 10
MAX_TIDY_SOURCES = 24  # five to ten CPU seconds each

SANITIZER_ENVIRONMENT = {"ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
                         "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}

CCACHE_ENVIRONMENT = {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "true"}  # so that every clone shares what was compiled


@dataclasses.dataclass
class Result:
    passed: int = 0
    failed: int = 0
    note: str = ""


class Step:
    """One step: `run(log)` writes what it has to say to the open file `log` and returns a Result."""

    def __init__(self, name, run, needs=(), alone=False, long=False):
        self.name, self.run, self.needs, self.alone, self.long = name, run, needs, alone, long


def call(command, log, environment=None):
    """Run a command, its output to `log`; the exit code, or 124 when it hangs."""
    log.write("$ " + " ".join(map(str, command)) + "\n")
    log.flush()
    try:
        return subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT,
                              env={**os.environ, **(environment or {})}, timeout=STEP_SECONDS).returncode
    except subprocess.TimeoutExpired:
        log.write(f"no end after {STEP_SECONDS} s\n")
        return 124


def last_line(log):
    log.flush()
    lines = [line for line in pathlib.Path(log.name).read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def one(*command, environment=None):
    """A step that is right or wrong as a whole: a build, a style check, a score."""
    def run(log):
        code = call(command, log, environment)
        return Result(int(code == 0), int(code != 0), "" if code == 0 else f"exit code {code}")
    return run


def score(*command):
    def run(log):
        code = call([sys.executable, *command], log)
        return Result(int(code == 0), int(code != 0), last_line(log))
    return run


def script(*command, environment=None):
    """A test script that ends with its counts (checks.py)."""
    def run(log):
        code = call([sys.executable, *command], log, environment)
        told = LAST_LINE.search(last_line(log))
        if not told:
            return Result(0, 1, f"exit code {code} without counts")
        passed, failed, skipped = (int(n or 0) for n in told.groups())
        return Result(passed, failed or int(code != 0), f"{skipped} skipped" if skipped else "")
    return run


def build(preset, *targets, options=()):
    def run(log):
        launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        code = call(["cmake", "--preset", preset, *launcher, *options], log)
        if code == 0:
            named = ["--target", *targets] if targets else []
            code = call(["cmake", "--build", "--preset", preset, "-j", CPUS, *named], log, CCACHE_ENVIRONMENT)
        return Result(int(code == 0), int(code != 0), "")
    return run


def ctest(preset, environment=None):
    def run(log):
        junit = LOGS / f"ctest-{preset}.xml"
        junit.unlink(missing_ok=True)
        code = call(["ctest", "--test-dir", f"build/{preset}", "-j", CPUS, "--output-on-failure", "--timeout", "300",
                     "--repeat", "until-pass:2", "--output-junit", junit], log, environment)
        if not junit.exists():
            return Result(0, 1, f"exit code {code} without a report")
        told = xml.etree.ElementTree.parse(junit).getroot().attrib
        failed = int(told["failures"])
        passed = int(told["tests"]) - failed - int(told.get("skipped", 0)) - int(told.get("disabled", 0))
        return Result(passed, failed or int(code != 0 or passed == 0), "")
    return run


def tidy(short):
    return script("tests/tidy.py", "--at-most", MAX_TIDY_SOURCES, "--changed" if short else "--last-commit")


def whole_program(binary, suffix, needs, environment=None):
    """The tests that run the program, against one build of it."""
    return [Step(f"{name}{suffix}", script(f"tests/{file}.py", "--sealtrace", binary, environment=environment), needs)
            for name, file in (("golden", "golden_test"), ("command-line", "cli_test"), ("damage", "damage_test"),
                               ("media-truth", "media_truth_test"), ("shaped-packets", "shaped_packets_test"), ("site", "site_test"),
                               ("certificate-rules", "certificate_rules_test"), ("inventory", "inventory_test"), ("certtool", "certtool_test"),
                               ("tshark", "tshark_test"),
                               ("secrets", "secrets_test"))]


def with_shared(checks):
    """Steps over the folder `shared` beside the project; without it one line says so."""
    if SHARED.is_dir():
        return checks
    print(f"skipped: ../{SHARED.name} not found")
    return []


def steps(short):
    fuzz_seconds = 1 if short else min(int(os.environ.get("FUZZ_SECONDS", 5)), MAX_FUZZ_SECONDS)
    check = SHARED / "check"
    found = [
        Step("format", script("tests/format_test.py")),
        Step("layers", script("tests/layers_test.py")),
        Step("layers-self-test", script("tests/layers_test.py", "--self-test")),
        Step("schema", script("tests/schema_test.py")),
        Step("build-release", build("release", "sealtrace"), alone=True),
        Step("build-debug", build("debug"), alone=True),
        Step("build-sanitizers", build("asan", options=["-DSEALTRACE_FUZZ=ON"]), alone=True),
        *([Step("tidy", tidy(short), ["build-sanitizers"], alone=True)] if short else []),
        Step("unit-tests", ctest("debug"), ["build-debug"], alone=True),
        Step("unit-tests-sanitizers", ctest("asan", SANITIZER_ENVIRONMENT), ["build-sanitizers"], alone=True),
        Step("fuzz", script("tests/fuzz_run.py", "--build", "build/asan", "--seconds", fuzz_seconds, "--jobs", CPUS, "--seed", 1, "--all",
                            environment=SANITIZER_ENVIRONMENT), ["build-sanitizers"], alone=True),
        *whole_program(RELEASE, "", ["build-release"]),
        *whole_program(SANITIZED, "-sanitizers", ["build-sanitizers"], SANITIZER_ENVIRONMENT),
        Step("new-dissector", script("tests/new_dissector_test.py"), ["build-debug"], long=True),
    ]
    if not short:
        folders = [SHARED / "corpus", SHARED / "tls13"]
        found += with_shared([
            Step("survive-sanitizers", score(check / "survive.py", "--sealtrace", SANITIZED, *folders), ["build-sanitizers"]),
            Step("score-tls", score(check / "score_tls.py", "--sealtrace", RELEASE, "--known", "tests/score_tls.known.tsv"),
                 ["build-release"]),
            Step("score-tls13", score(check / "score_tls13.py", "--sealtrace", RELEASE, "--visible"), ["build-release"]),
            Step("survive", score(check / "survive.py", "--sealtrace", RELEASE, *folders), ["build-release"]),
        ])
    return [step for step in found if not (short and step.long)]


def perform(step):
    """Run one step; returns (step, Result, seconds)."""
    begin = time.monotonic()
    with open(LOGS / f"{step.name}.log", "w", encoding="utf-8") as log:
        try:
            result = step.run(log)
        except Exception as error:  # a step that breaks is a failed step; the others still run
            log.write(f"{type(error).__name__}: {error}\n")
            result = Result(0, 1, f"{type(error).__name__}: {error}")
    return step, result, time.monotonic() - begin


def show(step, result, seconds):
    word = "FAILED" if result.failed else "ok"
    counts = f"{result.passed} passed" + (f", {result.failed} failed" if result.failed else "")
    print(f"{word:6s} {seconds:6.1f} s  {step.name:22s} {counts}{'; ' + result.note if result.note else ''}", flush=True)
    log = LOGS / f"{step.name}.log"
    if result.failed and log.exists():  # a step that was not run has none
        lines = log.read_text(errors="replace").splitlines()
        print("\n".join("       | " + line for line in lines[-SHOWN_LINES:]), flush=True)
        print(f"       all of it: {log.relative_to(ROOT)}", flush=True)


def run_all(chosen):
    """Run the steps in order, those that may share the machine side by side. Returns the summed Result."""
    total, broken = Result(), set()

    def book(step, result, seconds):
        show(step, result, seconds)
        total.passed += result.passed
        total.failed += result.failed
        if result.failed:
            broken.add(step.name)

    def runnable(step):
        missing = [name for name in step.needs if name in broken]
        if missing:
            book(step, Result(0, 1, f"not run: {', '.join(missing)} failed"), 0.0)
        return not missing

    waiting = list(chosen)
    while waiting:
        group = [waiting.pop(0)]
        while not group[0].alone and waiting and not waiting[0].alone:
            group.append(waiting.pop(0))
        with concurrent.futures.ThreadPoolExecutor(1 if group[0].alone else CPUS) as pool:
            running = [pool.submit(perform, step) for step in group if runnable(step)]
            for done in concurrent.futures.as_completed(running):
                book(*done.result())
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="the form for everyday work")
    parser.add_argument("--list", action="store_true", help="name the steps")
    parser.add_argument("step", nargs="*", help="only these; what they need must be built already")
    options = parser.parse_args()
    every = steps(options.short)
    if options.list:
        print("\n".join(step.name for step in every))
        return 0
    unknown = set(options.step) - {step.name for step in every}
    if unknown:
        parser.error(f"no step is called {', '.join(sorted(unknown))} (--list names them)")
    LOGS.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    total = run_all([step for step in every if not options.step or step.name in options.step])
    print(f"{(time.monotonic() - begin) / 60:.1f} minutes")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
