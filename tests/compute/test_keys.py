"""Keys are real: other software reads them, and the seed decides what they are."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs12

from emulator.compute import keys
from emulator.compute.errors import InvalidKeypair

SEED = b"\x07" * 32


def test_both_halves_belong_together() -> None:
    made = keys.generate_ssh(SEED)
    private = serialization.load_pem_private_key(made.private.encode(), None)
    public = serialization.load_ssh_public_key(made.public.encode())
    assert isinstance(private, RSAPrivateKey)
    assert isinstance(public, RSAPublicKey)
    assert private.key_size == 2048
    signature = private.sign(b"text", padding.PKCS1v15(), SHA256())
    public.verify(signature, b"text", padding.PKCS1v15(), SHA256())


def test_the_seed_decides() -> None:
    assert keys.generate_ssh(SEED) == keys.generate_ssh(SEED)
    assert keys.generate_ssh(SEED).public != keys.generate_ssh(b"\x08" * 32).public


@pytest.mark.skipif(which("ssh-keygen") is None, reason="ssh-keygen is not there")
def test_openssh_reads_the_key_and_finds_the_same_fingerprint(tmp_path: Path) -> None:
    made = keys.generate_ssh(SEED)
    (tmp_path / "key").write_text(made.private)
    (tmp_path / "key").chmod(0o600)
    command = ["ssh-keygen", "-l", "-E", "md5", "-f", str(tmp_path / "key")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"MD5:{made.fingerprint} " in told.stdout


def test_a_certificate_is_the_users_for_ten_years() -> None:
    made = keys.generate_x509(SEED, "someone", 1893456000.0)
    certificate = x509.load_pem_x509_certificate(made.public.encode())
    assert certificate.subject.rfc4514_string() == "CN=someone"
    assert certificate.not_valid_after_utc.isoformat() == "2039-12-30T00:00:00+00:00"
    assert made.fingerprint == keys.x509_fingerprint(made.public)
    private, _, _ = pkcs12.load_key_and_certificates(base64.b64decode(made.private), None)
    assert isinstance(private, RSAPrivateKey)


@pytest.mark.parametrize("text", ["", "rubbish", "ssh-rsa", "ssh-rsa !!!", "ssh-rsa AAAA"])
def test_what_is_no_key_has_no_fingerprint(text: str) -> None:
    with pytest.raises(InvalidKeypair, match="failed to generate fingerprint"):
        keys.ssh_fingerprint(text)
