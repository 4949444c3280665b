"""program: run sealtrace the way a script would, and read its records."""
import argparse
import json
import os
import pathlib
import subprocess

from tree import ROOT

CAPTURES = ROOT / "captures"
RUN_SECONDS = 60  # for one small capture, sanitizers included
VERDICTS = (0, 1, 3)  # exit codes of an audit that read its input


class Crash(Exception):
    """The program hung, was killed, reported an internal error, or a sanitizer spoke."""


def arguments(doc):
    """The parser that every whole-program test starts from: --sealtrace names the build."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sealtrace", type=pathlib.Path, default=ROOT / "build/release/sealtrace")
    return parser


class Program:
    def __init__(self, binary):
        self.binary = pathlib.Path(binary).resolve()

    def run(self, *arguments, cwd=CAPTURES, stdin=None, environment=None, seconds=RUN_SECONDS):
        """A finished process with stdout and stderr as octets. Raises Crash for what no input may cause."""
        command = [str(self.binary), *map(str, arguments)]
        source = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        try:
            done = subprocess.run(command, **source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, timeout=seconds,
                                  env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})})
        except subprocess.TimeoutExpired:
            raise Crash(f"no answer in {seconds} s: {' '.join(command)}") from None
        told = done.stderr.decode(errors="replace")
        if done.returncode < 0 or done.returncode == 70 or "Sanitizer" in told or "runtime error:" in told:
            raise Crash(f"exit {done.returncode}: {' '.join(command)}\n{told[-4000:]}")
        return done

    def records(self, *arguments, **options):
        """The NDJSON records of an audit. Raises Crash when it gives no verdict."""
        done = self.run("audit", "--format", "ndjson", *arguments, **options)
        if done.returncode not in VERDICTS:
            raise Crash(f"exit {done.returncode} from audit {' '.join(map(str, arguments))}: {done.stderr.decode(errors='replace')[-2000:]}")
        return [json.loads(line) for line in done.stdout.splitlines()]


def captures():
    """The sample captures, by name."""
    return sorted(path for path in CAPTURES.iterdir() if path.suffix in (".pcap", ".pcapng"))


def topology_of(capture):
    """Options that name the topology of a sample capture: NAME.topology.yaml serves NAME and NAME-anything."""
    name = capture.name.split(".")[0]
    while name:
        path = CAPTURES / f"{name}.topology.yaml"
        if path.exists():
            return ["--topology", path]
        name = name.rpartition("-")[0]
    return []


def of_kind(records, kind):
    return [record for record in records if record["record"] == kind]


def get(record, path, default=None):
    """The value at a dotted path of a record."""
    for key in path.split("."):
        if not isinstance(record, dict) or key not in record:
            return default
        record = record[key]
    return record


def endpoints_of(flow):
    return tuple(f"{get(flow, side + '.ip')}:{get(flow, side + '.port')}" for side in ("client", "server"))
