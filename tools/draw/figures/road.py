"""The whole transformer as one small drawing, with the part lit that is told of."""

import math
from functools import partial

from tools.draw.cells import cells
from tools.draw.figures import enter, record
from tools.draw.palette import FAINT, INK, MONO, RED, SOFT
from tools.draw.svg import arrow, circle, line, note, path, rect, text

NAME, PREFIX = "emma", 3  # what is read: the letters before the last one
LOUD, QUIET = 2.2, 0.6  # the numbers that have the strongest shade
LIT = {  # what is lit in each chapter
    "parameters": {"vectors", "head"},
    "embeddings": {"letters", "ids", "vectors"},
    "residual": {"norm", "stream"},
    "attention": {"attention"},
    "heads": {"attention", "heads", "layer"},
    "mlp": {"mlp", "head", "bars"},
    "sampling": {"bars", "letter", "again"},
}
TITLES = {
    "parameters": "the two ends, the table of vectors and the head",
    "embeddings": "letters, their numbers and their vectors",
    "residual": "the stream, and the norms through which it is read",
    "attention": "attention, beside the stream",
    "heads": "the heads of attention, and the layer",
    "mlp": "the MLP, the head and the 27 probabilities",
    "sampling": "the letter that is drawn, and the way back to the beginning",
}


def probabilities(logits):
    """Returns the softmax of plain numbers."""
    exps = [math.exp(z - max(logits)) for z in logits]
    return [e / math.fsum(exps) for e in exps]


def seen(point):
    """Returns a vector of the last position that is read."""
    return record()["inside"][NAME][point][PREFIX]


class Map:
    """The drawing: its parts, each of which is lit or not.

    It lies, from left to right, or it stands, from top to bottom.
    """

    def __init__(self, lit, upright):
        self.lit, self.upright, self.parts = lit, upright, []
        self.size = (200, 442) if upright else (360, 164)
        self.middle, self.lane = (46, 4) if upright else (112, 2.6)

    def ink(self, part):
        return RED if part in self.lit else SOFT

    def add(self, *parts):
        self.parts += parts

    def at(self, along, aside=0.0):
        """Returns a point: how far along the road, and how far beside its middle."""
        if self.upright:
            return self.middle + aside, along
        return along, self.middle - aside

    def say(self, part, x, y, told, anchor=None, **more):
        """Adds a part's name."""
        bold = 700 if part in self.lit else None
        self.add(note(x, y, told, anchor, self.ink(part), font_weight=bold, **more))

    def lanes(self, values, start, end, part, most=LOUD):
        """Adds a stretch of the road: 16 lanes, each a number of the vector."""
        half = 8 * self.lane
        if self.upright:
            at, size = (self.middle - half, start), (self.lane, end - start)
        else:
            at, size = (start, self.middle - half), (end - start, self.lane)
        lit = part in self.lit
        strength = 1.0 if lit else 0.6
        self.add(cells(values, *at, *size, most, self.upright, lit, strength))

    def box(self, part, start, end, near, far):
        """Adds a part beside the road, that reads from it and writes to it."""
        half, colour = 8 * self.lane, self.ink(part)
        strong = 1.6 if part in self.lit else 1
        (x, y), (u, v) = self.at(start, near), self.at(end, far)
        left, top, right, bottom = min(x, u), min(y, v), max(x, u), max(y, v)
        tint = 0.14 if part in self.lit else 0.04
        self.add(rect(
            left, top, right - left, bottom - top, colour, fill_opacity=tint,
            stroke=colour, stroke_width=strong, rx=4,
        ))  # fmt: skip
        reads, writes = start + 7, end - 7
        self.add(arrow(self.at(reads, half), self.at(reads, near), colour, strong))
        self.add(arrow(self.at(writes, near), self.at(writes, half), colour, strong))
        norm = self.ink("norm")
        self.add(circle(self.at(reads, (half + near) / 2 - 1), 3.6, norm))
        return left, top, right, bottom

    def bars(self, x, base, step, tall, above=True):
        """Adds the 27 probabilities, and the letter that is drawn."""
        probs, colour = probabilities(seen("logits")), self.ink("bars")
        for i, prob in enumerate(probs):
            high = prob / max(probs) * tall
            self.add(rect(x + i * step, base - high, step - 0.8, high, colour))
        self.add(line((x, base + 0.5), (x + 27 * step, base + 0.5), FAINT))
        y = base - tall - 6 if above else base + 24
        if not above:
            self.add(arrow((x + step / 2, base + 3), (x + step / 2, base + 13)))
        self.add(text(
            x + step / 2 - 0.4, y, "a", "middle",
            fill=self.ink("letter") if "letter" in self.lit else INK,
            font_family=MONO, font_weight=700 if "letter" in self.lit else None,
        ))  # fmt: skip

    def word(self, x, y):
        """Adds the letters that are read, the last of them strong."""
        colour = RED if "letters" in self.lit else INK
        face = {"font_family": MONO}
        self.add(text(x, y, NAME[: PREFIX - 1], fill=SOFT, **face))
        self.add(
            text(x + 19.2, y, NAME[PREFIX - 1], fill=colour, font_weight=700, **face)
        )

    def again(self, points):
        """Adds the way back, on which a drawn letter is read next."""
        lit = "again" in self.lit
        colour, width = (RED, 1.6) if lit else (FAINT, 1)
        dash = None if lit else "3 3"
        self.add(path(points, colour, width, stroke_dasharray=dash))
        (x, y), (u, v) = points[-2:]
        d = math.dist((x, y), (u, v))
        self.add(
            arrow((u - (u - x) / d * 8, v - (v - y) / d * 8), (u, v), colour, width)
        )


def token():
    """Returns the letter that is read last, as its number."""
    return record()["chars"].index(NAME[PREFIX - 1])


def lying(lit):
    """Returns the drawing from left to right, for the head of a page."""
    it = Map(lit, False)
    road, half = it.middle, 8 * it.lane
    it.say("letters", 0, road - 22, "letters")
    it.word(0, road + 6)
    it.add(arrow((31, road), (40, road)))
    it.say("ids", 50, road + 5, token(), "middle")
    it.say("ids", 50, road + 21, "id", "middle")
    for x, name, row in ((68, "wte", token()), (80, "wpe", PREFIX)):
        top, tall = road - half, 2 * half / 16
        most = QUIET
        it.add(
            cells(record()[name][row], x, top, 7, tall, most, False, "vectors" in lit)
        )
    it.say("vectors", 84, road + half + 17, "vectors", "middle")
    it.lanes(seen("wte + wpe"), 94, 102, "stream")
    it.lanes(seen("embed"), 104, 196, "stream")
    it.lanes(seen("stream after attention"), 196, 252, "stream")
    it.lanes(seen("stream after mlp"), 252, 268, "stream")
    it.add(line((103, road - half - 3), (103, road + half + 3), it.ink("norm"), 3))
    it.say("norm", 103, road - half - 9, "norm", "middle")
    it.say("stream", 170, road + half + 17, "stream", "middle")
    attention(it, it.box("attention", 126, 203, half + 22, half + 52))
    left, top, right, bottom = it.box("mlp", 213, 259, half + 22, half + 52)
    it.say("mlp", (left + right) / 2, (top + bottom) / 2 + 5, "MLP", "middle")
    it.add(path([(126, 34), (126, 29), (259, 29), (259, 34)], it.ink("layer")))
    it.say("layer", 192, 23, "layer", "middle")
    head(it, 272, road - half, 9, 2 * half)
    it.say("head", 258, road + half + 17, "lm_head", "middle", font_family=MONO)
    it.add(arrow((283, road), (291, road)))
    it.bars(294, road + half, 2.4, 62)
    it.say("bars", 326, road + half + 17, "27 bars", "middle")
    it.again([(295, 26), (295, 6), (14, 6), (14, road - 38)])
    return it


def head(it, x, y, wide, tall):
    """Adds the matrix of the head: a row for each token."""
    colour = it.ink("head")
    lit = "head" in it.lit
    it.add(rect(x, y, wide, tall, colour, fill_opacity=0.25 if lit else 0.1,
                stroke=colour, stroke_width=1.6 if lit else 1))  # fmt: skip


def attention(it, box):
    """Adds what stands in attention's box: its name, and four slices."""
    left, top, right, bottom = box
    lit = "heads" in it.lit
    colour = RED if lit else it.ink("attention")
    wide = (right - left - 2) / 4
    for i in range(4):
        tint = 0.34 - 0.07 * i if lit else 0.08
        x = left + 1 + i * wide
        it.add(
            rect(
                x + 1, bottom - 8, wide - 2, 6, colour, fill_opacity=1 if lit else tint
            )
        )
    name = "attention"
    it.say("attention", (left + right) / 2, (top + bottom) / 2 + 3, name, "middle")


def standing(lit):
    """Returns the drawing from top to bottom, for the margin."""
    it = Map(lit, True)
    road, half = it.middle, 8 * it.lane
    it.word(road - 14.4, 34)
    it.say("letters", 92, 34, "letters")
    it.add(arrow((road + 9, 40), (road + 9, 50)))
    it.say("ids", road + 9, 66, token(), "middle")
    it.say("ids", 92, 66, "id")
    for y, name, row in ((78, "wte", token()), (90, "wpe", PREFIX)):
        it.add(
            cells(
                record()[name][row],
                road - half,
                y,
                it.lane,
                8,
                QUIET,
                True,
                "vectors" in lit,
            )
        )
    it.say("vectors", 92, 93, "vectors")
    it.lanes(seen("wte + wpe"), 104, 114, "stream")
    it.lanes(seen("embed"), 118, 218, "stream")
    it.lanes(seen("stream after attention"), 218, 282, "stream")
    it.lanes(seen("stream after mlp"), 282, 318, "stream")
    gate = it.ink("norm")
    it.add(line((road - half - 3, 116), (road + half + 3, 116), gate, 3))
    it.say("norm", 92, 121, "norm")
    attention(it, it.box("attention", 160, 226, half + 28, half + 108))
    left, top, right, bottom = it.box("mlp", 238, 290, half + 28, half + 108)
    it.say("mlp", (left + right) / 2, (top + bottom) / 2 + 5, "MLP", "middle")
    ends = [(right + 4, 160), (right + 9, 160), (right + 9, 290), (right + 4, 290)]
    it.add(path(ends, it.ink("layer")))
    it.say("layer", right + 9, 152, "layer", "end")
    it.say("stream", 92, 312, "stream")
    head(it, road - half, 324, 2 * half, 9)
    it.say("head", 92, 334, "lm_head", font_family=MONO)
    it.add(arrow((road, 336), (road, 350)))
    it.bars(24, 412, 6.2, 54, False)
    it.say("bars", 92, 366, "27 bars")
    it.say("letter", 92, 436, "a letter")
    it.again([(22, 431), (8, 431), (8, 29), (25, 29)])
    return it


def drawn(lit, upright):
    """Returns the drawing's height and its parts, with some of them lit."""
    it = (standing if upright else lying)(lit)
    return it.size[1], *it.parts


for part, lit in LIT.items():
    for upright in (False, True):
        enter(
            f"here-{part}" + "-upright" * upright, partial(drawn, lit, upright),
            f"The whole transformer from letters to a letter; lit: {TITLES[part]}",
            200 if upright else 360,
        )  # fmt: skip
