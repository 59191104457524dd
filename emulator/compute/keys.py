"""Keys as Nova makes and judges them: RSA pairs, certificates, and the fingerprints of both."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from emulator.compute.errors import InvalidKeypair

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

KEY_BITS = 2048
EXPONENT = 65537
SIEVE_WIDTH = 4096  # odd numbers looked at together
SIEVE_PRIMES_BELOW = 20_000
DAY_SECONDS = 86400
CERTIFICATE_DAYS = 3650
COMMENT = "Generated-by-Nova"


class Generated(NamedTuple):
    """A new pair; the private half is shown once and kept nowhere."""

    public: str
    private: str
    fingerprint: str


def generate_ssh(seed: bytes) -> Generated:
    """Return the RSA pair that belongs to a seed."""
    from cryptography.hazmat.primitives import serialization

    key = _rsa_key(seed)
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    text = f"{public.decode()} {COMMENT}"
    return Generated(text, _pem(key), ssh_fingerprint(text))


def generate_x509(seed: bytes, user_id: str, now: float) -> Generated:
    """Return a certificate that lets a user in by WinRM; the private half is PKCS 12 in base64."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = _rsa_key(seed)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user_id)])
    principal = f"{user_id}@localhost".encode()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha1(seed).digest()) >> 1)
        .not_valid_before(_moment(now))
        .not_valid_after(_moment(now + CERTIFICATE_DAYS * DAY_SECONDS))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.OtherName(
                        x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"),
                        b"\x0c" + bytes([len(principal)]) + principal,
                    )
                ]
            ),
            False,
        )
        .sign(key, hashes.SHA256())
    )
    text = certificate.public_bytes(serialization.Encoding.PEM).decode()
    bundle = pkcs12.serialize_key_and_certificates(
        None, key, certificate, None, serialization.NoEncryption()
    )
    return Generated(text, base64.b64encode(bundle).decode(), x509_fingerprint(text))


def ssh_fingerprint(public: str) -> str:
    """Return the MD5 fingerprint of an ssh key. InvalidKeypair when it is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        serialization.load_ssh_public_key(public.encode())
        content = base64.b64decode(public.split(" ")[1])
    except (ValueError, IndexError, UnsupportedAlgorithm):
        raise InvalidKeypair(reason="failed to generate fingerprint") from None
    return _colons(hashlib.md5(content, usedforsecurity=False).hexdigest())


def x509_fingerprint(public: str) -> str:
    """Return the SHA-1 fingerprint of a certificate. InvalidKeypair when it is none."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        certificate = x509.load_pem_x509_certificate(public.encode())
    except ValueError as problem:
        raise InvalidKeypair(
            reason=f"failed to generate X509 fingerprint. Error message: {problem}"
        ) from None
    return _colons(certificate.fingerprint(hashes.SHA1()).hex())


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _colons(digits: str) -> str:
    return ":".join(digits[place : place + 2] for place in range(0, len(digits), 2))


def _pem(key: RSAPrivateKey) -> str:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


@lru_cache(maxsize=64)
def _rsa_key(seed: bytes) -> RSAPrivateKey:
    """The key of a seed: the library's own generator is faster, but never says the same twice."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    first, second = _prime(seed + b"p", KEY_BITS // 2), _prime(seed + b"q", KEY_BITS // 2)
    private = pow(EXPONENT, -1, (first - 1) * (second - 1))
    return rsa.RSAPrivateNumbers(
        p=first,
        q=second,
        d=private,
        dmp1=private % (first - 1),
        dmq1=private % (second - 1),
        iqmp=pow(second, -1, first),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, first * second),
    ).private_key()


def _prime(seed: bytes, bits: int) -> int:
    """A prime of exactly so many bits, its two highest set, found from a seed."""
    attempt = 0
    while True:
        attempt += 1
        stream = hashlib.shake_256(seed + str(attempt).encode()).digest(bits // 8)
        start = int.from_bytes(stream) | (3 << (bits - 2)) | 1
        sieve = bytearray(b"\1") * SIEVE_WIDTH
        for small in _small_primes():
            first = -start * pow(2, -1, small) % small
            sieve[first::small] = bytes(len(range(first, SIEVE_WIDTH, small)))
        for place in range(SIEVE_WIDTH):
            candidate = start + 2 * place
            if sieve[place] and candidate % EXPONENT != 1 and _is_prime(candidate):
                return candidate


def _is_prime(candidate: int) -> bool:
    """Fermat's test: for a number as long as this, chosen by chance, it errs practically never."""
    return pow(2, candidate - 1, candidate) == 1


@lru_cache(maxsize=1)
def _small_primes() -> tuple[int, ...]:
    """The odd primes that a candidate is first divided by."""
    sieve = bytearray(b"\1") * SIEVE_PRIMES_BELOW
    for number in range(3, int(SIEVE_PRIMES_BELOW**0.5) + 1, 2):
        if sieve[number]:
            sieve[number * number :: number] = bytes(
                len(range(number * number, SIEVE_PRIMES_BELOW, number))
            )
    return tuple(number for number in range(3, SIEVE_PRIMES_BELOW, 2) if sieve[number])
