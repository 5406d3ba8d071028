"""Invented certification authorities and their certificates, for tests of TLS."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Authority:
    """One authority; ``issue`` writes a certificate and its key into a folder."""

    def __init__(self, name):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(name)
        now = datetime.now(UTC)
        builder = _builder(
            self.name, self.name, self.key.public_key(), now - timedelta(days=30), now + timedelta(days=365)
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False
        )
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
        self.certificate = builder.sign(self.key, hashes.SHA256())

    def issue(self, folder, subject, *, addresses=(), begins=timedelta(days=-1), lasts=timedelta(days=30), others=()):
        """Write authorities.pem, certificate.pem and key.pem; ``begins`` and ``lasts`` are from now."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        builder = _builder(_name(subject), self.name, key.public_key(), now + begins, now + lasts)
        names = [x509.DNSName(subject), *(x509.IPAddress(ip_address(a)) for a in addresses)]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        # As an operator should: each file whole at once, the key first, so that no reader sees half of one.
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write(folder / "key.pem", private)
        write(folder / "certificate.pem", certificate.public_bytes(Encoding.PEM))
        believed = [authority.certificate.public_bytes(Encoding.PEM) for authority in (self, *others)]
        write(folder / "authorities.pem", b"".join(believed))
        return folder


def write(file, content):
    """Put a file in the place of another in one step."""
    draft = file.with_suffix(".draft")
    draft.write_bytes(content)
    draft.chmod(0o600)
    draft.replace(file)


def _builder(subject, issuer, public_key, begins, ends):
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
