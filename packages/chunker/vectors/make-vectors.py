"""Second, independent implementation of splitting, padding and sealing, written from README.md; it made the .json files beside it.

    python3 make-vectors.py && npx prettier --write .          needs the `cryptography` package

Vectors pin a format. If one changes, the format's version has to change with it.
"""
import hashlib
import hmac
import json
import math
import pathlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).parent
MASK64 = 2**64 - 1
KIB, MIB = 1024, 1024 * 1024


def hkdf(secret, info, length):
    key, block, out = hmac.digest(bytes(32), secret, "sha256"), b"", b""
    for counter in range(1, 1 + math.ceil(length / 32)):
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        out += block
    return out[:length]


def keystream(key, length, byte_mask):
    cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    return bytes(byte & byte_mask for byte in cipher.update(bytes(length)))


# --- padding


def padme(length):
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    unit_bits = exponent - exponent.bit_length()
    return length if unit_bits <= 0 else -(-length >> unit_bits) << unit_bits


# --- splitting


def times_x(value):
    return ((value << 1) & MASK64) ^ (0x1B if value >> 63 else 0)


def digest(table, window):
    """The definition: sum of x^(63-j) T[w_j], by Horner."""
    value = 0
    for byte in window:
        value = times_x(value) ^ table[byte]
    return value


def digests(table, data):
    """All windows; x^64 T[b] leaves when b does."""
    leaving = list(table)
    for _ in range(64):
        leaving = [times_x(entry) for entry in leaving]
    value = digest(table, data[:64])
    yield value
    for entering_byte, leaving_byte in zip(data[64:], data):
        value = times_x(value) ^ table[entering_byte] ^ leaving[leaving_byte]
        yield value


def split(tables, aes_key, params, data):
    lanes = (digests(tables[0], data), digests(tables[1], data))
    slots = b"".join(struct.pack("<QQ", a, b) for a, b in zip(*lanes)) if len(data) >= 64 else b""
    encrypted = Cipher(algorithms.AES(aes_key), modes.ECB()).encryptor().update(slots)
    mask = 2 ** round(math.log2(params["mean"] - params["min"])) - 1
    ends, start = [], 0
    for end in range(1, len(data) + 1):
        cut = end - start >= params["min"] and struct.unpack_from("<I", encrypted, 16 * (end - 64))[0] & mask == 0
        if cut or end - start == params["max"] or end == len(data):
            ends.append(end)
            start = end
    return ends


def splitter_vectors():
    secret = bytes(range(32))
    raw = hkdf(secret, b"onefold/splitter/v1/toeplitz", 4096)
    tables = [struct.unpack("<256Q", raw[:2048]), struct.unpack("<256Q", raw[2048:])]
    aes_key = hkdf(secret, b"onefold/splitter/v1/aes", 16)
    sample = keystream(b"onefold-digests!", 200, 0xFF)
    positions = [0, 1, 63, 64, 136]
    small = {"min": 64, "mean": 300, "max": 1000}
    manifest = {"min": 4 * KIB, "mean": 16 * KIB, "max": 64 * KIB}
    default = {"min": MIB, "mean": 1536 * KIB, "max": 4 * MIB}
    inputs = [
        (small, 0, 255),
        (small, 1, 255),
        (small, 63, 255),
        (small, 64, 255),
        (small, 65, 255),
        (small, 20_000, 255),
        (small, 20_000, 1),
        (small, 5_000, 0),
        ({"min": 100, "mean": 5000, "max": 9000}, 100_000, 255),
        ({"min": 5000, "mean": 5001, "max": 5002}, 20_000, 255),
        (manifest, 300_000, 255),
        (manifest, 300_000, 3),
        (default, 6 * MIB, 255),
    ]
    key = b"onefold-cut-test"
    return {
        "about": "input = AES-128-CTR keystream (zero counter block) of `length` bytes, each byte ANDed with `byteMask`",
        "secret": secret.hex(),
        "aesKey": aes_key.hex(),
        "tablesSha256": hashlib.sha256(raw).hexdigest(),
        "digests": {
            "input": sample.hex(),
            "windows": [
                {"start": at, "a": f"{digest(tables[0], sample[at:at + 64]):016x}", "b": f"{digest(tables[1], sample[at:at + 64]):016x}"}
                for at in positions
            ],
        },
        "cuts": [
            {
                "params": params,
                "input": {"keystreamKey": key.hex(), "length": length, "byteMask": byte_mask},
                "ends": split(tables, aes_key, params, keystream(key, length, byte_mask)),
            }
            for params, length, byte_mask in inputs
        ],
    }


# --- sealing


def rle_zstd(byte, count):
    """The shortest zstd stream of one repeated byte (RFC 8878): single segment, 4-byte size, one RLE block."""
    return bytes.fromhex("28b52ffda0") + struct.pack("<I", count) + ((count << 3) | 3).to_bytes(3, "little") + bytes([byte])


def seal(context, plaintext, nonce, payload=None):
    block_id = hmac.digest(context["blockIdKey"], plaintext, "sha256")
    body = plaintext if payload is None else payload
    frame = struct.pack(">BBII", 1, 0 if payload is None else 1, len(plaintext), len(body)) + body
    frame += bytes(padme(len(frame)) - len(frame))
    key = hkdf(context["blockKey"], b"onefold/block/v1/key" + block_id, 32)
    associated = b"onefold/block/v1" + context["namespaceId"] + struct.pack(">Q", context["epoch"]) + block_id
    sealed = nonce + AESGCM(key).encrypt(nonce, frame, associated)
    return {
        "plaintext": plaintext.hex(),
        "compressed": payload is not None,
        "nonce": nonce.hex(),
        "frame": frame.hex(),
        "blockId": block_id.hex(),
        "ctHash": hashlib.sha256(sealed).hexdigest(),
        "sealed": sealed.hex(),
    }


def block_vectors():
    context = {
        "namespaceId": hashlib.sha256(b"namespace").digest(),
        "epoch": 2**33 + 5,
        "blockKey": hashlib.sha256(b"block key").digest(),
        "blockIdKey": hashlib.sha256(b"block id key").digest(),
    }
    nonce = bytes(range(12))
    cases = [
        seal(context, b"\0", nonce),
        seal(context, b"one folder, the same everywhere", nonce),
        seal(context, keystream(b"onefold-blk-test", 1000, 0xFF), nonce),
        seal(context, b"a" * 500, nonce, rle_zstd(ord("a"), 500)),
    ]
    shown = {name: value.hex() if isinstance(value, bytes) else value for name, value in context.items()}
    about = "a compressed case has to open; it need not be reproduced, since encoders differ"
    return {"about": about, "context": shown, "blocks": cases}


def padme_vectors():
    lengths = [*range(0, 70), 100, 127, 128, 129, 1000, 1023, 1024, 1025, 65535, 65537, 10**6, MIB, MIB + 1, MIB + 10, 4 * MIB]
    lengths += [4 * MIB + 10, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 10**12, 2**52 - 1, 2**52]
    return [[length, padme(length)] for length in lengths]


if __name__ == "__main__":
    for name, vectors in {"splitter": splitter_vectors(), "block": block_vectors(), "padme": padme_vectors()}.items():
        (HERE / f"{name}.json").write_text(json.dumps(vectors, indent=1) + "\n")
