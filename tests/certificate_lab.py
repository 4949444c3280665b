"""certificate_lab: certificates made to order by OpenSSL, for tests and for the sample inventory."""
import base64
import pathlib
import subprocess

CDP = "http://crl.lab.example/ca.crl"


class Lab:
    """A folder with authorities and keys. A certificate is asked for by keywords; what is not said is as a good server's is."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.numbers = iter(range(1, 1_000_000))

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def key(self, kind="ec", name=None):
        """The file of a new private key: ec, a curve, rsa2048, rsa1024..., pss, dsa, ed25519."""
        path = self.folder / f"{name or 'key' + str(next(self.numbers))}.key"
        if kind == "ec":
            kind = "P-256"
        if kind.startswith("rsa"):
            what = ["RSA", "-pkeyopt", f"rsa_keygen_bits:{kind[3:]}"]
        elif kind == "pss":
            what = ["RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]
        elif kind == "dsa":
            self.openssl("genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024", "-out", "dsa.parameters")
            self.openssl("genpkey", "-paramfile", "dsa.parameters", "-out", path)
            return path
        elif kind == "ed25519":
            what = ["ED25519"]
        else:
            what = ["EC", "-pkeyopt", f"ec_paramgen_curve:{kind}"]
        self.openssl("genpkey", "-algorithm", *what, "-out", path)
        return path

    def authority(self, name, key="ec", issuer=None, **more):
        """A CA: its own (certificate, key), issued by another one where told."""
        file = self.key(key)
        path = self.certificate(name, names=[], eku=None, cdp=None, ca=True, key=file, issuer=issuer, own=issuer is None, **more)
        return path, file

    def certificate(self, subject, names=None, eku="serverAuth", cdp=CDP, ca=False, key="ec", issuer=None, own=False, md="sha256", sigopt=None,
                    start="20260101000000Z", end="20360101000000Z", subject_line=None, public=None):
        """The PEM file of a certificate; `names` is the subject alone unless told, `public` a public key in PEM to certify instead."""
        number = next(self.numbers)
        if not isinstance(key, pathlib.Path):
            key = self.key(key)
        names = [subject] if names is None else names
        extensions = [f"basicConstraints=critical,CA:{'TRUE' if ca else 'FALSE'}"]
        extensions += ["subjectKeyIdentifier=hash"]
        if names:
            extensions.append("subjectAltName=" + ",".join(name if ":" in name else "DNS:" + name for name in names))
        if eku:
            extensions.append("extendedKeyUsage=" + eku)
        if cdp:
            extensions.append("crlDistributionPoints=URI:" + cdp)
        configuration = self.folder / f"{number}.cnf"
        line = subject_line or f"CN = {subject}\nO = Lab"
        signer, signing_key = ("", key) if own else issuer
        configuration.write_text(
            f"[req]\nprompt=no\ndistinguished_name=dn\n[dn]\n{line}\n[ca]\ndefault_ca=here\n[here]\nnew_certs_dir={self.folder}\n"
            f"database={self.folder}/{number}.index\nrand_serial=yes\nunique_subject=no\npolicy=any\nx509_extensions=v3\nemail_in_dn=no\n"
            "[any]\nCN=optional\nO=optional\nOU=optional\n[v3]\n" + "\n".join(extensions) + "\n")
        (self.folder / f"{number}.index").write_text("")
        path = self.folder / f"{number}.pem"
        if public is not None:
            csr = self.folder / f"{number}.public"
            csr.write_text(public)
            (self.folder / f"{number}.ext").write_text("[v3]\n" + "\n".join(extensions[:1] + extensions[2:]) + "\n")
            self.openssl("x509", "-new", "-force_pubkey", csr, "-subj", f"/CN={subject}/O=Lab", "-CA", signer, "-CAkey", signing_key, "-days", 3000,
                         "-extfile", f"{number}.ext", "-extensions", "v3", "-out", path)
            return path
        csr = self.folder / f"{number}.csr"
        self.openssl("req", "-new", "-config", configuration, "-key", key, "-out", csr)
        who = ["-selfsign", "-keyfile", key] if own else ["-cert", signer, "-keyfile", signing_key]
        options = ["-sigopt", sigopt] if sigopt else []
        self.openssl("ca", "-batch", "-notext", "-config", configuration, "-in", csr, "-out", path, "-startdate", start, "-enddate", end,
                     "-md", md, *who, *options)
        return path


def der_integer(number):
    octets = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + der_length(len(octets)) + octets


def der_length(length):
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def der(tag, content):
    return bytes([tag]) + der_length(len(content)) + content


def rsa_public_key(modulus, exponent=65537):
    """SubjectPublicKeyInfo of an RSA key in PEM."""
    key = der(0x30, der_integer(modulus) + der_integer(exponent))
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    text = base64.encodebytes(der(0x30, algorithm + der(0x03, b"\0" + key))).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{text}-----END PUBLIC KEY-----\n"
