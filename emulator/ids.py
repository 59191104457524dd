"""Every identifier the cloud gives out, from one seeded stream: same seed, same order, same ids."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

PASSWORD_ALPHABET = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RESERVATION_ALPHABET = b"0123456789abcdefghijklmnopqrstuvwxyz"
PASSWORD_LETTERS, RESERVATION_LETTERS = (  # of each octet
    bytes(alphabet[octet % len(alphabet)] for octet in range(256))
    for alphabet in (PASSWORD_ALPHABET, RESERVATION_ALPHABET)
)
MAC_PREFIX = "fa:16:3e"


class Ids:
    """Two counted streams, one for entities and one for requests, both functions of the seed.

    The counters are plain integers that the store keeps, so a restored or reopened cloud goes on
    where it was.
    """

    __slots__ = ("_key", "_stream", "entities", "requests", "seed")

    def __init__(
        self, seed: int, *, entities: int = 0, requests: int = 0, stream: bytes = b"e"
    ) -> None:
        self.seed = seed
        self.entities = entities
        self.requests = requests
        self._key = b"%d" % seed
        self._stream = stream

    def branch(self, name: str) -> Ids:
        """Return a stream of its own under a name: what it gives out depends on nothing else.

        What happens by the clock draws from a branch, so that it makes no difference to the ids
        of requests whether it happened before them or after.
        """
        branch = object.__new__(Ids)  # every step of every transition has one
        branch.seed, branch._key = self.seed, self._key
        branch.entities = branch.requests = 0
        branch._stream = b"%b/" % name.encode()
        return branch

    def _digest(self, stream: bytes, count: int, size: int = 16) -> bytes:
        return blake2b(b"%b%d" % (stream, count), digest_size=size, key=self._key).digest()

    def octets(self, size: int) -> bytes:
        """Return `size` (up to 64) fresh bytes of the entity stream."""
        self.entities += 1
        return self._digest(self._stream, self.entities, size)

    def hex(self) -> str:
        """Return a fresh 32-digit id, as Keystone makes them (uuid4 without dashes)."""
        return uuid_text(self.octets(16)).replace("-", "")

    def uuid(self) -> str:
        """Return a fresh version-4 UUID with dashes."""
        return uuid_text(self.octets(16))

    def request_id(self) -> str:
        """Return a fresh `req-UUID`."""
        self.requests += 1
        return "req-" + uuid_text(self._digest(b"r", self.requests))

    def mac(self) -> str:
        """Return a fresh MAC address under Neutron's default base, fa:16:3e (base_mac)."""
        tail = self.octets(3)
        return f"{MAC_PREFIX}:{tail[0]:02x}:{tail[1]:02x}:{tail[2]:02x}"

    def password(self, length: int = 12) -> str:
        """Return a fresh password from Nova's letters without look-alikes (password_length 12)."""
        return self._letters(PASSWORD_LETTERS, length)

    def reservation_id(self) -> str:
        """Return a fresh `r-xxxxxxxx` (Nova 34.0.0, utils.generate_uid)."""
        return "r-" + self._letters(RESERVATION_LETTERS, 8)

    def _letters(self, letters: bytes, length: int) -> str:
        return self.octets(length).translate(letters).decode()


def uuid_text(octets: bytes) -> str:
    """Return 16 bytes as the text of a version-4 UUID."""
    digits = octets.hex()
    variant = "89ab"[octets[8] & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def chance(seed: int, *keys: object) -> float:
    """Return a number in [0, 1) that depends on nothing but the seed and the keys."""
    drawn = _keyed(seed).copy()
    drawn.update("\0".join(map(str, keys)).encode())
    return int.from_bytes(drawn.digest(), "big") / 2**64


@lru_cache(maxsize=16)
def _keyed(seed: int) -> blake2b:
    return blake2b(digest_size=8, key=str(seed).encode())
