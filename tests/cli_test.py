#!/usr/bin/env python3
"""cli_test: what scripts may rely on: exit codes, files, streams, options, and live capture (docs/cli.md).

    tests/cli_test.py [--sealtrace BUILD]

Live capture is tested over a veth pair in a network namespace; without root that part says that it was skipped.
"""
import gzip
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pcapfile
from checks import Checks
from lab import SPAN, Lab, LabError
from program import CAPTURES, RUN_SECONDS, VERDICTS, Crash, Program, arguments, endpoints_of, get, of_kind

CLEAN, FINDINGS, USAGE, INCOMPLETE, UNREADABLE = 0, 1, 2, 3, 4
MUTUAL = CAPTURES / "tls12-mutual.pcap"
SITE, SITE_CLEAN = CAPTURES / "deployment.pcapng", CAPTURES / "deployment-clean.pcapng"
TOPOLOGY = ["--topology", CAPTURES / "deployment.topology.yaml"]
NOBODY = 65534


class CommandLine:
    """The tests share a program and a scratch folder with broken inputs."""

    def __init__(self, program, checks, scratch):
        self.program, self.checks, self.scratch = program, checks, scratch

    def file(self, name, octets=b""):
        path = self.scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets if isinstance(octets, bytes) else octets.encode())
        return path

    def exits(self, sentence, code, *command, says=None, prints=None, **options):
        """The command ends with the code; `says` is found in its messages, `prints` in its output. Returns the process."""
        done = self.program.run(*command, cwd=self.scratch, **options)
        told, printed = done.stderr.decode(errors="replace"), done.stdout.decode(errors="replace")
        detail = f"exit {done.returncode}, wanted {code}\n{told}{printed[:1500]}"
        holds = done.returncode == code and (says is None or re.search(says, told)) and (prints is None or re.search(prints, printed))
        self.checks.expect(bool(holds), sentence, detail)
        return done

    def flows(self, *command, **options):
        """What an audit says of each flow, free of the names of files: {endpoints: facts}."""
        records = self.program.records(*command, cwd=self.scratch, **options)
        return {endpoints_of(flow): (get(flow, "tls.version"), get(flow, "tls.client_auth"), get(flow, "client.packets"),
                                     get(flow, "server.packets"), [(r["rule"], r["status"]) for r in flow.get("results", [])])
                for flow in of_kind(records, "flow")}

    def same_flows(self, sentence, wanted, *command, **options):
        try:
            found = self.flows(*command, **options)
        except Crash as error:
            self.checks.expect(False, sentence, error)
            return
        self.checks.expect(found == wanted, sentence, "\n".join(
            f"{key}: {found.get(key)}\n    wanted {wanted.get(key)}" for key in sorted(found.keys() | wanted.keys()) if found.get(key) != wanted.get(key)))

    # What can be called.

    def commands(self):
        self.exits("without a command the help is printed", USAGE, prints="usage: sealtrace")
        self.exits("--help is no error", CLEAN, "--help", prints="audit .*\n")
        self.exits("--version prints the version", CLEAN, "--version", prints=r"^sealtrace \d+\.\d+\.\d+")
        for command in ("audit", "live"):
            self.exits(f"{command} --help lists options", CLEAN, command, "--help", prints="--topology")
        self.exits("an unknown command names the nearest", USAGE, "adit", says="audit")
        self.exits("an unknown option names the nearest", USAGE, "audit", "--topolgy", "x", says="topology")
        self.exits("audit needs a capture", USAGE, "audit", says="capture")
        self.exits("live needs an interface", USAGE, "live", says="interface")
        self.exits("a severity has to be one", USAGE, "audit", "--fail-on", "sometimes", MUTUAL, says="sometimes")
        self.exits("a format has to be one", USAGE, "audit", "--format", "xls", MUTUAL, says="xls")
        self.exits("jobs has to be a number", USAGE, "audit", "--jobs", "many", MUTUAL, says="many")
        self.exits("policy list names the default policy", CLEAN, "policy", "list", prints="lync-2013")
        for pack in ("skype-for-business-2015", "skype-for-business-2019", "teams-direct-routing", "generic-sip"):
            self.exits(f"policy list names {pack}", CLEAN, "policy", "list", prints=pack)
            self.exits(f"the cases of {pack} hold", CLEAN, "policy", "test", pack)
        self.exits("policy show tells the policy in words", CLEAN, "policy", "show", "lync-2013", prints="(?i)mediation")
        self.exits("policy lint finds no problem in it", CLEAN, "policy", "lint", "lync-2013")
        self.exits("policy test finds that its cases hold", CLEAN, "policy", "test", "lync-2013")
        self.exits("topology lint finds no problem in the sample", CLEAN, "topology", "lint", TOPOLOGY[1])
        self.exits("explain tells what a row asks", CLEAN, "explain", "mediation-gateway-signalling", prints="(?i)gateway")
        self.exits("explain of an unknown row names the nearest", USAGE, "explain", "mediation-gateway-signaling",
                   says="mediation-gateway-signalling")

    # Exit codes of an audit.

    def verdicts(self):
        self.exits("a site with a fault is exit code 1", FINDINGS, "audit", *TOPOLOGY, SITE)
        self.exits("a site without faults and with open rows is 3", INCOMPLETE, "audit", *TOPOLOGY, SITE_CLEAN)
        self.exits("--fail-on critical makes a lesser fault a 3", INCOMPLETE, "audit", *TOPOLOGY, "--fail-on", "critical", SITE)
        self.exits("--strict makes an open row a 1", FINDINGS, "audit", *TOPOLOGY, "--strict", SITE_CLEAN)
        self.exits("a capture in which nothing is expected is 0", CLEAN, "audit", MUTUAL)
        self.exits("--require makes a row that is not there a 3", INCOMPLETE, "audit", "--require", "mediation-gateway-media", MUTUAL)
        self.exits("--require of an unknown row names the nearest", USAGE, "audit", "--require", "mediation-gateway-medio", MUTUAL,
                   says="mediation-gateway-media")
        empty = self.scratch / "no-packets.pcap"
        pcapfile.write(empty, pcapfile.Capture([]))
        self.exits("a capture without packets is no error", CLEAN, "audit", empty)

    def unreadable(self):
        zero, text = self.file("zero.pcap"), self.file("text.pcap", "this is not a capture\n" * 20)
        for name, path in (("a missing file", self.scratch / "missing.pcap"), ("an empty file", zero), ("what is no capture", text)):
            done = self.exits(f"{name} is exit code 4 and is named", UNREADABLE, "audit", path, says=re.escape(path.name))
            self.checks.equal(len(done.stderr.decode().strip().splitlines()), 1, f"{name} is told in one line", done.stderr.decode())
            self.exits(f"{name} beside a good capture is a 3", INCOMPLETE, "audit", path, MUTUAL, says=re.escape(path.name))
            self.same_flows(f"{name} does not hinder the other capture", self.flows(MUTUAL), path, MUTUAL)
        self.exits("a fault in the good capture wins over the bad one", FINDINGS, "audit", *TOPOLOGY, zero, SITE)
        whole = MUTUAL.read_bytes()
        cut = self.file("cut.pcap", whole[:-20])
        self.exits("a capture cut in its last record is a 3", INCOMPLETE, "audit", cut)
        records = self.program.records(cut)
        self.checks.expect(any("cut" in json.dumps(r) or "truncated" in json.dumps(r) for r in of_kind(records, "capture")),
                           "the loss of a cut capture is stated", of_kind(records, "capture"))
        self.checks.equal([endpoints_of(f) for f in of_kind(records, "flow")], list(self.flows(MUTUAL)), "what comes before the cut is audited")
        pipe = self.exits("an empty standard input is exit code 4", UNREADABLE, "audit", "-", stdin=b"")
        self.checks.expect(pipe.stderr.strip(), "an empty standard input is told")

    def wrong_files(self):
        bad_key = self.file("bad-key.yaml", "topology: 1\nname: x\nsip_domain: [contoso.com]\n")
        self.exits("an unknown key of a topology is told with its file, line and the nearest key", USAGE, "audit", "--topology", bad_key,
                   MUTUAL, says=r"bad-key\.yaml:3(?::\d+)?: .*sip_domains")
        twice = self.file("twice.yaml", "topology: 1\nname: x\nname: y\n")
        self.exits("a key given twice is told with its line", USAGE, "audit", "--topology", twice, MUTUAL, says=r"twice\.yaml:3")
        self.exits("a missing topology is told", USAGE, "audit", "--topology", "missing.yaml", MUTUAL, says=r"missing\.yaml")
        self.exits("topology lint tells problems", FINDINGS, "topology", "lint", bad_key, prints=None)
        self.exits("an unknown policy names those that are known", USAGE, "audit", "--policy", "lync-2031", MUTUAL, says="lync-2013")
        bad_policy = self.file("bad-policy.yaml", "policy: 1\nname: mine\nbogus: true\n")
        self.exits("an unknown key of a policy is told with its file and line", USAGE, "audit", "--policy", bad_policy, MUTUAL,
                   says=r"bad-policy\.yaml:\d+")
        self.exits("a filter that does not compile is told", USAGE, "audit", "--filter", "prot 5061", MUTUAL, says="(?i)filter")

    # Keys of media.

    def media_keys(self):
        sdes = CAPTURES / "sip-sdes-clear.pcap"
        keys = [line.split("\t")[2] for line in (CAPTURES / "secrets.tsv").read_text().splitlines() if line.startswith("sip-sdes-clear\tsdes_key\t")]
        suite = "AES_CM_128_HMAC_SHA1_80"
        good = self.file("keys.tsv", "# capture\tssrc\tsuite\tkey\n" + "".join(f"{sdes.name}\tany\t{suite}\t{key}\n" for key in keys))
        wrong = self.file("wrong-keys.tsv", f"any\tany\t{suite}\t{'A' * 40}\n")

        def media(*options):
            flows = of_kind(self.program.records(*options, sdes, cwd=self.scratch), "flow")
            return [stream for flow in flows for stream in flow.get("media", [])]

        verified = media("--srtp-keys", good)
        self.checks.equal({(m["protection"], m.get("basis")) for m in verified}, {("srtp", "key_verified")}, "given keys verify the streams")
        self.checks.expect(all(m["keys"]["tried"] >= len(keys) for m in verified), "every key given was tried, beside those of the signalling", verified)
        ignored = media("--srtp-keys", good, "--ignore-secrets")
        self.checks.expect(all(m.get("basis") != "key_verified" and "keys" not in m for m in ignored), "--ignore-secrets wins over --srtp-keys", ignored)
        done = self.exits("keys are no part of a report", FINDINGS, "audit", "--srtp-keys", good, "--format", "ndjson", sdes)
        self.checks.expect(not any(key.encode() in done.stdout + done.stderr for key in keys), "no given key is printed")
        self.checks.expect(all(m["keys"]["verified_packets"] == 0 or m["basis"] == "key_verified" for m in media("--srtp-keys", wrong)),
                           "a key that fits nothing verifies nothing")
        broken = self.file("broken.tsv", f"any\tany\t{suite}\t{keys[0]}\nany\t0xXY\t{suite}\t{keys[0]}\n")
        done = self.exits("a broken file of keys is told with its line", USAGE, "audit", "--srtp-keys", broken, sdes, says=r"broken\.tsv:2: .*SSRC")
        self.checks.expect(keys[0].encode() not in done.stderr, "what is wrong is told without the key", done.stderr)
        self.exits("a missing file of keys is told", USAGE, "audit", "--srtp-keys", "missing.tsv", sdes, says=r"missing\.tsv")

    # Where output goes.

    def outputs(self):
        names = [self.scratch / f"report.{ending}" for ending in ("txt", "json", "ndjson")]
        options = [word for name in names for word in ("-o", name)]
        done = self.exits("-o writes several reports", FINDINGS, "audit", *TOPOLOGY, *options, SITE)
        self.checks.equal(done.stdout, b"", "with -o standard output stays silent")
        self.checks.expect(all(name.exists() and name.stat().st_size for name in names), "every report is there", list(self.scratch.iterdir()))
        self.checks.expect(isinstance(json.loads(names[1].read_text()), dict), "the .json report is one object")
        kinds = [json.loads(line)["record"] for line in names[2].read_text().splitlines()]
        order = ["audit", "capture", "certificate", "flow", "leg", "finding", "row", "summary"]
        self.checks.expect(kinds == sorted(kinds, key=order.index) and kinds[-1] == "summary", "records come in the order of the contract", kinds)
        before = names[0].read_bytes()
        self.exits("an existing report is not overwritten", USAGE, "audit", "-o", names[0], MUTUAL, says=r"report\.txt")
        self.checks.equal(names[0].read_bytes(), before, "the existing report stays as it was")
        self.exits("--force overwrites it", CLEAN, "audit", "--force", "-o", names[0], MUTUAL)
        self.checks.expect(names[0].read_bytes() != before, "the report is the new one")
        self.exits("an ending that no format has is told", USAGE, "audit", "-o", self.scratch / "report.doc", MUTUAL, says="doc")
        self.exits("a report in no folder is told", USAGE, "audit", "-o", self.scratch / "nowhere" / "r.json", MUTUAL, says="nowhere")
        self.checks.equal(sorted(p.name for p in self.scratch.glob("report*")), ["report.json", "report.ndjson", "report.txt"],
                          "no half-written report is left")
        if pathlib.Path("/dev/full").exists():
            with open("/dev/full", "wb") as full:
                done = subprocess.run([self.program.binary, "audit", MUTUAL], stdout=full, stderr=subprocess.PIPE, check=False)
            self.checks.expect(done.returncode == USAGE and done.stderr, "a full disk is an error", done)
        self.exits("the format of standard output can be chosen", CLEAN, "audit", "--format", "json", MUTUAL, prints=r"^\{")
        done = self.exits("--quiet leaves the report and no messages", CLEAN, "audit", "--quiet", MUTUAL)
        self.checks.expect(done.stdout and not done.stderr, "--quiet says nothing else", done.stderr)

    def colours(self):
        escape = b"\x1b["
        always = self.exits("--color always colours", CLEAN, "audit", "--color", "always", MUTUAL)
        self.checks.expect(escape in always.stdout, "--color always gives colours to a file")
        plain = self.exits("a file gets no colours", CLEAN, "audit", MUTUAL)
        self.checks.expect(escape not in plain.stdout, "what is no terminal gets no colours")
        self.checks.expect(escape in self.on_terminal({}), "a terminal gets colours")
        self.checks.expect(escape not in self.on_terminal({"NO_COLOR": "1"}), "NO_COLOR is honoured")

    def on_terminal(self, environment):
        """Standard output of an audit that runs on a terminal."""
        ours, theirs = pty.openpty()
        variables = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"} | environment
        child = subprocess.Popen([self.program.binary, "audit", MUTUAL], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL,
                                 env=variables)
        os.close(theirs)
        told = b""
        try:
            while piece := os.read(ours, 65536):
                told += piece
        except OSError:  # the other end is closed
            pass
        finally:
            os.close(ours)
            child.wait(RUN_SECONDS)
        return told

    # Where input comes from.

    def inputs(self):
        whole = self.flows(MUTUAL)
        octets = MUTUAL.read_bytes()
        self.same_flows("standard input is a capture like any other", whole, "-", stdin=octets)
        self.same_flows("gzip is read as it is", whole, self.file("x.pcap.gz", gzip.compress(octets)))
        self.same_flows("the name of a compressed file does not matter", whole, self.file("x", gzip.compress(octets)))
        self.same_flows("a compressed standard input is read", whole, "-", stdin=gzip.compress(octets))
        for tool in ("zstd", "lz4"):
            if not shutil.which(tool):
                self.checks.skip(f"{tool} is read as it is", f"the program {tool} is missing")
                continue
            packed = subprocess.run([tool, "-c", MUTUAL], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
            self.same_flows(f"{tool} is read as it is", whole, self.file(f"x.pcap.{tool}", packed))
        frames = pcapfile.read(SITE).frames
        folder = self.scratch / "rotated"
        folder.mkdir()
        third = len(frames) // 3
        for name, part in (("b", frames[:third]), ("c", frames[third:2 * third]), ("a", frames[2 * third:])):  # names are in no order
            pcapfile.write(folder / f"{name}.pcap", pcapfile.Capture(part))
        site = self.flows(*TOPOLOGY, SITE)
        self.same_flows("a folder of rotated files is one capture", site, *TOPOLOGY, folder)
        other = CAPTURES / "tls12-one-way.pcap"
        self.same_flows("several files are one audit", {**whole, **self.flows(other)}, MUTUAL, other)
        only = {key: value for key, value in site.items() if any(end.endswith(":5067") for end in key)}
        self.same_flows("--filter leaves only what matches", only, *TOPOLOGY, "--filter", "tcp port 5067", SITE)

    def several_policies(self):
        records = self.program.records("--policy", "lync-2013", "--policy", "skype-for-business-2019", *TOPOLOGY, SITE)
        by = {kind: {record.get("policy") for record in of_kind(records, kind)} for kind in ("leg", "finding", "row")}
        both = {"lync-2013", "skype-for-business-2019"}
        self.checks.equal(by, {"leg": both, "finding": both, "row": both}, "legs, findings and rows name the policy that says so")
        ids = [record["id"] for record in of_kind(records, "finding")]
        self.checks.equal(len(ids), len(set(ids)), "no two findings have one id")
        self.exits("one policy twice is refused", USAGE, "audit", "--policy", "lync-2013", "--policy", "lync-2013", SITE, says="judges already")

    # Live capture.

    def no_interface(self):
        self.exits("an interface that does not exist is exit code 4 and is named", UNREADABLE, "live", "-i", "nosuch0", "--count", "1",
                   says="nosuch0")

    def live(self, lab):
        frames = [frame.octets for frame in pcapfile.read(MUTUAL).frames]
        count = self.listen(lab, "--count", len(frames))
        lab.send(frames)
        self.ends("--count ends a live audit", count, mutual=True)
        interrupted = self.listen(lab)
        lab.send(frames)
        time.sleep(1)
        interrupted.send_signal(signal.SIGINT)
        records = self.ends("an interrupt ends a live audit with its report", interrupted, mutual=True)
        captures = of_kind(records, "capture")
        self.checks.equal([c.get("frames") for c in captures], [len(frames)], "every frame on the wire was counted", captures)
        self.checks.expect(captures and any("drop" in key for key in captures[0]), "the report says what kernel and interface dropped", captures)
        idle = self.listen(lab, "--for", "1s")
        begin = time.monotonic()
        self.ends("--for ends a live audit of an idle interface", idle, mutual=False)
        self.checks.expect(time.monotonic() - begin < 10, "and in time")
        self.without_permission(lab)

    def listen(self, lab, *options):
        """A live audit on the span end, once it listens. ip netns exec becomes the program, so signals reach it."""
        command = lab.inside(self.program.binary, "live", "-i", SPAN, "--format", "ndjson", *options)
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.first = child.stderr.readline().decode(errors="replace")
        return child

    def ends(self, sentence, child, mutual):
        try:
            out, err = child.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
        told = child.first + err.decode(errors="replace")
        if not self.checks.expect(child.returncode in VERDICTS and "Sanitizer" not in told, sentence, f"exit {child.returncode}\n{told}"):
            return []
        records = [json.loads(line) for line in out.splitlines()]
        self.checks.expect(records and records[-1]["record"] == "summary", f"{sentence}: the report is whole", records[-1:])
        status = [get(flow, "tls.client_auth.status") for flow in of_kind(records, "flow")]
        self.checks.equal(status, ["mutual"] if mutual else [], f"{sentence}: it says what was seen")
        return records

    def without_permission(self, lab):
        binary = self.scratch / "sealtrace"
        shutil.copy(self.program.binary, binary)
        binary.chmod(0o755)
        self.scratch.chmod(0o755)
        command = lab.inside("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all", binary, "live", "-i", SPAN,
                             "--count", "1")
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=RUN_SECONDS, check=False)
        told = done.stderr.decode(errors="replace")
        self.checks.expect(done.returncode == UNREADABLE and re.search("(?i)permi|privilege|CAP_NET_RAW|root", told),
                           "without permission a live audit says so", f"exit {done.returncode}\n{told}")


def main():
    program, checks = Program(arguments(__doc__).parse_args().sealtrace), Checks("command line")
    with tempfile.TemporaryDirectory() as scratch:
        tests = CommandLine(program, checks, pathlib.Path(scratch))
        parts = [tests.commands, tests.verdicts, tests.unreadable, tests.wrong_files, tests.media_keys, tests.outputs, tests.colours, tests.inputs, tests.several_policies,
                 tests.no_interface]
        for part in parts:
            try:
                part()
            except (Crash, ValueError, KeyError, OSError) as error:  # what the program gave is not what it promises
                checks.expect(False, f"the part '{part.__name__}' runs to its end", f"{type(error).__name__}: {error}")
        try:
            with Lab() as lab:
                tests.live(lab)
        except (Crash, ValueError, KeyError) as error:
            checks.expect(False, "the part 'live' runs to its end", f"{type(error).__name__}: {error}")
        except LabError as error:
            checks.skip("live capture", error)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
