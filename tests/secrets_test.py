#!/usr/bin/env python3
"""secrets_test: no secret of any sample capture occurs in any output.

    tests/secrets_test.py [--sealtrace BUILD]

captures/secrets.tsv and captures/site.secrets.tsv list the passwords, digests, cookies, tokens, keys and message bodies that the captures
were made with, or that were read out of them. Every report format is searched, for each as it is, percent-encoded, as hex and as base64.
"""
import base64
import csv
import sys
import urllib.parse

from checks import Checks
from program import CAPTURES, VERDICTS, Program, arguments, captures, topology_of

FORMATS = ("text", "json", "ndjson")
LISTS = ("secrets.tsv", "site.secrets.tsv")
MIN_BYTES = 5  # a shorter one occurs by chance


def read_secrets():
    """Secrets by capture: {name: {(kind, octets)}}."""
    secrets = {}
    for path in (CAPTURES / name for name in LISTS):
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                octets = bytes.fromhex(row["secret"]) if row["kind"].endswith("-octets") else row["secret"].encode()
                if len(octets) >= MIN_BYTES:
                    secrets.setdefault(row["capture"], set()).add((row["kind"], octets))
    return secrets


def spellings(octets):
    """The ways a secret could be written."""
    yield octets
    yield octets.hex().encode()
    yield octets.hex().upper().encode()
    yield urllib.parse.quote_from_bytes(octets).encode()
    yield base64.b64encode(octets).rstrip(b"=")[:-1]


def main():
    options = arguments(__doc__).parse_args()
    program, checks = Program(options.sealtrace), Checks("secrets")
    secrets = read_secrets()
    known = {capture.name.split(".")[0]: capture for capture in captures()}
    checks.expect(set(secrets) <= set(known), "every list of secrets belongs to a capture", sorted(set(secrets) - set(known)))
    for name, listed in sorted(secrets.items()):
        if name not in known:
            continue
        for output in FORMATS:
            done = program.run("audit", "--format", output, "--fingerprints", *topology_of(known[name]), known[name].name)
            checks.expect(done.returncode in VERDICTS, f"{name}: is audited as {output}", done.stderr.decode(errors="replace"))
            told = done.stdout + done.stderr
            leaked = [f"{kind}: {octets!r}" for kind, octets in sorted(listed) if any(spelling in told for spelling in spellings(octets))]
            checks.expect(not leaked, f"{name}: no secret is in the {output} report", "\n".join(leaked))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
