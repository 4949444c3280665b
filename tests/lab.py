"""lab: a network namespace with one veth pair, for tests of live capture: what is sent into `wire` comes out of `span`."""
import os
import shutil
import subprocess
import sys

SPAN, WIRE = "span0", "wire0"
MTU = 9000  # above any frame of the sample captures

SENDER = """
import socket, struct, sys
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((sys.argv[1], 0))
frames = sys.stdin.buffer
while size := frames.read(4):
    wire.send(frames.read(struct.unpack("<I", size)[0]))
"""


class LabError(Exception):
    """No namespace can be made here."""


class Lab:
    """A context: the namespace and its pair are there inside, and gone afterwards."""

    def __init__(self):
        self.namespace = f"sealtrace-test-{os.getpid()}"
        self.ip = shutil.which("ip", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")

    def __enter__(self):
        if os.geteuid() != 0:
            raise LabError("needs root")
        if not self.ip:
            raise LabError("iproute2 is missing")
        try:
            self._ip("netns", "add", self.namespace)
            self._ip("-n", self.namespace, "link", "add", WIRE, "mtu", str(MTU), "type", "veth", "peer", "name", SPAN, "mtu", str(MTU))
            for link in (WIRE, SPAN):  # addresses of IPv6 would send frames of their own
                self._ip("netns", "exec", self.namespace, "sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{link}/disable_ipv6")
                self._ip("-n", self.namespace, "link", "set", link, "up")
        except subprocess.CalledProcessError as error:
            self.__exit__()
            raise LabError(f"no network namespace: {error.stderr.strip()}") from None
        return self

    def __exit__(self, *_):
        subprocess.run([self.ip, "netns", "delete", self.namespace], stderr=subprocess.DEVNULL, check=False)

    def _ip(self, *arguments):
        subprocess.run([self.ip, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def inside(self, *command):
        """The command line that runs a command in the namespace."""
        return [self.ip, "netns", "exec", self.namespace, *map(str, command)]

    def send(self, frames):
        """Put frames (octets) on the wire, in order."""
        octets = b"".join(len(frame).to_bytes(4, "little") + frame for frame in frames)
        subprocess.run(self.inside(sys.executable, "-c", SENDER, WIRE), input=octets, check=True)
