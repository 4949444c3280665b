#!/usr/bin/env python3
"""fuzz_run: run fuzz targets that are built, each for some seconds, from the seeds beside its source.

    tests/fuzz_run.py --build build/fuzz [--seconds 5] [--jobs 2] [--seed 1] --all | TARGET...

Seeds lie in corpus/TARGET beside TARGET.cpp. What a run finds goes to BUILD/found: new inputs to TARGET/, an input that
breaks something as crash-*, timeout-* or oom-*. A target fails when it finds one of those.
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys

from checks import Checks
from tree import ROOT, cpp_files

INPUT_SECONDS = 10  # one input never takes longer unless it hangs
MAX_RSS_MIB = 2048  # of a target with its sanitizers
MAX_INPUT_BYTES = 65536  # above the largest TLS message any parser buffers


def sources():
    return {path.stem: path for path in cpp_files() if path.name.endswith("_fuzz.cpp")}


def run(target, source, build, seconds, seed):
    """Returns (whether nothing was found, what the target said)."""
    binary = build / "fuzz" / target
    if not binary.exists():
        return False, f"{binary} is not built"
    found = build / "found" / target
    found.mkdir(parents=True, exist_ok=True)
    seeds = source.parent / "corpus" / target
    command = [binary, f"-max_total_time={seconds}", f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={MAX_RSS_MIB}",
               f"-max_len={MAX_INPUT_BYTES}", f"-artifact_prefix={build / 'found'}/", "-print_final_stats=1", "-verbosity=1",
               f"-seed={seed}", found]
    if seeds.is_dir():
        command.append(seeds)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=seconds + 120)
    except subprocess.TimeoutExpired:
        return False, "the target does not end"
    executed = re.search(r"number_of_executed_units:\s*(\d+)", done.stdout)
    ran = int(executed.group(1)) if executed else 0
    right = done.returncode == 0 and ran > 0
    return right, f"{ran} inputs" if right else "\n".join(done.stdout.splitlines()[-35:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="of the mutations; 0 takes another one each time")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("target", nargs="*")
    options = parser.parse_args()
    known = sources()
    targets = sorted(known) if options.all else options.target
    unknown = [target for target in targets if target not in known]
    if unknown or not targets:
        parser.error(f"no target is called {', '.join(unknown) or '(none given)'}; there are {', '.join(sorted(known)) or 'none'}")
    build = options.build if options.build.is_absolute() else ROOT / options.build
    checks = Checks("fuzz")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(run, target, known[target], build, options.seconds, options.seed): target for target in targets}
        for done in concurrent.futures.as_completed(running):
            right, told = done.result()
            if checks.expect(right, f"{running[done]} finds nothing in {options.seconds} s", told):
                print(f"{running[done]}: {told}")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
