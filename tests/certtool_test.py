#!/usr/bin/env python3
"""certtool_test: every field of every certificate at hand is what GnuTLS reads.

    tests/certtool_test.py [--sealtrace BUILD]

Compared are Debian's ca-certificates and what looks like a certificate in the captures of ../shared/corpus, where these are. What both write
differently and mean alike is translated below, with the reason; everything else is a failure.
"""
import base64
import gzip
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from checks import Checks
from program import Program, arguments
from tree import ROOT

AUTHORITIES = pathlib.Path("/usr/share/ca-certificates/mozilla")
CORPUS = ROOT.parent / "shared" / "corpus"
MAX_CAPTURE_BYTES = 300 << 20
MONTHS = {name: number + 1 for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())}
PURPOSES = {"TLS WWW Server.": "serverAuth", "TLS WWW Client.": "clientAuth", "Code signing.": "codeSigning", "Email protection.": "emailProtection",
            "Time stamping.": "timeStamping", "OCSP signing.": "OCSPSigning", "Ipsec IKE.": "ipsecIKE", "Any purpose.": "anyExtendedKeyUsage",
            # GnuTLS has no names for these, OpenSSL has
            "1.3.6.1.5.5.7.3.5": "ipsecEndSystem", "1.3.6.1.5.5.7.3.6": "ipsecTunnel", "1.3.6.1.5.5.7.3.7": "ipsecUser",
            "2.16.840.1.113730.4.1": "nsSGC"}
USAGES = {"Digital signature.": "digitalSignature", "Non repudiation.": "nonRepudiation", "Key encipherment.": "keyEncipherment",
          "Data encipherment.": "dataEncipherment", "Key agreement.": "keyAgreement", "Certificate signing.": "keyCertSign", "CRL signing.": "cRLSign",
          "Key encipher only.": "encipherOnly", "Key decipher only.": "decipherOnly"}
KEYS = {"EC/ECDSA": "EC", "EdDSA (Ed25519)": "Ed25519"}
METHODS = {"1.3.6.1.5.5.7.48.1 (id-ad-ocsp)": "ocsp", "1.3.6.1.5.5.7.48.2 (id-ad-caIssuers)": "ca-issuers"}
NAMES = {"DNSname": "", "IPAddress": "", "RFC822Name": "email:", "URI": "uri:", "directoryName": "dirname:"}


def certificates():
    """DER by SHA-256."""
    found = {}

    def add(octets):
        found[hashlib.sha256(octets).hexdigest().upper()] = octets

    for path in sorted(AUTHORITIES.glob("*.crt")):
        add(base64.b64decode("".join(path.read_text().split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0].split())))
    version = b"\xa0\x03\x02\x01\x02"  # in a SEQUENCE in a SEQUENCE
    for path in sorted(CORPUS.rglob("*")) if CORPUS.is_dir() else []:
        if not path.is_file() or path.stat().st_size > MAX_CAPTURE_BYTES:
            continue
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            try:
                content = gzip.decompress(content)
            except (OSError, EOFError):
                continue
        at = content.find(version)
        while at >= 0:
            start = at - 8
            if start >= 0 and content[start:start + 2] == b"\x30\x82":
                length = 4 + content[start + 2] * 256 + content[start + 3]
                if start + length <= len(content):
                    add(content[start:start + length])
            at = content.find(version, at + 1)
    return found


class Told:
    """What certtool prints of one certificate."""

    def __init__(self, text):
        self.text = text

    def one(self, label):
        found = re.search(r"^\t+" + label + r": ?(.*)$", self.text, re.M)
        return found[1] if found else ""

    def first(self, pattern):
        found = re.search(pattern, self.text, re.M)
        return found[1] if found else None

    def section(self, title):
        lines, depth = [], None
        for line in self.text.split("\n"):
            here = len(line) - len(line.lstrip("\t"))
            if depth is not None:
                if here <= depth:
                    break
                lines.append(line.strip())
            elif re.match(r"\t+" + title + r" \((not )?critical\):", line):
                depth = here
        return lines if depth is not None else None


def date(text):
    found = re.match(r"\w+ (\w+) (\d+) ([\d:]+) UTC (\d+)", text)
    return f"{found[4]}-{MONTHS[found[1]]:02}-{int(found[2]):02}T{found[3]}" if found else text


def distinguished_name(text):
    # OpenSSL's words for two attributes that GnuTLS writes otherwise, one of them as hex
    text = text.replace("EMAIL=", "emailAddress=")
    return re.sub(r"2\.5\.4\.97=#0c..((?:[0-9a-f]{2})*)", lambda found: "organizationIdentifier=" + bytes.fromhex(found[1]).decode(), text)


def general_name(line):
    kind, _, value = line.partition(": ")
    return NAMES[kind] + value if kind in NAMES else line


def hex_number(text):
    return text.upper().replace(":", "").lstrip("0") or "0"


def fields(told):
    """Field by field: ours, by a function of our record, and theirs."""
    basic = told.section("Basic Constraints")
    lengths = [int(line.split(": ")[1]) for line in basic or [] if "Path Length" in line]
    identifiers = [line for line in told.section("Authority Key Identifier") or [] if re.fullmatch("[0-9a-f]{8,}", line)]
    access, method = [], ""
    for line in told.section("Authority Information Access") or []:
        label, _, value = line.partition(": ")
        if label == "Access Method":
            method = METHODS.get(value, value)
        else:
            access.append(f"{method}:{value if label == 'Access Location URI' else line}")
    policies = [line.split(" ")[0].rstrip(":") for line in told.section("Certificate Policies") or [] if re.match(r"[\d.]+( |$)", line)]
    yield "version", lambda x: x["version_number"], told.one("Version")
    yield "serial", lambda x: hex_number(x["serial_number"]), hex_number(told.one(r"Serial Number \(hex\)"))
    for name in ("Issuer", "Subject"):
        yield name.lower(), lambda x, key=name.lower(): x.get(key, {}).get("distinguished_name", ""), distinguished_name(told.one(name))
    yield "not before", lambda x: x["not_before"][:19], date(told.one("Not Before"))
    yield "not after", lambda x: x["not_after"][:19], date(told.one("Not After"))
    algorithm = told.one("Subject Public Key Algorithm")
    yield "key algorithm", lambda x: x["public_key_algorithm"], KEYS.get(algorithm, algorithm)
    if bits := told.first(r"Modulus \(bits (\d+)\)"):
        yield "key bits", lambda x: x["public_key_size"], int(bits)
    if exponent := told.first(r"Exponent \(bits \d+\):\n\t+([0-9a-f:]+)"):
        yield "exponent", lambda x: hex_number(x["public_key_exponent"]), hex_number(exponent)
    if curve := told.first(r"Curve:\s*(\S+)"):
        yield "curve", lambda x: x["public_key_curve"], curve.lower()
    if key := told.first(r"Public Key ID:\n(?:.*sha1:.*\n)?\t+sha256:([0-9a-f]+)"):
        yield "key SHA-256", lambda x: x["public_key_sha256"], key.upper()
    if signature := told.one("Signature Algorithm"):
        yield "signature hash", lambda x: x.get("signature_hash", ""), signature.rpartition("-")[2].lower()
    names = told.section("Subject Alternative Name") or []
    yield "alternative names", lambda x: sorted(x["alternative_names"]), sorted(map(general_name, names))
    purposes = told.section("Key Purpose") or []
    yield "purposes", lambda x: x["extended_key_usage"], [PURPOSES.get(line, line) for line in purposes]
    yield "key usage", lambda x: sorted(x["key_usage"]), sorted(USAGES.get(line, line) for line in told.section("Key Usage") or [])
    yield "CA", lambda x: x.get("certificate_authority"), None if basic is None else "Certificate Authority (CA): TRUE" in basic
    yield "path length", lambda x: x.get("path_length"), lengths[0] if lengths else None
    yield "subject key", lambda x: x.get("subject_key_identifier", "").lower(), (told.section("Subject Key Identifier") or [""])[0]
    yield "authority key", lambda x: x.get("authority_key_identifier", "").lower(), identifiers[0] if identifiers else ""
    points = [general_name(line).removeprefix("uri:") for line in told.section("CRL Distribution points") or []]
    yield "CRL distribution points", lambda x: x["crl_distribution_points"], points
    yield "information access", lambda x: x["authority_information_access"], access
    yield "policies", lambda x: x["policies"], ["anyPolicy" if policy == "2.5.29.32.0" else policy for policy in policies]
    if "gnutls_x509_ext_ct_import_scts()" not in told.text:  # GnuTLS 3.7 gives up on some lists that OpenSSL reads
        yield "timestamps", lambda x: x.get("signed_certificate_timestamps", 0), len(re.findall(r"Signed Certificate Timestamp \d+", told.text))


def main():
    options = arguments(__doc__).parse_args()
    checks = Checks("certtool")
    if shutil.which("certtool") is None:
        checks.skip("fields", "certtool (gnutls-bin) is not installed")
        return checks.finish()
    program = Program(options.sealtrace)
    num_compared = num_refused = 0
    with tempfile.TemporaryDirectory() as folder:
        found = certificates()
        for name, octets in found.items():
            (pathlib.Path(folder) / f"{name}.der").write_bytes(octets)
        done = program.run("certs", "--format", "ndjson", "--quiet", folder)
        ours = {record["sha256"]: record["x509"] for record in map(json.loads, done.stdout.splitlines()) if record["record"] == "certificate"}
        for name in sorted(found):
            tool = subprocess.run(["certtool", "-i", "--inder", "--infile", f"{folder}/{name}.der"], capture_output=True, text=True, errors="replace")
            told = Told(tool.stdout)
            if tool.returncode != 0 or "Subject Public Key" not in tool.stdout:
                num_refused += 1  # packet headers lie inside
                checks.expect(name not in ours or "error" in ours[name], f"{name}: refused by both", tool.stderr)
                continue
            if not checks.expect(name in ours, f"{name}: read by both"):
                continue
            num_compared += 1
            for field, read, theirs in fields(told):
                checks.equal(read(ours[name]), theirs, f"{name}: {field}")
    print(f"{num_compared} certificates compared, {num_refused} refused by both")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
