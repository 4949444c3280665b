#!/usr/bin/env python3
"""inventory_test: the sample inventory has the faults of its truth and no other, and none once it is mended; certs reads every form.

    tests/inventory_test.py [--sealtrace BUILD]
"""
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from certificate_lab import Lab
from checks import Checks
from program import CAPTURES, Program, arguments

INVENTORY = CAPTURES / "inventory"
TOPOLOGY = INVENTORY / "topology.yaml"


def records(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def judged(program, *paths, **more):
    done = program.run("certs", "--topology", TOPOLOGY, "--format", "ndjson", "--quiet", *paths, **more)
    return done, [record for record in records(done) if record["record"] == "finding"]


def check_sample(program, checks):
    with (INVENTORY / "truth.tsv").open() as file:
        truth = sorted((rule, host) for host, rule, _ in csv.reader(file, delimiter="\t"))
    done, findings = judged(program, INVENTORY / "faulty")
    for rule, host in truth:
        checks.expect(any(f["rule"] == rule and host in f["message"] for f in findings), f"{rule} of {host} is found", done.stdout.decode()[-3000:])
    checks.equal(sorted(f["rule"] for f in findings), sorted(rule for rule, _ in truth), "nothing is found but what was planted",
                 "\n".join(f["message"] for f in findings))
    checks.equal(done.returncode, 1, "the faulty inventory's exit code")
    done, findings = judged(program, INVENTORY / "mended")
    checks.equal([f["message"] for f in findings], [], "the mended inventory is clean")
    checks.equal(done.returncode, 0, "the mended inventory's exit code")
    checks.equal(records(done)[-1]["overall"], "pass", "the mended inventory passes")


def check_forms(program, checks):
    """One certificate of a Mediation Server that has ended, in every form that is read."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lab = Lab(folder / "lab")
        authority = lab.authority("CA")
        key = lab.key("rsa2048")
        pem = lab.certificate("med01.contoso.com", key=key, issuer=authority, start="20200101000000Z", end="20210101000000Z")
        home = folder / "med01.contoso.com"
        home.mkdir()
        thumbprint = lab.openssl("x509", "-in", pem, "-noout", "-fingerprint", "-sha1").strip().partition("=")[2].replace(":", "")
        lab.openssl("x509", "-in", pem, "-outform", "DER", "-out", home / "a.cer")
        lab.openssl("crl2pkcs7", "-nocrl", "-certfile", pem, "-certfile", authority[0], "-out", home / "b.p7b")
        lab.openssl("crl2pkcs7", "-nocrl", "-certfile", pem, "-outform", "DER", "-out", home / "c.p7b")
        (home / "d.txt").write_text("CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = med01.contoso.com\n" + pem.read_text() + "---\n")
        lab.openssl("pkcs12", "-export", "-in", pem, "-inkey", key, "-passout", "pass:s3cret-word", "-out", home / "e.pfx")
        (home / "f.pem").write_text(pem.read_text() + key.read_text())
        line = f'"med01.contoso.com","Default","{thumbprint}","CN=med01.contoso.com","CN=CA","2020-01-01T00:00:00Z","2021-01-01T00:00:00Z"\n'
        (home / "g.csv").write_text('"Server","Use","Thumbprint","Subject","Issuer","NotBefore","NotAfter"\n' + line)
        entry = {"PSComputerName": "med01.contoso.com", "Use": "Default", "Thumbprint": thumbprint, "Subject": "CN=med01.contoso.com",
                 "AlternativeNames": ["med01.contoso.com"], "NotBefore": "\\/Date(1577836800000)\\/", "NotAfter": "\\/Date(1609459200000)\\/"}
        (home / "h.json").write_bytes(("\ufeff" + json.dumps([entry]).replace("\\\\/", "\\/")).encode("utf-16-le"))
        (home / "i.txt").write_text(pem.read_text(), encoding="utf-16")  # PowerShell's redirection
        serial = lab.openssl("x509", "-in", pem, "-noout", "-serial").strip().partition("=")[2]
        (home / "default.txt").write_text(certutil(serial, thumbprint), encoding="utf-16-le")  # that of cmd /u
        for path in sorted(home.iterdir()):
            done, findings = judged(program, "--password-env", "WORD", path, environment={"WORD": "s3cret-word"})
            found = [f["rule"] for f in findings]
            checks.expect("certificate-validity" in found, f"{path.suffix}: {path.name} is read", done.stdout.decode() + done.stderr.decode())
            checks.expect(b"s3cret" not in done.stdout + done.stderr, f"{path.name}: the password shows nowhere")
            checks.expect(b"PRIVATE" not in done.stdout + done.stderr, f"{path.name}: the private key shows nowhere")
        done, _ = judged(program, home / "e.pfx")
        checks.equal(done.returncode, 4, "a PKCS #12 file without its password cannot be read")
        checks.expect(b"password" in done.stderr, "and the message says what to give")
        reading, writing = os.pipe()
        os.write(writing, b"s3cret-word\n")
        os.close(writing)
        process = subprocess.run([program.binary, "certs", "--topology", TOPOLOGY, "--password-fd", str(reading), "--quiet", home / "e.pfx"],
                                 pass_fds=[reading], capture_output=True)
        checks.equal(process.returncode, 1, "the password comes from a descriptor")
        other = lab.key("rsa2048")
        (home / "wrong.pem").write_text(pem.read_text() + other.read_text())
        done = program.run("certs", "--topology", TOPOLOGY, home / "wrong.pem")
        checks.expect(b"of another certificate" in done.stderr, "a key that does not match is named")
        (home / "nothing.pem").write_text("nothing\n")
        checks.equal(judged(program, home / "nothing.pem")[0].returncode, 4, "a file without certificates cannot be read")


def certutil(serial, thumbprint):
    """The words of certutil -store about the certificate of check_forms."""
    return (f"my \"Personal\"\r\n================ Certificate 0 ================\r\nSerial Number: {serial.lower()}\r\nIssuer: CN=CA, O=Lab\r\n"
            " NotBefore: 1/1/2020 12:00 AM\r\n NotAfter: 1/1/2021 12:00 AM\r\nSubject: CN=med01.contoso.com, O=Lab\r\nNon-root Certificate\r\n"
            f"Template: WebServer\r\nCert Hash(sha1): {thumbprint.lower()}\r\n  Provider = Microsoft RSA SChannel Cryptographic Provider\r\n"
            "Private key is NOT exportable\r\nEncryption test passed\r\nCertUtil: -store command completed successfully.\r\n")


def check_words(program, checks):
    """A whole store in words says what there is, and nothing about what is in use: matched where the certificate is held, else listed."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lab = Lab(folder / "lab")
        pem = lab.certificate("med01.contoso.com", issuer=lab.authority("CA"), start="20200101000000Z", end="20210101000000Z")
        thumbprint = lab.openssl("x509", "-in", pem, "-noout", "-fingerprint", "-sha1").strip().partition("=")[2].replace(":", "")
        serial = lab.openssl("x509", "-in", pem, "-noout", "-serial").strip().partition("=")[2]
        home = folder / "med01.contoso.com"
        home.mkdir()
        other = "00" * 20
        without_hash = "\n".join(line for line in certutil(serial, thumbprint).splitlines() if not line.startswith("Cert Hash"))
        (home / "store.txt").write_text(certutil(serial, thumbprint) + certutil("0B", other))
        done, findings = judged(program, home / "store.txt")
        checks.equal(findings, [], "nobody is judged by a store alone")
        found = {record.get("sha1"): record["sources"] for record in records(done) if record["record"] == "certificate"}
        checks.equal(sorted(found), sorted([thumbprint, other]), "both certificates of a store are listed by their thumbprints")
        told = found.get(thumbprint, [""])[0]
        for words in ("store.txt:3", "template WebServer", "Microsoft RSA SChannel", "private key not exportable"):
            checks.expect(words in told, f"its record says {words}", told)
        done = program.run("certs", "--topology", TOPOLOGY, home / "store.txt")
        checks.equal(done.stderr.count(b"listed without the certificate itself"), 2, "and that they are listed only", done.stderr.decode())
        for name, text in (("thumbprint", certutil(serial, thumbprint)), ("serial", without_hash),
                           ("openssl", lab.openssl("x509", "-in", pem, "-noout", "-text"))):
            (home / "store.txt").write_text(text)
            done, findings = judged(program, pem, home / "store.txt")
            leaves = [record for record in records(done) if record["record"] == "certificate"]
            checks.equal([len(leaves), "sha256" in leaves[0], len(leaves[0].get("sources", []))], [1, True, 1],
                         f"words are matched with the certificate itself by {name}", json.dumps(leaves))


def check_words_alone(program, checks):
    """Of a certificate that is known by its words alone, what they say is judged and what they leave out is not called good."""
    rows_of_keys = {f"certificate-{name}" for name in ("key-length", "key-length-recommended", "key-algorithm", "signature", "rsassa-pss",
                                                       "roca", "shared-prime", "server-eku", "cdp")}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lab = Lab(folder / "lab")
        pem = lab.certificate("med01.contoso.com", key="rsa1024", issuer=lab.authority("CA"), start="20200101000000Z", end="20210101000000Z")
        words = lab.openssl("x509", "-in", pem, "-noout", "-text")
        serial = lab.openssl("x509", "-in", pem, "-noout", "-serial").strip().partition("=")[2]
        for name, text, broken in (("openssl", words, {"certificate-validity", "certificate-key-length-recommended"}),
                                   ("certutil", certutil(serial, "AB" * 20), {"certificate-validity"})):
            path = folder / "med01.contoso.com.txt"
            path.write_text(text)
            done, findings = judged(program, path)
            checks.equal({f["rule"] for f in findings}, broken, f"{name}: the words of a file named after the server are judged")
            checks.equal(done.returncode, 1, f"{name}: exit code")
            passed = {row["id"] for row in records(done) if row["record"] == "row" and row["status"] == "pass"}
            known = {"certificate-key-length", "certificate-key-algorithm", "certificate-signature", "certificate-rsassa-pss"}
            checks.equal(passed & rows_of_keys, known if name == "openssl" else set(), f"{name}: rows about keys that pass")
        home = folder / "med01.contoso.com"
        home.mkdir()
        for path, text in ((home / "store.txt", words), (home / "default.txt", words + words.replace("CN = CA", "CN = CB")),
                           (folder / "nobody.txt", words)):
            path.write_text(text)
            done, _ = judged(program, path)
            spots = [spot["kind"] for spot in records(done)[-1]["not_seen"]]
            checks.equal(done.returncode, 3, f"{path.name}: words of nobody's certificate leave the audit incomplete")
            checks.expect("certificates_not_judged" in spots, f"{path.name}: and the report says so", str(spots))
        evil = folder / "evil"
        evil.mkdir()
        target = evil / "med01.contoso.com.txt"
        target.write_text(words.replace("        X509v3 extensions:\n", "        X509v3 extensions:\n            X509v3 Certificate Policies: \n"
                                        "                Policy: 1.2.3.4\n                  User Notice:\n                    Explicit Text: x\n"
                                        "            Not After : Jan  1 00:00:00 2035 GMT\n"))
        done, findings = judged(program, target)
        checks.equal(done.returncode, 4, "words that say a thing twice cannot be read")
        checks.expect(b"not believed" in done.stderr, "and the message says so", done.stderr.decode())
        target.write_text(target.read_text() + pem.read_text())
        checks.equal(judged(program, target)[0].returncode, 4, "nor is a certificate believed that stands among such words")
        target.write_text(words + pem.read_text())
        checks.expect("certificate-validity" in [f["rule"] for f in judged(program, target)[1]], "the words before a certificate do no harm")


def check_usages(program, checks):
    """What a list of Get-CsCertificate leaves out has no certificate: said, and the audit is incomplete."""
    with tempfile.TemporaryDirectory() as folder:
        listing = pathlib.Path(folder) / "list.csv"
        head = '"Server","Use","Thumbprint","Subject","AlternativeNames","NotBefore","NotAfter"\n'

        def rows(*usages):
            names = '"CN=pool01.contoso.com","pool01.contoso.com fe01.contoso.com contoso.com","2020-01-01","2040-01-01"'
            return head + "".join(f'"fe01.contoso.com","{usage}","{number:040X}",{names}\n' for number, usage in enumerate(usages))

        for usages, missing in ((("Default", "OAuthTokenIssuer"), []), (("Default",), ["oauth-token-issuer"]),
                                (("WebServicesExternal",), ["default", "oauth-token-issuer"])):
            listing.write_text(rows(*usages))
            done = program.run("certs", "--topology", TOPOLOGY, "--quiet", listing)
            told = [line.rpartition(" ")[2] for line in done.stderr.decode().splitlines() if "names no certificate" in line]
            checks.equal(told, missing, f"a list of {', '.join(usages)} lacks {missing or 'nothing'}", done.stderr.decode())
            if missing:
                checks.expect(done.returncode != 0, "and the audit is not complete")


def check_plan(program, checks):
    done = program.run("certs", "plan", TOPOLOGY)
    text = done.stdout.decode()
    checks.equal(done.returncode, 0, "a plan is made")
    for words in ("# fe01.contoso.com: default", "CN = pool01.contoso.com", "DNS.2 = fe01.contoso.com", "oauth-token-issuer",
                  "access-edge-external", "CN = edgepool.contoso.com", "lyncdiscover.contoso.com", "web01.contoso.com, lyncweb.contoso.com, meet.",
                  "dirweb.contoso.com, lyncdir.contoso.com, meet.", "CN = lyncweb.contoso.com"):
        checks.expect(words in text, f"the plan says {words}", text)
    checks.expect("web FQDN" not in text and "simple URLs" not in text, "and leaves nothing of the web services to add", text)
    with tempfile.TemporaryDirectory() as folder:
        bare = pathlib.Path(folder) / "bare.yaml"
        bare.write_text("topology: 1\nhosts:\n  - {fqdn: se.b, roles: [standard-edition], web: {internal: in.b}}\n  - {fqdn: rp.b, roles: [reverse-proxy]}\n"
                        "  - {fqdn: rp2.b, roles: [reverse-proxy], publishes: [a.b, c.b]}\nsimple_urls: {meet: [m.b]}\n")
        told = program.run("certs", "plan", bare).stdout.decode()
        for words in ("the external web FQDN, the simple URLs for dialin, the simple URLs for admin\n",
                      "the external web FQDNs (one of them is the subject), meet, dialin, Office", "# names: a.b, c.b\n# a public CA"):
            checks.expect(words in told, f"a plan says what the topology does not state: {words}", told)
        for number, section in enumerate(text.split("\n\n")[1:]):
            if "[req]" not in section:
                continue
            path = pathlib.Path(folder) / f"{number}.cnf"
            path.write_text(section)
            made = subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-config", path, "-keyout", "/dev/null"],
                                  capture_output=True)
            checks.equal(made.returncode, 0, f"OpenSSL takes the configuration of {section.splitlines()[0]}", made.stderr.decode())


def check_pools(program, checks):
    """Members of a pool that differ stand side by side, and are no finding; a pool whose members agree is not printed."""
    heading, edges = "DIFFERENT CERTIFICATES WITHIN A POOL", "edgepool.contoso.com, audio-video-authentication"

    def text(*arguments):
        done = program.run("certs", "--topology", TOPOLOGY, "--quiet", *arguments)
        return done.stdout.decode()

    faulty, mended = text(INVENTORY / "faulty"), text(INVENTORY / "mended")
    checks.expect(heading in mended and "pool01.contoso.com, default" in mended, "each Front End has its own default certificate", mended)
    checks.expect("pool01.contoso.com, oauth-token-issuer" not in mended, "and all have one token issuer", mended)
    checks.expect("pool01.contoso.com, oauth-token-issuer" in faulty, "which they do not have in the faulty inventory", faulty)
    checks.expect(edges in faulty and edges not in mended, "so with the certificates of A/V authentication", faulty)
    side = faulty.partition(edges)[2].partition("edgepool")[0].splitlines()
    checks.equal([line.split()[0] for line in side if line.startswith("  edge0")], ["edge01.contoso.com", "edge02.contoso.com"], "both members stand side by side", faulty)
    edge = INVENTORY / "mended" / "edge01.contoso.com"
    checks.expect(heading not in text(edge), "one member alone differs from nobody")
    one, two = (records(judged(program, "--jobs", jobs, INVENTORY / "faulty")[0]) for jobs in ("1", "2"))
    rows = [[record for record in each if record["record"] in ("row", "certificate")] for each in (one, two)]
    checks.equal(rows[0], rows[1], "rows and certificates are the same on two threads")


def main():
    options = arguments(__doc__).parse_args()
    program = Program(options.sealtrace)
    checks = Checks("inventory")
    check_sample(program, checks)
    check_forms(program, checks)
    check_words(program, checks)
    check_words_alone(program, checks)
    check_usages(program, checks)
    check_plan(program, checks)
    check_pools(program, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
