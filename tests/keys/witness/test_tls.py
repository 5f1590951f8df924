"""A witness behind TLS: its host's certificate must hold, and a handshake that stands still ends."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from keys.errors import WitnessUnreachable
from keys.witness.link import RemoteWitness
from tests.keys.witness.serving import everything_from, serving, strange_server
from tests.keys.witness.small_log import NAME


@pytest.fixture
def certificate(tmp_path):
    """The file of a certificate for 127.0.0.1 that signed itself, with its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "host.pem"
    path.write_bytes(pem + made.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def secure_url(witness, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(witness) as served:
        # In the thread of each connection, as a proxy in front would do it: not where new ones are taken.
        served.server.socket = context.wrap_socket(
            served.server.socket, server_side=True, do_handshake_on_connect=False
        )
        yield served.url.replace("http:", "https:")


def test_a_witness_behind_tls_is_asked(witness, log, secure_url, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert RemoteWitness(secure_url, witness.state.keys).cosign(0, (), log.checkpoint(5))


def test_a_host_that_nobody_vouches_for_is_not_asked(witness, log, secure_url):
    with pytest.raises(WitnessUnreachable, match=r"(?i)certificate.verify.failed"):
        RemoteWitness(secure_url, witness.state.keys).cosign(0, (), log.checkpoint(5))

    assert witness.state.seen(log.keys.keys).data == b""


def test_a_handshake_that_stands_still_ends(witness, log):
    said = []

    with strange_server(lambda connection: said.append(everything_from(connection))) as url:
        link = RemoteWitness(url.replace("http:", "https:"), witness.state.keys, answer_seconds=0.3)
        with pytest.raises(WitnessUnreachable):
            link.cosign(0, (), log.checkpoint(5))

    assert said[0][:1] == b"\x16"
