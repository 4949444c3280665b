#!/usr/bin/env python3
"""bench: run sealtrace and others in turn on generated captures and tabulate CPU seconds, ratios and memory. See scripts/bench."""
import argparse
import dataclasses
import datetime
import fcntl
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- scripts/bench --write: begin -->", "<!-- scripts/bench --write: end -->"
SLICE = 20  # tshark reads one part in so many: all of it would take minutes
LEAST_IDLE_SCALE = 0.2  # fewer flows drown in the sizes by which tables and heaps grow
LEAST_MEDIA_SCALE = 1.0  # 50,000 streams at once: what is asked of them does not shrink with the captures
NUM_CERTIFICATES, PLANTED_PAIRS = 100_000, 100  # of an inventory; keys with a prime in common
MEDIA_BEGUN, MEDIA_UNDECIDED, MEDIA_DECIDED, MEDIA_LONG = 1, 9, 20, 148  # packets of a stream, see make_captures
STEADY_CPU_SECONDS, MOST_REPEATS = 0.5, 5  # a program that is done sooner runs again within its turn
IDLE_SETTLE_SECONDS = 0.3  # a program that used no CPU for so long has read what it was given


@dataclasses.dataclass
class Run:
    cpu_seconds: float
    peak_mib: float
    output: str = ""


@dataclasses.dataclass
class Tool:
    name: str
    command: list  # {} stands for the capture
    once: bool = False  # too slow for every round
    sliced: bool = False
    counts: bool = False  # its output begins with the number of packets


def measure(command):
    """Run a command to its end and take its resource usage."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = child.stdout.read(1 << 16)
    while child.stdout.read(1 << 20):
        pass
    child.stdout.close()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1, 3):
        sys.exit(f"bench: {' '.join(map(str, command))} ended with {child.returncode}")
    return Run(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output.decode(errors="replace"))


def measure_steadily(command):
    """The median of as many runs as a figure needs that does not hang on what the machine did in a few hundredths of a second."""
    runs = [measure(command)]
    while len(runs) < MOST_REPEATS and sum(run.cpu_seconds for run in runs) < STEADY_CPU_SECONDS:
        runs.append(measure(command))
    return sorted(runs, key=lambda run: run.cpu_seconds)[len(runs) // 2]


def tools(options):
    sealtrace, folder = options.sealtrace.resolve(), options.tools.resolve()
    null = "/dev/null"
    found = [
        Tool("W: walk", [folder / "walk", "{}"], counts=True),
        Tool("L: libpcap loop", [folder / "pcap_loop", "{}"], counts=True),
        Tool("sealtrace", [sealtrace, "audit", "--quiet", "{}"]),
        Tool("sealtrace --no-hash", [sealtrace, "audit", "--quiet", "--no-hash", "{}"]),
        Tool("sealtrace --no-hash --format ndjson", [sealtrace, "audit", "--quiet", "--no-hash", "--format", "ndjson", "{}"]),
        Tool("tcpdump -w /dev/null", ["tcpdump", "-n", "-r", "{}", "-w", null]),
        Tool("ndpiReader -q", ["ndpiReader", "-q", "-i", "{}"], once=True),
        Tool(f"tshark (1/{SLICE}, scaled)", ["tshark", "-n", "-r", "{}", "-q", "-z", "io,phs"], once=True, sliced=True),
    ]
    for tool in list(found):
        if not shutil.which(tool.command[0]):
            print(f"bench: {tool.command[0]} is missing, its row is left out", file=sys.stderr)
            found.remove(tool)
    return found


class Captures:
    """Captures by kind, made when they are asked for."""

    def __init__(self, options):
        self.folder, self.options = options.keep or options.tools / "captures", options
        self.folder.mkdir(parents=True, exist_ok=True)
        self.maker = options.tools.resolve() / "make_captures"
        self.templates = self.folder / "templates"
        samples = sorted((ROOT / "captures").glob("*.pcap*"))
        print(subprocess.run([sys.executable, ROOT / "scripts/bench.d/templates.py", self.templates, *samples], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.strip(), flush=True)

    def make(self, kind, scale):
        path = self.folder / f"{kind}-{scale:g}.pcap"
        told = subprocess.run([self.maker, self.templates, path, kind, str(scale), str(self.options.seed)], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        packets, size = map(int, re.findall(r"\d+", told)[:2])
        os.sync()  # or the kernel goes on writing it to the disk while programs are measured
        print(f"{path.name}: {told.strip()}", flush=True)
        return path, packets, size

    def drop(self, path):
        if not self.options.keep:
            path.unlink()


def versus(kind, options, captures):
    """Rows of one capture: every tool in turn, round after round."""
    path, packets, size = captures.make(kind, options.scale)
    sliced = captures.make(kind, options.scale / SLICE)[0]
    runs = {tool.name: [] for tool in tools(options)}
    for round_ in range(options.rounds):
        for tool in tools(options):
            if tool.once and round_ > 0:
                continue
            capture = sliced if tool.sliced else path
            run = measure_steadily([str(word).replace("{}", str(capture)) for word in tool.command])
            if tool.sliced:
                run.cpu_seconds = max(0.0, run.cpu_seconds - idle_cost(tool)) * SLICE
            if tool.counts and int(run.output.split()[0]) != packets:
                sys.exit(f"bench: {tool.name} counts {run.output.strip()}, and {packets} packets were made")
            runs[tool.name].append(run)
            print(f"  {kind} round {round_ + 1}: {tool.name} {run.cpu_seconds:.3f} s, {run.peak_mib:.0f} MiB", flush=True)
    for made in (path, sliced):
        captures.drop(made)
    return Table(kind, packets, size, runs)


def idle_cost(tool):
    """CPU seconds that a tool needs to start and end."""
    return measure([tool.command[0], "-v"]).cpu_seconds


def floor_mib():
    """What a child of ours counts as its peak before it becomes another program."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Table:
    def __init__(self, kind, packets, size, runs):
        self.kind, self.packets, self.size, self.runs = kind, packets, size, {name: r for name, r in runs.items() if r}
        self.floor_mib = floor_mib() + 1  # of now: what is measured later may need more

    def ratio(self, name, base):
        """Median of the ratios within the same round; a tool that ran once is compared with the base's median."""
        ours, theirs = self.runs[name], self.runs[base]
        if len(ours) < len(theirs):
            return ours[0].cpu_seconds / statistics.median(run.cpu_seconds for run in theirs)
        return statistics.median(a.cpu_seconds / b.cpu_seconds for a, b in zip(ours, theirs))

    def markdown(self):
        lines = [f"### {self.kind}: {self.packets:,} packets, {self.size / 1e6:,.0f} MB", "",
                 "| program | CPU s | Mpps | Gbit/s | x W | x L | peak MiB | rounds |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
        for name, runs in self.runs.items():
            cpu = statistics.median(run.cpu_seconds for run in runs)
            most = max(run.peak_mib for run in runs)
            peak = "-" if "scaled" in name else f"{most:.0f}" if most > self.floor_mib else f"under {self.floor_mib:.0f}"
            lines.append(f"| {name} | {cpu:.3f} | {self.packets / cpu / 1e6:.2f} | {self.size * 8 / cpu / 1e9:.1f} | "
                         f"{self.ratio(name, 'W: walk'):.2f} | {self.ratio(name, 'L: libpcap loop'):.2f} | {peak} | {len(runs)} |")
        return "\n".join(lines)


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def used_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def settle(pid, pipe):
    """Wait until a program has taken what is in its pipe and rests."""
    before = -1
    while True:
        waiting = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]
        ticks = used_ticks(pid)
        if waiting == 0 and ticks == before:
            return
        before = ticks
        time.sleep(IDLE_SETTLE_SECONDS)


def resident_bytes(sealtrace, path):
    """(resident, peak) bytes of an audit that has read a capture from a pipe and waits for more: its flows are all open; then
    the peak of the same audit with its report."""
    child = subprocess.Popen([sealtrace, "audit", "--quiet", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(path, "rb") as capture:
        shutil.copyfileobj(capture, child.stdin, 1 << 20)
    child.stdin.flush()
    settle(child.pid, child.stdin.fileno())
    resident = resident_kib(child.pid) * 1024
    child.stdin.close()
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    return resident, used.ru_maxrss * 1024


def idle(options, captures):
    """[(kind, flows, bytes per open flow, bytes per flow with the report)]"""
    rows = []
    sealtrace = options.sealtrace.resolve()
    for kind, frames in (("idle-udp", 1), ("idle-tcp", 3)):
        empty, one, _ = captures.make(kind, 1e-6)
        full, packets, _ = captures.make(kind, max(options.scale, LEAST_IDLE_SCALE))
        few, few_peak = resident_bytes(sealtrace, empty)
        many, many_peak = resident_bytes(sealtrace, full)
        flows = (packets - one) // frames
        rows.append((kind, flows, (many - few) / flows, (many_peak - few_peak) / flows))
        for made in (empty, full):
            captures.drop(made)
    return rows


def idle_markdown(rows):
    lines = ["### Memory of an idle flow", "", "| flows | number | bytes per flow while open | bytes per flow at the peak, report included |",
             "| --- | --- | --- | --- |"]
    names = {"idle-udp": "UDP, one datagram each", "idle-tcp": "TCP, opened and silent"}
    return "\n".join(lines + [f"| {names[kind]} | {flows:,} | {open_:.0f} | {peak:.0f} |" for kind, flows, open_, peak in rows])


@dataclasses.dataclass
class MediaFigures:
    streams: int
    before_ns: float  # of a packet, before its stream's verdict and after it
    after_ns: float
    verdict_us: float  # what a stream's verdict costs: its first MEDIA_DECIDED packets, beyond as many that are only counted
    stream_us: float  # all that such a stream costs, beyond the walk
    open_bytes: dict  # of a stream while it is open, by packets
    peak_mib: float

    def rows(self):
        """(what, figure, the most that is allowed)"""
        yield "a packet before its stream's verdict, ns", self.before_ns, None
        yield "a packet after it, ns", self.after_ns, None
        yield "a stream's verdict, us", self.verdict_us, 12
        yield f"all of a stream of {MEDIA_DECIDED} packets, its line in the report included, beyond the walk, us", self.stream_us, None
        yield "state of a stream before its verdict, bytes", self.open_bytes[MEDIA_UNDECIDED], None
        yield "state of a stream after it, bytes", self.open_bytes[MEDIA_DECIDED], None
        yield f"peak with {self.streams:,} streams at once, MiB", self.peak_mib, 256


def media(options, captures):
    """Figures of streams of SRTP, from captures of the same streams cut after more and more packets."""
    scale = max(options.scale, LEAST_MEDIA_SCALE)
    sealtrace, walk = options.sealtrace.resolve(), options.tools.resolve() / "walk"
    made = {count: captures.make(f"media-{count}", scale) for count in (MEDIA_BEGUN, MEDIA_UNDECIDED, MEDIA_DECIDED, MEDIA_LONG)}
    runs = {count: [] for count in made}
    floors = []
    for round_ in range(options.rounds):
        floors.append(measure([walk, made[MEDIA_DECIDED][0]]).cpu_seconds)
        for count, (path, _, _) in made.items():
            runs[count].append(measure([sealtrace, "audit", "--quiet", "--no-hash", path]))
            print(f"  media round {round_ + 1}: {count} packets {runs[count][-1].cpu_seconds:.2f} s", flush=True)
    cpu = {count: statistics.median(run.cpu_seconds for run in of_count) for count, of_count in runs.items()}
    streams = made[MEDIA_BEGUN][1]

    def packet_ns(few, many):
        return (cpu[many] - cpu[few]) / streams / (many - few) * 1e9

    empty = captures.make("media-1", 1e-6)[0]
    few, _ = resident_bytes(sealtrace, empty)
    open_bytes = {count: (resident_bytes(sealtrace, made[count][0])[0] - few) / streams for count in (MEDIA_UNDECIDED, MEDIA_DECIDED)}
    for path in (empty, *(path for path, _, _ in made.values())):
        captures.drop(path)
    before, after, told = (packet_ns(*between) for between in ((MEDIA_BEGUN, MEDIA_UNDECIDED), (MEDIA_DECIDED, MEDIA_LONG), (MEDIA_BEGUN, MEDIA_DECIDED)))
    return MediaFigures(streams, before, after, verdict_us=(told - after) * (MEDIA_DECIDED - MEDIA_BEGUN) / 1e3,
                        stream_us=(cpu[MEDIA_DECIDED] - statistics.median(floors)) / streams * 1e6, open_bytes=open_bytes,
                        peak_mib=max(run.peak_mib for of_count in runs.values() for run in of_count))


def media_markdown(figures):
    lines = [f"### media: {figures.streams:,} streams of SRTP at once", "", "| quantity | figure |", "| --- | --- |"]
    return "\n".join(lines + [f"| {what} | {figure:.{0 if figure >= 20 else 1}f} |" for what, figure, _ in figures.rows()])


@dataclasses.dataclass
class CertificateFigures:
    number: int
    cpu_seconds: float
    peak_mib: float
    missed: int  # certificates of planted pairs that are not flagged
    invented: int  # certificates flagged that are of none

    def rows(self):
        """(what, figure, the most that is allowed)"""
        yield f"an inventory of {self.number:,} certificates judged, batch GCD included, CPU s", self.cpu_seconds, 120
        yield "its peak, MiB", self.peak_mib, 2048
        yield "certificates of planted pairs missed", self.missed, 0
        yield "shared primes invented", self.invented, 0


def certificates(options):
    """An inventory of RSA certificates of 2048 bits by one CA: every rule about certificates, chains and shared primes."""
    number = int(NUM_CERTIFICATES * options.scale)
    folder = options.keep or options.tools / "captures"
    place = folder / f"certificates-{number}"
    made = subprocess.run([options.tools.resolve() / "make_certificates", place, str(number), str(PLANTED_PAIRS), str(options.seed)], check=True,
                          text=True, stdout=subprocess.PIPE).stdout
    planted = set(made.split())
    command = [options.sealtrace.resolve(), "certs", "--topology", place / "topology.yaml", "--quiet", place / "certificates"]
    runs = [measure(command) for _ in range(options.rounds)]
    told = subprocess.run([*command, "--format", "ndjson"], check=False, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    records = [json.loads(line) for line in told if line.startswith(('{"record":"certificate"', '{"record":"finding"'))]
    shared = {record["id"] for record in records if record["record"] == "finding" and record["rule"] == "certificate-shared-prime"}
    flagged = {record["sha256"] for record in records if record["record"] == "certificate" and shared & set(record["findings"])}
    if not options.keep:
        shutil.rmtree(place)
    return CertificateFigures(number, statistics.median(run.cpu_seconds for run in runs), max(run.peak_mib for run in runs),
                              len(planted - flagged), len(flagged - planted))


def certificates_markdown(figures):
    lines = [f"### certificates: an inventory of {figures.number:,}", "", "| quantity | figure |", "| --- | --- |"]
    return "\n".join(lines + [f"| {what} | {figure:.{0 if figure >= 20 else 1}f} |" for what, figure, _ in figures.rows()])


def bars(tables, idle_rows, media_figures, certificate_figures):
    """(what is asked, the figure, whether it holds) of every bar that was measured."""
    ours = "sealtrace --no-hash"
    for kind, base, limit, name in (("mix", "L: libpcap loop", 0.6, "W: walk"), ("mix", "W: walk", 5.0, ours), ("handshakes", "W: walk", 16.0, ours)):
        table = next((table for table in tables if table.kind == kind), None)
        if table and name in table.runs:
            ratio = table.ratio(name, base)
            yield f"{kind}: {name} / {base[0]} at most {limit:g}", f"{ratio:.2f}", ratio <= limit
    for kind, _, per_flow, _ in idle_rows:
        yield f"{kind}: at most 256 bytes per open flow", f"{per_flow:.0f}", per_flow <= 256
    for kind, figures in (("media", media_figures), ("certificates", certificate_figures)):
        for what, figure, limit in figures.rows() if figures else ():
            if limit is not None:
                yield f"{kind}: {what}, at most {limit}", f"{figure:.1f}", figure <= limit


def machine():
    told = subprocess.run(["lscpu"], stdout=subprocess.PIPE, text=True, check=False, env={**os.environ, "LC_ALL": "C"}).stdout
    model = re.search(r"^Model name:\s*(.+)$", told, re.M)
    release = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    system = re.search(r'^PRETTY_NAME="(.+)"$', release, re.M)
    return (f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') >> 30} GiB; "
            f"{system.group(1) if system else platform.system()}, kernel {platform.release().split('-')[0]}")


def write_page(text):
    """Put the text between the markers of docs/performance.md, which is made when it is not there."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    if BEGIN not in page or END not in page:
        page += f"\n{BEGIN}\n{END}\n"
    head, rest = page.split(BEGIN, 1)
    PAGE.write_text(f"{head}{BEGIN}\n\n{text}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sealtrace", type=pathlib.Path, required=True)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="mix,handshakes,bulk,idle,media,certificates")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    only = options.only.split(",")
    load = os.getloadavg()[0]
    captures = Captures(options) if set(only) - {"certificates"} else None
    tables = [versus(kind, options, captures) for kind in ("mix", "handshakes", "bulk") if kind in only]
    idle_rows = idle(options, captures) if "idle" in only else []
    media_figures = media(options, captures) if "media" in only else None
    certificate_figures = certificates(options) if "certificates" in only else None
    head = [f"Measured {datetime.date.today()} by `scripts/bench --scale {options.scale:g} --rounds {options.rounds} --seed {options.seed}`:",
            f"{machine()}; load average at the start {load:.1f}.", "CPU seconds are user and system; ratios are medians of the ratios within a round."]
    checked = list(bars(tables, idle_rows, media_figures, certificate_figures))
    told = ["### Bars", "", "| bar | figure | |", "| --- | --- | --- |"] + [f"| {what} | {figure} | {'holds' if holds else 'missed'} |" for what, figure, holds in checked]
    parts = ["\n".join(head), *(table.markdown() for table in tables), *([idle_markdown(idle_rows)] if idle_rows else []),
             *([media_markdown(media_figures)] if media_figures else []),
             *([certificates_markdown(certificate_figures)] if certificate_figures else []), *(["\n".join(told)] if checked else [])]
    text = "\n\n".join(parts)
    print("\n" + text)
    if options.write:
        write_page(text + "\n")
    return 0 if all(holds for _, _, holds in checked) else 1


if __name__ == "__main__":
    sys.exit(main())
