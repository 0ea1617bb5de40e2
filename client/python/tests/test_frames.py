"""Frames, however their bytes come, and bytes that are none."""

from __future__ import annotations

import random

import msgpack
import numpy
import pytest

from drupe import ProtocolError
from drupe.frames import MAX_FRAME, Frames, decode, frame


def read(frames: Frames, data: bytes, pieces: random.Random) -> list[bytes]:
    """Feeds bytes as a socket might: pieces of any size, into the buffer that is offered."""
    payloads: list[bytes] = []
    at = 0
    while at < len(data):
        buffer = frames.buffer()
        assert len(buffer) > 0
        count = min(len(buffer), len(data) - at, pieces.choice([1, 3, 4, 1000, 70_000, 1 << 20]))
        buffer[:count] = data[at : at + count]
        payloads += map(bytes, frames.filled(count))
        at += count
    return payloads


@pytest.mark.parametrize("seed", range(30))
def test_frames_come_whole_from_pieces(seed: int) -> None:
    pieces = random.Random(seed)
    sizes = [0, 1, 10, 4000, 65_531, 65_532, 65_533, 65_536, 70_000, 300_000]
    bodies = [{"v": pieces.randbytes(pieces.choice(sizes))} for _ in range(8)]
    frames = Frames()
    payloads = read(frames, b"".join(frame("m", body) for body in bodies), pieces)
    assert [msgpack.unpackb(payload) for payload in payloads] == [["m", body] for body in bodies]


def test_elements_of_a_large_array_are_aligned() -> None:
    for padding in range(16):
        body = {"x": "y" * padding, "v": msgpack.ExtType(0x1B, bytes(800_000))}
        frames = Frames()
        data = frame("m", body)
        at = 0
        while at < len(data):
            buffer = frames.buffer()
            count = min(len(buffer), len(data) - at)
            buffer[:count] = data[at : at + count]
            payloads = frames.filled(count)
            at += count
        _, got = decode(payloads[0], numpy=True)
        assert got["v"].flags.aligned and got["v"].flags.writeable
        assert got["v"].size == 100_000 and got["x"] == "y" * padding
        assert numpy.all(got["v"] == 0)


def test_a_frame_beyond_the_limit_is_refused_before_memory_is_taken() -> None:
    frames = Frames()
    frames.buffer()[:4] = (MAX_FRAME + 1).to_bytes(4, "little")
    with pytest.raises(ProtocolError, match="limit"):
        frames.filled(4)
    with pytest.raises(ValueError, match="limit"):
        frame("m", {"v": bytes(MAX_FRAME)})


@pytest.mark.parametrize("seed", range(200))
def test_damaged_payloads_are_a_protocol_error(seed: int) -> None:
    chance = random.Random(seed)
    large = [msgpack.ExtType(0x1B, bytes(80_000))] if seed % 2 else []
    good = bytearray(frame("event", {"kernel": "k", "value": [1, {"a": large}]})[4:])
    for _ in range(3):
        good[chance.randrange(min(len(good), 60))] = chance.randrange(256)
    try:
        name, body = decode(bytes(good[: chance.randrange(len(good)) if seed % 3 else len(good)]))
    except ProtocolError:
        return
    assert isinstance(name, str) and isinstance(body, dict)


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xc0", b"\x91\xa1x", b"\x92\xa1x\xc0", b"\x92\xa1x\x80\x00", b"\xc1", b"\x92\xa1x\x81\xa1v\xc7\x00\x7f"],
)
def test_what_is_no_message_is_a_protocol_error(payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(payload)
