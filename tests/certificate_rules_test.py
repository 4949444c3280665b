#!/usr/bin/env python3
"""certificate_rules_test: for every rule about certificates, inventories that break it and inventories that do not.

    tests/certificate_rules_test.py [--sealtrace BUILD]

Certificates are made by OpenSSL in a temporary folder. Each case is an inventory of one deployment and names the rules that must be
broken, all of them: what else the program finds is a false alarm, and fails the case too.
"""
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from certificate_lab import Lab, rsa_public_key
from checks import Checks
from program import CAPTURES, Program, arguments, of_kind

TOPOLOGY = """
topology: 1
name: Rules
product: lync-2013
sip_domains: [contoso.com]
pools:
  - {fqdn: pool01.contoso.com, role: front-end, members: [fe01.contoso.com, fe02.contoso.com]}
  - {fqdn: edgepool.contoso.com, role: edge-internal, members: [edge01.contoso.com, edge02.contoso.com]}
hosts:
  - {fqdn: fe01.contoso.com, addresses: [10.0.1.11]}
  - {fqdn: fe02.contoso.com, addresses: [10.0.1.12]}
  - {fqdn: se01.contoso.com, roles: [standard-edition], addresses: [10.0.1.13]}
  - {fqdn: dir01.contoso.com, roles: [director], addresses: [10.0.1.10]}
  - {fqdn: med01.contoso.com, roles: [mediation-server], addresses: [10.0.1.20]}
  - {fqdn: sba01.contoso.com, roles: [survivable-branch], addresses: [10.0.1.21]}
  - {fqdn: pchat01.contoso.com, roles: [persistent-chat], addresses: [10.0.1.30]}
  - {fqdn: exum01.contoso.com, roles: [exchange], addresses: [10.0.1.60]}
  - {fqdn: gw1.contoso.com, roles: [pstn-gateway], addresses: [10.9.0.5]}
  - {fqdn: rp01.contoso.com, roles: [reverse-proxy], addresses: [192.0.2.20]}
  - {fqdn: sql01.contoso.com, roles: [sql-back-end], addresses: [10.0.1.40]}
  - fqdn: edge01.contoso.com
    addresses: [{ip: 192.0.2.10, roles: [edge-access]}, {ip: 192.0.2.11, roles: [edge-web-conferencing]}, {ip: 192.0.2.12, roles: [edge-av]}]
  - fqdn: edge02.contoso.com
    addresses: [{ip: 192.0.2.13, roles: [edge-access]}, {ip: 192.0.2.14, roles: [edge-web-conferencing]}, {ip: 192.0.2.15, roles: [edge-av]}]
trust:
  internal_ca: [internal.pem]
  public_ca: [public.pem]
"""
SIP_TOPOLOGY = """
topology: 1
name: SIP rules
product: generic-sip
sip_domains: [contoso.com]
hosts:
  - {fqdn: proxy01.contoso.com, roles: [sip-proxy], addresses: [10.0.1.11]}
  - {fqdn: proxy02.contoso.com, roles: [sip-proxy], addresses: [10.0.1.12]}
  - {fqdn: sbc01.contoso.com, roles: [sbc], addresses: [10.0.1.20]}
  - {fqdn: relay01.contoso.com, roles: [media-relay], addresses: [10.0.1.30]}
trust:
  internal_ca: [internal.pem]
  public_ca: [public.pem]
"""
FIPS = "settings: {fips: true}\n"
# The same deployment with its web services stated; rp02 publishes the Director's alone.
WEB_TOPOLOGY = TOPOLOGY.replace("members: [fe01.contoso.com, fe02.contoso.com]}", """members: [fe01.contoso.com, fe02.contoso.com],
     web: {internal: web01.contoso.com, external: lyncweb.contoso.com}}""").replace("roles: [standard-edition], ", """roles: [standard-edition],
     web: {external: branchweb.contoso.com}, """).replace("roles: [director], ", """roles: [director],
     web: {internal: dirweb.contoso.com, external: lyncdir.contoso.com}, """).replace("  - {fqdn: sql01", """  - {fqdn: rp02.contoso.com,
     roles: [reverse-proxy], publishes: [lyncdir.contoso.com, office.contoso.com], addresses: [192.0.2.21]}
  - {fqdn: sql01""") + "simple_urls: {meet: [meet.contoso.com], dialin: [dialin.contoso.com], admin: [admin.contoso.com]}\n"
TOPOLOGIES = {"lync": TOPOLOGY, "lync-web": WEB_TOPOLOGY, "lync-fips": TOPOLOGY + FIPS, "sip": SIP_TOPOLOGY, "sip-fips": SIP_TOPOLOGY + FIPS}
STAPLES = CAPTURES / "ocsp-staples.pcap"
# What captures/ocsp-staples.md says of each server, as rules; the certificates themselves lack a CRL distribution point.
STAPLE_TRUTH = {"fe01": set(), "fe02": {"revoked"}, "med01": {"staple"}, "gw1": {"staple"}, "gw2": {"staple"}, "dir01": {"staple-current"}}
# The product of the first 39 primes: keys of CVE-2017-15361 are powers of 65537 modulo it.
PRIMES = [p for p in range(2, 168) if all(p % q for q in range(2, p))]


def days_from_now(days):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return moment.strftime("%Y%m%d%H%M%SZ")


class Cases:
    """Cases are (name, {host/usage: [PEM files]}, rules broken, topology)."""

    def __init__(self, lab):
        self.lab = lab
        self.internal = lab.authority("Internal CA")
        self.public = lab.authority("Public CA")
        self.intermediate = lab.authority("Issuing CA", issuer=self.internal)
        self.stranger = lab.authority("Stranger CA")
        self.topology = "lync"
        self.list = []

    def add(self, name, inventory, *broken):
        self.list.append((name, inventory, {"certificate-" + rule for rule in broken}, self.topology))

    def made(self, subject="dir01.contoso.com", issuer=None, **more):
        return self.lab.certificate(subject, issuer=issuer or self.internal, **more)

    def one(self, name, *broken, at="dir01.contoso.com/default", subject="dir01.contoso.com", chain=(), issuer=None, **more):
        self.add(name, {at: [self.made(subject, issuer, **more), *chain]}, *broken)

    def purposes_and_extensions(self):
        self.one("a good certificate breaks nothing")
        self.one("server and client authentication together are fine", eku="serverAuth,clientAuth")
        self.one("client authentication alone is not enough", "server-eku", eku="clientAuth")
        self.one("no extended key usage at all", "server-eku", eku=None)
        self.one("any extended key usage is server authentication too", eku="anyExtendedKeyUsage")
        self.one("another purpose alone", "server-eku", eku="codeSigning")
        self.one("a token issuer needs no server authentication", at="fe01.contoso.com/oauth-token-issuer", subject="contoso.com",
                 eku="clientAuth", key="rsa2048")
        self.one("no CRL distribution point", "cdp", cdp=None)
        self.one("a CRL distribution point in a directory counts", cdp="ldap:///CN=ca")
        self.one("a gateway needs neither", at="gw1.contoso.com/default", subject="gw1.contoso.com", eku=None, cdp=None)

    def signatures_and_keys(self):
        rsa = self.lab.authority("RSA CA", key="rsa2048", issuer=self.internal)
        sent = [rsa[0]]
        for hash_name in ("sha1", "sha224", "sha256", "sha384", "sha512"):
            self.one(f"{hash_name} is supported", md=hash_name, issuer=rsa, chain=sent)
        self.one("MD5", "signature", md="md5", issuer=rsa, chain=sent)
        md5 = self.lab.authority("MD5 CA", issuer=rsa, md="md5")
        self.one("an intermediate that is signed with MD5", "signature", issuer=md5, chain=[md5[0], rsa[0]])
        self.one("RSASSA-PSS with SHA-256", "rsassa-pss", sigopt="rsa_padding_mode:pss", issuer=rsa, chain=sent)
        self.one("a key for RSASSA-PSS alone", "rsassa-pss", key="pss")
        self.one("RSA of 4096 bits", key=self.lab.key("rsa4096"))
        self.one("RSA of 2048 bits", key="rsa2048")
        self.one("RSA of 1024 bits is a risk the document accepts", "key-length-recommended", key="rsa1024")
        self.one("RSA of 768 bits", "key-length", key="rsa768")
        small = self.lab.authority("Small CA", key="rsa1024", issuer=self.internal)
        self.one("an intermediate with a key of 1024 bits", "key-length-recommended", issuer=small, chain=[small[0]])
        for curve in ("P-256", "P-384", "P-521"):
            self.one(f"{curve} is supported", key=curve)
        self.one("a small curve", "key-curve", key="secp192k1")
        self.one("a curve that the product does not know", "key-curve", key="brainpoolP256r1")
        self.one("DSA", "key-algorithm", key="dsa")
        self.one("Ed25519", "key-algorithm", key="ed25519")

    def moduli(self):
        def key(number, exponent=65537):
            return rsa_public_key(number, exponent)

        def prime(bits):
            return int(self.lab.openssl("prime", "-generate", "-bits", bits))

        shared, other, third, fourth, fifth = (prime(1024) for _ in range(5))
        product = 1
        for each in PRIMES:
            product *= each
        roca = pow(65537, 0xBEEF, product) + product * ((1 << (2048 - product.bit_length())) + 12345)
        self.one("a modulus with the fingerprint of ROCA", "roca", public=key(roca))
        self.one("the exponent 1", "exponent", "exponent-size", public=key(other * third, 1))
        self.one("an even exponent", "exponent", public=key(other * third, 65538))
        self.one("the exponent 3", "exponent-size", public=key(other * third, 3))
        self.one("a long exponent", public=key(other * third, (1 << 80) + 1))
        self.add("two keys with a prime in common", {"dir01.contoso.com/default": [self.made(public=key(shared * other))],
                                                     "med01.contoso.com/default": [self.made("med01.contoso.com", public=key(shared * third))]},
                 "shared-prime")
        self.add("two keys without", {"dir01.contoso.com/default": [self.made(public=key(fourth * other))],
                                      "med01.contoso.com/default": [self.made("med01.contoso.com", public=key(fifth * third))]})
        common = self.lab.key()
        self.add("one key in certificates of two servers", {"dir01.contoso.com/default": [self.made(key=common)],
                                                            "med01.contoso.com/default": [self.made("med01.contoso.com", key=common)]},
                 "shared-key")
        names = ["pool01.contoso.com", "fe01.contoso.com"], ["pool01.contoso.com", "fe02.contoso.com"]
        self.add("one key within a pool", {"fe01.contoso.com/default": [self.made("pool01.contoso.com", key=common, names=names[0])],
                                           "fe02.contoso.com/default": [self.made("pool01.contoso.com", key=common, names=names[1])]})
        both = self.made("dir01.contoso.com", names=["dir01.contoso.com", "med01.contoso.com"])
        self.add("one certificate that names two servers", {"dir01.contoso.com/default": [both], "med01.contoso.com/default": [both]})

    def dates(self):
        self.one("ended", "validity", end="20260201000000Z")
        self.one("not begun", "validity", start=days_from_now(10))
        self.one("ends in 29 days", "expiry", end=days_from_now(29.5))
        self.one("ends in 31 days", end=days_from_now(31.5))
        self.one("ends after 2261, the last year that our clock knows", end="99991231235959Z")

    def chains(self):
        self.one("issued by an intermediate that is sent", issuer=self.intermediate, chain=[self.intermediate[0]])
        self.one("an intermediate that nobody has", "chain", issuer=self.intermediate)
        self.add("an intermediate that another server sends",
                 {"dir01.contoso.com/default": [self.made(issuer=self.intermediate)],
                  "med01.contoso.com/default": [self.made("med01.contoso.com", self.intermediate), self.intermediate[0]]}, "intermediate")
        self.one("the root is sent too", chain=[self.internal[0]])
        self.one("a public CA inside is allowed", issuer=self.public)
        self.one("a CA that nobody trusts", "chain", issuer=self.stranger)
        self.one("its root sent with it does not make it trusted", "chain", issuer=self.stranger, chain=[self.stranger[0]])
        self.one("self-signed", "chain", own=True)
        self.one("a gateway with a certificate that the Mediation Server cannot trust", "chain", at="gw1.contoso.com/default",
                 subject="gw1.contoso.com", issuer=self.stranger)
        impostor = self.lab.authority("Internal CA")  # the same name, another key
        self.one("a CA of the same name with another key", "chain", issuer=impostor, chain=[impostor[0]])
        leaf = self.lab.key()
        no_ca = self.made("med01.contoso.com", key=leaf), leaf
        self.one("issued by a certificate that is no CA", "chain", issuer=no_ca, chain=[])
        self.one("Persistent Chat with the inner CA", at="pchat01.contoso.com/default", subject="pchat01.contoso.com")
        self.one("Persistent Chat with another CA", "chat-same-ca", at="pchat01.contoso.com/default", subject="pchat01.contoso.com",
                 issuer=self.public)

    def edges(self):
        outer = {"names": ["sip.contoso.com", "webconf.contoso.com"], "key": "rsa2048"}
        at = "edge01.contoso.com/access-edge-external"
        self.one("Edge outside with a public CA", at=at, subject="sip.contoso.com", issuer=self.public, **outer)
        self.one("Edge outside with the inner CA", "edge-public-ca", at=at, subject="sip.contoso.com", **outer)
        self.one("Edge outside without sip.", "edge-names", at=at, subject="access.contoso.com", issuer=self.public)
        self.one("Edge outside with a wildcard", "wildcard-name", at=at, subject="sip.contoso.com", issuer=self.public,
                 names=["sip.contoso.com", "*.contoso.com"])
        self.one("Edge inside without alternative names", at="edge01.contoso.com/internal", subject="edge01.contoso.com", names=[])
        self.one("A/V authentication without any fitting name", at="edge01.contoso.com/audio-video-authentication", subject="anything",
                 issuer=self.public, names=[])
        one, other = (self.made("av.contoso.com", self.public) for _ in range(2))
        self.add("one A/V authentication key in the pool", {"edge01.contoso.com/audio-video-authentication": [one],
                                                            "edge02.contoso.com/audio-video-authentication": [one]})
        self.add("two A/V authentication keys in the pool", {"edge01.contoso.com/audio-video-authentication": [one],
                                                             "edge02.contoso.com/audio-video-authentication": [other]}, "av-same-key")
        renewed = self.lab.key()
        self.add("the same key in two certificates is one key",
                 {f"edge0{i}.contoso.com/audio-video-authentication": [self.made("av.contoso.com", self.public, key=renewed)] for i in (1, 2)})

    def names(self):
        fe01 = {"at": "fe01.contoso.com/default", "subject": "pool01.contoso.com"}
        self.one("pool and server", names=["pool01.contoso.com", "fe01.contoso.com"], **fe01)
        self.one("in capitals", names=["POOL01.contoso.com", "FE01.Contoso.COM"], **fe01)
        self.one("without the server", "names", names=["pool01.contoso.com"], **fe01)
        self.one("without the pool", "names", at="fe01.contoso.com/default", subject="fe01.contoso.com")
        self.one("a wildcard for the simple URLs", names=["pool01.contoso.com", "fe01.contoso.com", "*.contoso.com"], **fe01)
        self.one("a wildcard stands for one label only", "names", names=["pool01.contoso.com", "*.com"], **fe01)
        self.one("a wildcard as the subject", "wildcard-subject", at="fe01.contoso.com/web-services-internal", subject="*.contoso.com")
        self.one("a wildcard on a Mediation Server", "wildcard-name", at="med01.contoso.com/default", subject="med01.contoso.com",
                 names=["med01.contoso.com", "*.contoso.com"])
        self.one("the subject is no alternative name", "subject-in-san", names=["dir01.contoso.com"], subject="director.contoso.com")
        self.one("no alternative name at all", "names", "subject-in-san", names=[])
        self.one("a subject in words need not be repeated", names=["dir01.contoso.com"], subject="Director of Contoso")
        self.one("a web certificate need not name the server", at="fe01.contoso.com/web-services-external", subject="web.contoso.com")
        self.one("a gateway named by its subject alone", at="gw1.contoso.com/default", subject="gw1.contoso.com", names=[])
        self.one("a gateway of another name", "gateway-names", at="gw1.contoso.com/default", subject="gateway.example")
        self.one("Exchange without alternative names", at="exum01.contoso.com/default", subject="exum01.contoso.com", names=[])
        self.one("a reverse proxy with a wildcard for meet and dialin", at="rp01.contoso.com/web-publishing", subject="web.contoso.com",
                 issuer=self.public, names=["web.contoso.com", "*.contoso.com"])
        self.one("a host whose role no rule is about", at="sql01.contoso.com/default", subject="x", eku="codeSigning", cdp=None,
                 end="20260201000000Z", key="rsa1024")
        self.one("a host that nobody named", at="unknown.contoso.com/default", subject="x", eku="codeSigning", end="20260201000000Z")
        self.one("a CA of its own in a server's folder is listed only", ca=True, eku=None, cdp=None, names=[])

    def web_names(self):
        """Names that the topology states; that it asks for none where it states none is the rest of this file."""
        self.topology = "lync-web"
        simple = ["meet.contoso.com", "dialin.contoso.com", "admin.contoso.com"]
        inside = ["web01.contoso.com", *simple, "lyncdiscoverinternal.contoso.com"]
        outside = ["lyncweb.contoso.com", "dialin.contoso.com", "lyncdiscover.contoso.com"]
        published = ["lyncweb.contoso.com", "branchweb.contoso.com", "lyncdir.contoso.com", "meet.contoso.com", "dialin.contoso.com",
                     "lyncdiscover.contoso.com"]

        def web(name, where, names, *broken, **more):
            self.one("web: " + name, *broken, at=where, subject=names[0], names=names, **more)

        def but(names, missing):
            return [name for name in names if name != missing]

        inner = "fe01.contoso.com/web-services-internal"
        web("inside, every name", inner, inside)
        web("inside, one certificate for all usages", inner + "+web-services-external+default",
            [*inside, *outside, "pool01.contoso.com", "fe01.contoso.com"])
        web("inside, a wildcard for the simple URLs and Autodiscover", inner, ["web01.contoso.com", "*.contoso.com"])
        web("inside, in capitals", inner, [name.upper() for name in inside])
        web("inside, a wildcard of another domain", inner, ["web01.contoso.com", "*.fabrikam.com"], "web-internal-names",
            "discover-internal-names")
        for missing in inside[1:4]:
            web(f"inside, without {missing}", inner, but(inside, missing), "web-internal-names")
        web("inside, without the web FQDN", inner, inside[1:], "web-internal-names")
        web("inside, without Autodiscover", inner, inside[:4], "discover-internal-names")
        web("inside, another name in the subject does not count", inner, ["web01.contoso.com"], "web-internal-names", "discover-internal-names")
        web("inside, of a Director", "dir01.contoso.com/web-services-internal", ["dirweb.contoso.com", *inside[1:]])
        web("inside, of a Director with the pool's name", "dir01.contoso.com/web-services-internal", inside, "web-internal-names")
        web("inside, of a server that states no inner web FQDN", "se01.contoso.com/web-services-internal", inside[1:])
        web("of a default certificate nothing is asked", "fe01.contoso.com/default", ["pool01.contoso.com", "fe01.contoso.com"])
        outer = "fe01.contoso.com/web-services-external"
        web("outside, every name", outer, outside)
        web("outside, a wildcard", outer, ["lyncweb.contoso.com", "*.contoso.com"])
        web("outside, without the web FQDN", outer, outside[1:], "web-external-names")
        web("outside, without dialin", outer, but(outside, "dialin.contoso.com"), "web-external-names")
        web("outside, without Autodiscover", outer, outside[:2], "discover-external-names")
        web("outside, of a Standard Edition server", "se01.contoso.com/web-services-external",
            ["branchweb.contoso.com", "meet.contoso.com", *outside[1:]])
        web("outside, of a Standard Edition server without meet", "se01.contoso.com/web-services-external",
            ["branchweb.contoso.com", *outside[1:]], "web-external-meet")
        proxy = "rp01.contoso.com/web-publishing"
        web("published, every name", proxy, published, issuer=self.public)
        web("published, a wildcard", proxy, ["lyncweb.contoso.com", "*.contoso.com"], issuer=self.public)
        for missing in published[1:5]:
            web(f"published, without {missing}", proxy, but(published, missing), "published-names", issuer=self.public)
        web("published, without Autodiscover", proxy, published[:5], "discover-external-names", issuer=self.public)
        web("published, a list of its own", "rp02.contoso.com/web-publishing", ["lyncdir.contoso.com", "office.contoso.com"], issuer=self.public)
        web("published, a list of its own without one", "rp02.contoso.com/web-publishing", ["lyncdir.contoso.com"], "published-names",
            issuer=self.public)
        self.topology = "lync"

    def issuers_of_tokens(self):
        def at(number):
            return f"fe0{number}.contoso.com/oauth-token-issuer"

        one, other = (self.made("contoso.com", key="rsa2048") for _ in range(2))
        self.add("one token issuer", {at(1): [one], at(2): [one]})
        self.add("two token issuers", {at(1): [one], at(2): [other]}, "oauth-same")
        self.add("a token issuer with a short key", {at(1): [self.made("contoso.com", key="rsa1024")]}, "oauth-length")
        self.add("a token issuer without the SIP domain", {at(1): [self.made("tokens.example", key="rsa2048")]}, "oauth-subject")

    def fips_mode(self):
        """The option of the packs: what it adds, and that it says nothing where it is not stated (signatures_and_keys)."""
        for self.topology, host in (("lync-fips", "dir01.contoso.com"), ("sip-fips", "proxy01.contoso.com")):
            at = {"at": host + "/default", "subject": host}
            rsa = self.lab.authority("FIPS RSA CA", key="rsa2048", issuer=self.internal)
            sent = {"issuer": rsa, "chain": [rsa[0]]}
            self.one("FIPS: RSA of 2048 bits with SHA-256", key="rsa2048", md="sha256", **sent, **at)
            self.one("FIPS: P-256", key="P-256", **at)
            self.one("FIPS: P-384 with SHA-384", key="P-384", md="sha384", **sent, **at)
            self.one("FIPS: SHA-1", "fips-signature", md="sha1", **sent, **at)
            self.one("FIPS: MD5", "fips-signature", md="md5", **sent, **at)
            self.one("FIPS: RSA of 1024 bits", "fips-key-length", key="rsa1024", **at)
            self.one("FIPS: a curve of others", "fips-key-curve", key="brainpoolP256r1", **at)
            self.one("FIPS: Ed25519", "fips-key-algorithm", key="ed25519", **at)

    def sip_estate(self):
        """The rules of generic-sip. Where the RFCs are of another mind than Lync's documents, a case of either kind."""
        self.topology = "sip"
        proxy = {"at": "proxy01.contoso.com/default", "subject": "proxy01.contoso.com"}
        rsa = self.lab.authority("SIP RSA CA", key="rsa2048", issuer=self.internal)
        sent = {"issuer": rsa, "chain": [rsa[0]], **proxy}
        self.one("SIP: a good certificate breaks nothing", **proxy)
        self.one("SIP: no purpose at all allows all", eku=None, **proxy)
        self.one("SIP: the purpose of a SIP domain is a server's too", eku="1.3.6.1.5.5.7.3.20", **proxy)
        self.one("SIP: another purpose alone", "server-eku", eku="codeSigning", **proxy)
        self.one("SIP: no CRL distribution point is asked for", cdp=None, **proxy)
        self.one("SIP: SHA-384", md="sha384", **sent)
        self.one("SIP: SHA-1", "signature", md="sha1", **sent)
        self.one("SIP: RSASSA-PSS is fine", sigopt="rsa_padding_mode:pss", **sent)
        self.one("SIP: DSA", "key-algorithm", key="dsa", **proxy)
        self.one("SIP: Ed25519", key="ed25519", **proxy)
        self.one("SIP: a curve of RFC 7027", key="brainpoolP256r1", **proxy)
        self.one("SIP: a small curve", "key-curve", key="secp192k1", **proxy)
        self.one("SIP: RSA of 1024 bits", "key-length", key="rsa1024", **proxy)
        self.one("SIP: RSA of 2048 bits", key="rsa2048", **proxy)
        self.one("SIP: ended", "validity", end="20260201000000Z", **proxy)
        self.one("SIP: ends in 29 days", "expiry", end=days_from_now(29.5), **proxy)
        self.one("SIP: a CA that nobody trusts", "chain", issuer=self.stranger, **proxy)
        self.one("SIP: issued by an intermediate that is sent", issuer=self.intermediate, chain=[self.intermediate[0]], **proxy)
        self.add("SIP: an intermediate that another server sends",
                 {"proxy01.contoso.com/default": [self.made("proxy01.contoso.com", self.intermediate)],
                  "proxy02.contoso.com/default": [self.made("proxy02.contoso.com", self.intermediate), self.intermediate[0]]}, "intermediate")
        self.one("SIP: named by the URI of the domain", at=proxy["at"], subject="Proxy", names=["URI:sip:contoso.com"])
        self.one("SIP: named by the domain", at=proxy["at"], subject="contoso.com")
        self.one("SIP: named by the subject alone", at=proxy["at"], subject="contoso.com", names=[])
        self.one("SIP: the subject does not count beside alternative names", "names", at=proxy["at"], subject="contoso.com", names=["other.example"])
        self.one("SIP: another domain", "names", at=proxy["at"], subject="fabrikam.com", names=["URI:sip:fabrikam.com", "fabrikam.com"])
        self.one("SIP: a wildcard", "wildcard-name", names=["proxy01.contoso.com", "*.contoso.com"], **proxy)
        self.one("SIP: a relay is no SIP server", at="relay01.contoso.com/default", subject="turn.example", names=["*.example"])
        common = self.lab.key()
        self.add("SIP: one key in certificates of two servers",
                 {f"{host}.contoso.com/default": [self.made(f"{host}.contoso.com", key=common)] for host in ("proxy01", "sbc01")}, "shared-key")
        self.one("SIP: the exponent 1", "exponent", "exponent-size", public=self.public_key(1), **proxy)
        self.one("SIP: the exponent 3", "exponent-size", public=self.public_key(3), **proxy)

    def public_key(self, exponent):
        prime, other = (int(self.lab.openssl("prime", "-generate", "-bits", 1024)) for _ in range(2))
        return rsa_public_key(prime * other, exponent)


def check_staples(program, checks):
    """The rules about stapled responses, on real handshakes: one server has a good one, each of the others a bad one of its kind."""
    records = program.records("--topology", STAPLES.with_suffix(".topology.yaml"), STAPLES)
    rules = ("certificate-revoked", "certificate-staple", "certificate-staple-current")
    findings = [finding for finding in of_kind(records, "finding") if finding["rule"] in rules]
    for host, wanted in STAPLE_TRUTH.items():
        found = {finding["rule"].removeprefix("certificate-") for finding in findings if finding["message"].startswith(host + ".")}
        checks.equal(found, wanted, f"the staple of {host}", "\n".join(finding["message"] for finding in findings))


def main():
    options = arguments(__doc__).parse_args()
    program = Program(options.sealtrace)
    checks = Checks("certificate rules")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        cases = Cases(Lab(folder / "lab"))
        for part in (cases.purposes_and_extensions, cases.signatures_and_keys, cases.moduli, cases.dates, cases.chains, cases.edges, cases.names,
                     cases.web_names, cases.issuers_of_tokens, cases.fips_mode, cases.sip_estate):
            part()
        shutil.copy(cases.internal[0], folder / "internal.pem")
        shutil.copy(cases.public[0], folder / "public.pem")
        for name, text in TOPOLOGIES.items():
            (folder / f"{name}.topology.yaml").write_text(text)
        covered = set()
        for number, (name, inventory, broken, topology) in enumerate(cases.list):
            place = folder / "cases" / str(number)
            for at, files in inventory.items():
                path = place / (at + ".pem")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(pathlib.Path(file).read_text() for file in files))
            done = program.run("certs", "--topology", folder / f"{topology}.topology.yaml", "--format", "ndjson", "--quiet", place)
            records = [json.loads(line) for line in done.stdout.splitlines()]
            findings = [record for record in records if record["record"] == "finding"]
            found = {finding["rule"] for finding in findings}
            checks.equal(sorted(found), sorted(broken), name, "\n".join(finding["message"] for finding in findings) + done.stderr.decode())
            covered |= broken
            high = any(finding["severity"] in ("high", "critical") for finding in findings)
            nobodys = not any(record.get("holders") for record in records if record["record"] == "certificate")  # nothing was judged
            wanted = 1 if high else 3 if findings or nobodys else 0
            checks.equal(done.returncode, wanted, name + ": exit code")
    check_staples(program, checks)
    print(f"{len(cases.list)} inventories, {len(covered)} rules broken at least once")
    return checks.finish()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.SubprocessError as error:
        sys.exit(f"certificate_rules_test: {error}")
