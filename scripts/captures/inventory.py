#!/usr/bin/env python3
"""inventory: the sample inventory of captures/inventory: certificates of a whole deployment with ten faults, and the same mended.

    scripts/captures/inventory.py [FOLDER]      FOLDER: captures unless told; what is there is written anew

Writes inventory/faulty and inventory/mended, a folder for each server, the roots, inventory/topology.yaml, and the truth: a line for each
fault. Certificates differ from run to run, what is wrong with them does not. Private keys are thrown away.
"""
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from certificate_lab import Lab  # noqa: E402

TOPOLOGY = """# The deployment of captures/inventory. Written by scripts/captures/inventory.py.
topology: 1
name: Contoso inventory
product: lync-2013
sip_domains: [contoso.com]
simple_urls: {meet: [meet.contoso.com], dialin: [dialin.contoso.com], admin: [admin.contoso.com]}
pools:
  - fqdn: pool01.contoso.com
    role: front-end
    members: [fe01.contoso.com, fe02.contoso.com]
    web: {internal: web01.contoso.com, external: lyncweb.contoso.com}
  - {fqdn: edgepool.contoso.com, role: edge-internal, members: [edge01.contoso.com, edge02.contoso.com]}
hosts:
  - {fqdn: fe01.contoso.com, addresses: [10.0.1.11]}
  - {fqdn: fe02.contoso.com, addresses: [10.0.1.12]}
  - fqdn: dir01.contoso.com
    roles: [director]
    addresses: [10.0.1.10]
    web: {internal: dirweb.contoso.com, external: lyncdir.contoso.com}
  - {fqdn: med01.contoso.com, roles: [mediation-server], addresses: [10.0.1.20]}
  - {fqdn: rp01.contoso.com, roles: [reverse-proxy], addresses: [192.0.2.20]}
  - fqdn: edge01.contoso.com
    addresses:
      - {ip: 192.0.2.10, roles: [edge-access]}
      - {ip: 192.0.2.11, roles: [edge-web-conferencing]}
      - {ip: 192.0.2.12, roles: [edge-av]}
      - {ip: 10.0.9.1, roles: [edge-internal]}
  - fqdn: edge02.contoso.com
    addresses:
      - {ip: 192.0.2.13, roles: [edge-access]}
      - {ip: 192.0.2.14, roles: [edge-web-conferencing]}
      - {ip: 192.0.2.15, roles: [edge-av]}
      - {ip: 10.0.9.2, roles: [edge-internal]}
trust:
  internal_ca: [internal.pem]
  public_ca: [public.pem]
"""
TRUTH = [
    ("fe01.contoso.com", "certificate-names", "the default certificate does not name the pool"),
    ("fe02.contoso.com", "certificate-intermediate", "the issuing CA's certificate is not sent with the default certificate"),
    ("fe01.contoso.com", "certificate-oauth-same", "the Front Ends have different token issuers"),
    ("dir01.contoso.com", "certificate-validity", "the default certificate has ended"),
    ("med01.contoso.com", "certificate-server-eku", "the default certificate is for clients only"),
    ("edge01.contoso.com", "certificate-edge-public-ca", "the external certificate comes from the inner CA"),
    ("edge01.contoso.com", "certificate-av-same-key", "the Edge Servers have different keys for A/V authentication"),
    ("fe02.contoso.com", "certificate-web-internal-names", "the certificate of the inner web services lacks the simple URL for admin"),
    ("rp01.contoso.com", "certificate-published-names", "the published certificate lacks the Director's external web FQDN"),
    ("rp01.contoso.com", "certificate-subject-in-san", "the subject is not among the alternative names"),
]


def write(folder, files):
    for name, certificates in files.items():
        path = folder / (name + ".pem")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(certificate.read_text() for certificate in certificates))


def main():
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "captures") / "inventory"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        lab = Lab(scratch)
        root = lab.authority("Contoso Root CA")
        inner = lab.authority("Contoso Issuing CA", issuer=root)
        public = lab.authority("Lab Public CA")

        def made(subject, names=None, issuer=inner, **more):
            return lab.certificate(subject, names, issuer=issuer, key="rsa2048", **more)

        def front_end(number, *names):
            return [made("pool01.contoso.com", ["pool01.contoso.com", f"fe0{number}.contoso.com", *names]), inner[0]]

        def web_server(server, inner_name, outer_name, urls):
            """One certificate for the inner and the outer web services."""
            discover = ["lyncdiscoverinternal.contoso.com", "lyncdiscover.contoso.com"]
            return [made(server, [server, inner_name, outer_name, *urls, *discover]), inner[0]]

        both = "web-services-internal+web-services-external"
        urls = ["meet.contoso.com", "dialin.contoso.com", "admin.contoso.com"]
        pool_web = "web01.contoso.com", "lyncweb.contoso.com"
        tokens = made("contoso.com")
        outside = ["sip.contoso.com", "webconf.contoso.com"]
        av = made("av.contoso.com", issuer=public)
        web = ["lyncweb.contoso.com", "lyncdir.contoso.com", "meet.contoso.com", "dialin.contoso.com", "lyncdiscover.contoso.com"]
        edge = made("sip.contoso.com", outside, issuer=public)
        mended = {
            "fe01.contoso.com/default": front_end(1, "sip.contoso.com"),
            f"fe01.contoso.com/{both}": web_server("fe01.contoso.com", *pool_web, urls),
            "fe01.contoso.com/oauth-token-issuer": [tokens, inner[0]],
            "fe02.contoso.com/default": front_end(2, "sip.contoso.com"),
            f"fe02.contoso.com/{both}": web_server("fe02.contoso.com", *pool_web, urls),
            "fe02.contoso.com/oauth-token-issuer": [tokens, inner[0]],
            "dir01.contoso.com/default": [made("dir01.contoso.com", ["dir01.contoso.com", "sip.contoso.com"]), inner[0]],
            f"dir01.contoso.com/{both}": web_server("dir01.contoso.com", "dirweb.contoso.com", "lyncdir.contoso.com", urls),
            "med01.contoso.com/default": [made("med01.contoso.com"), inner[0]],
            "rp01.contoso.com/web-publishing": [made(web[0], web, issuer=public)],
        }
        for number in (1, 2):
            host = f"edge0{number}.contoso.com"
            mended[f"{host}/internal"] = [made("edgepool.contoso.com", ["edgepool.contoso.com", host]), inner[0]]
            mended[f"{host}/access-edge-external+data-edge-external"] = [edge]
            mended[f"{host}/audio-video-authentication"] = [av]
        faulty = dict(mended)
        faulty["fe01.contoso.com/default"] = [made("fe01.contoso.com", ["fe01.contoso.com", "sip.contoso.com"]), inner[0]]
        faulty["fe02.contoso.com/default"] = mended["fe02.contoso.com/default"][:1]
        faulty[f"fe02.contoso.com/{both}"] = web_server("fe02.contoso.com", *pool_web, [url for url in urls if not url.startswith("admin")])
        faulty["fe02.contoso.com/oauth-token-issuer"] = [made("contoso.com"), inner[0]]
        faulty["dir01.contoso.com/default"] = [made("dir01.contoso.com", ["dir01.contoso.com", "sip.contoso.com"], start="20240101000000Z",
                                                    end="20260101000000Z"), inner[0]]
        faulty["med01.contoso.com/default"] = [made("med01.contoso.com", eku="clientAuth"), inner[0]]
        faulty["edge01.contoso.com/access-edge-external+data-edge-external"] = [made("sip.contoso.com", outside), inner[0]]
        faulty["edge02.contoso.com/audio-video-authentication"] = [made("av.contoso.com", issuer=public)]
        faulty["rp01.contoso.com/web-publishing"] = [made("www.contoso.com", [web[0], *web[2:]], issuer=public)]
        write(target / "faulty", faulty)
        write(target / "mended", mended)
        shutil.copyfile(root[0], target / "internal.pem")
        shutil.copyfile(public[0], target / "public.pem")
    (target / "topology.yaml").write_text(TOPOLOGY)
    (target / "truth.tsv").write_text("".join("\t".join(line) + "\n" for line in TRUTH))


if __name__ == "__main__":
    main()
