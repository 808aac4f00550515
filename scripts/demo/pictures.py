"""The demo's pictures, drawn by programs of a few lines: flat colours, as PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

Colour = tuple[int, int, int]

INK, PAPER, WHITE = (38, 42, 46), (244, 240, 230), (255, 255, 255)
GREEN, LEAF, SOIL, RED, BLUE, GREY = (
    (74, 124, 78),
    (126, 168, 92),
    (112, 84, 62),
    (190, 72, 56),
    (58, 104, 150),
    (176, 178, 180),
)


class Canvas:
    """Pixels of three bytes. Whatever lies outside is cut off."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.width = width
        self.height = height
        self._rows = [bytearray(bytes(ground) * width) for _ in range(height)]

    def box(self, left: int, top: int, width: int, height: int, colour: Colour) -> None:
        for y in range(max(top, 0), min(top + height, self.height)):
            self._run(y, left, left + width, colour)

    def disc(self, x: int, y: int, radius: int, colour: Colour) -> None:
        for row in range(max(y - radius, 0), min(y + radius + 1, self.height)):
            half = int((radius**2 - (row - y) ** 2) ** 0.5)
            self._run(row, x - half, x + half + 1, colour)

    def line(
        self, start: tuple[int, int], end: tuple[int, int], width: int, colour: Colour
    ) -> None:
        (x, y), (to_x, to_y) = start, end
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for at in range(steps + 1):
            centre = (x + (to_x - x) * at // steps, y + (to_y - y) * at // steps)
            self.disc(*centre, width // 2, colour)

    def png(self) -> bytes:
        """The picture as a file: no metadata."""
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        pixels = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        parts = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)

    def _run(self, y: int, left: int, right: int, colour: Colour) -> None:
        left, right = max(left, 0), min(right, self.width)
        if left < right:
            self._rows[y][3 * left : 3 * right] = bytes(colour) * (right - left)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def beds() -> Canvas:
    """Six beds from above, with a path between them."""
    canvas = Canvas(720, 480, (206, 192, 160))
    for bed in range(6):
        left, top = 40 + bed % 3 * 220, 40 + bed // 3 * 210
        canvas.box(left, top, 200, 190, SOIL)
        for plant in range(20):
            at = (left + 28 + plant % 5 * 36, top + 28 + plant // 5 * 44)
            canvas.disc(*at, 9 + bed % 3 * 3, (LEAF, GREEN, RED)[(bed + plant // 10) % 3])
    return canvas


def newt() -> Canvas:
    """A newt in a bucket, from above."""
    canvas = Canvas(560, 560, LEAF)
    canvas.disc(280, 280, 250, GREY)
    canvas.disc(280, 280, 226, (96, 148, 176))
    canvas.line((190, 250), (330, 290), 46, INK)
    for foot in ((215, 200), (200, 305), (310, 235), (295, 345)):
        canvas.line((foot[0] + 20, (foot[1] + 270) // 2), foot, 14, INK)
    canvas.line((330, 290), (400, 350), 24, INK)
    canvas.line((400, 350), (430, 420), 10, INK)
    canvas.disc(170, 245, 30, INK)
    for eye in ((160, 232), (160, 258)):
        canvas.disc(*eye, 5, (236, 196, 92))
    return canvas


def clock() -> Canvas:
    """A man who hangs from the hand of a clock."""
    canvas = Canvas(480, 640, (226, 206, 164))
    canvas.box(0, 0, 150, 640, INK)
    canvas.disc(210, 230, 170, INK)
    canvas.disc(210, 230, 154, PAPER)
    for x, y in ((210, 92), (348, 230), (210, 368), (72, 230)):
        canvas.disc(x, y, 9, INK)
    canvas.line((210, 230), (330, 290), 14, INK)
    canvas.line((210, 230), (190, 130), 14, INK)
    canvas.line((330, 290), (345, 400), 12, INK)
    canvas.disc(350, 420, 20, INK)
    canvas.line((350, 440), (354, 530), 30, INK)
    canvas.line((350, 530), (330, 610), 14, INK)
    canvas.line((356, 530), (376, 605), 14, INK)
    return canvas


def tiles() -> Canvas:
    """A piece of a map of trams, twice: blurred and sharp."""
    canvas = Canvas(800, 400, WHITE)
    for left, blurred in ((0, True), (400, False)):
        canvas.box(left, 0, 400, 400, PAPER)
        for at, colour in enumerate((RED, BLUE, GREEN)):
            start, end = (left + 30, 60 + at * 110), (left + 370, 150 + at * 70)
            if blurred:
                canvas.line(start, end, 16, GREY)
            canvas.line(start, end, 8, colour)
            for stop in range(1, 5):
                x = start[0] + (end[0] - start[0]) * stop // 5
                y = start[1] + (end[1] - start[1]) * stop // 5
                canvas.disc(x, y, 11 if blurred else 9, GREY if blurred else INK)
                canvas.disc(x, y, 5, WHITE)
    canvas.box(398, 0, 4, 400, INK)
    return canvas


def poster() -> Canvas:
    """Two colours, a tram and something to scan."""
    canvas = Canvas(480, 680, GREEN)
    canvas.box(60, 90, 360, 190, PAPER)
    for window in range(4):
        canvas.box(84 + window * 82, 120, 62, 70, GREEN)
    for x in (140, 340):
        canvas.disc(x, 290, 30, PAPER)
        canvas.disc(x, 290, 14, GREEN)
    canvas.line((240, 90), (290, 40), 8, PAPER)
    canvas.box(130, 400, 220, 220, PAPER)
    for cell in range(11 * 11):
        if cell * cell % 7 in (1, 2, 4) or cell % 11 == 0:
            canvas.box(141 + cell % 11 * 18, 411 + cell // 11 * 18, 18, 18, GREEN)
    return canvas


PICTURES: dict[str, Callable[[], Canvas]] = {
    f"{draw.__name__}.png": draw for draw in (beds, newt, clock, tiles, poster)
}
