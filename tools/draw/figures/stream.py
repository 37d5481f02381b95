"""Figures of the stream: what comes onto it, and what is written to it."""

from tools.draw.cells import cells
from tools.draw.figures import figure, record
from tools.draw.figures.emma import ASKS, NAME, inside, letter
from tools.draw.figures.road import LOUD, QUIET
from tools.draw.palette import FAINT, INK, MONO, RED, SOFT, WIDTH
from tools.draw.svg import arrow, circle, line, note, path, rect, text


def box(x, y, wide, tall, told, **more):
    """Returns a part of the model: a box with its name."""
    return [
        rect(x, y, wide, tall, SOFT, fill_opacity=0.06, stroke=SOFT, rx=4),
        note(x + wide / 2, y + tall / 2 + 5, told, "middle", INK, **more),
    ]


def size(point):
    """Returns how large the numbers of a vector are where the second m stands."""
    return record()["rms"][NAME][point][ASKS]


STRETCHES = {  # of the road: where it begins and ends, and what it is called
    "wte + wpe": (0, 72, "the sum"),
    "embed": (80, 242, "after the norm"),
    "stream after attention": (242, 424, "after attention"),
    "stream after mlp": (424, 506, "after the MLP"),
}


@figure
def road():
    """The stream of the second m of emma as a road of 16 lanes: what attention and the
    MLP read from it and add to it, and how large its numbers are."""
    lane, top, parts = 5.5, 190, []
    end = top + 16 * lane
    for point, (a, b, told) in STRETCHES.items():
        middle = min((a + b) / 2, WIDTH - 96)
        parts += [
            cells(inside(point, ASKS), a, top, b - a, lane, LOUD, False),
            text((a + b) / 2, end + 22, f"{size(point):.2f}", "middle"),
            note(middle, end + 42, told, "middle"),
        ]  # fmt: skip
    parts += [
        line((76, top - 6), (76, end + 6), INK, 3),
        note(76, top - 12, "norm", "middle", INK),
        arrow((508, top + 8 * lane), (526, top + 8 * lane)),
        rect(530, top, 14, 16 * lane, SOFT, fill_opacity=0.12, stroke=SOFT),
        note(WIDTH, end + 22, "lm_head", "end", INK, font_family=MONO),
    ]  # fmt: skip
    for told, wrote, reads, writes in (
        ("attention", "attention out", 132, 232), ("MLP", "mlp out", 314, 414),
    ):  # fmt: skip
        parts += [
            *box(reads - 24, 8, writes - reads + 48, 42, told),
            arrow((reads, top), (reads, 54)), circle((reads, 120), 5, INK),
            note(reads + 10, 125, "norm", fill=INK),
            line((writes, 50), (writes, 70)),
            cells(inside(wrote, ASKS), writes - 7, 72, 14, lane, LOUD, False),
            rect(writes - 7, 72, 14, 16 * lane, stroke=RED, stroke_width=1.4),
            arrow((writes, 162), (writes, top), RED, 1.6),
            note(writes + 14, 100, "adds", fill=RED),
            text(writes + 14, 120, f"{size(wrote):.2f}", fill=RED),
        ]  # fmt: skip
    return end + 48, *parts


@figure
def row_plus_row():
    """The two tables of the trained model with a row lit in each, that of e and that of
    position 1, and the vector that is their sum."""
    wide, tall, top, right = 12.6, 11, 30, 344
    e, place = record()["chars"].index("e"), 1
    parts = [
        note(22, 16, "wte", fill=INK, font_family=MONO),
        note(56, 16, "a row for each token"),
        note(right, 16, "wpe", fill=INK, font_family=MONO),
        note(right + 34, 16, "a row for each place"),
    ]  # fmt: skip
    for x, name, chosen, told in ((22, "wte", e, "e"), (right, "wpe", place, "1")):
        for i, row in enumerate(record()[name]):
            look = {"frame": False, "lit": i == chosen}
            look["strength"] = 1 if i == chosen else 0.4
            parts.append(cells(row, x, top + i * tall, wide, tall, QUIET, **look))
        whole = (16 * wide, len(record()[name]) * tall)
        parts.append(rect(x, top, *whole, stroke=FAINT, stroke_width=0.7))
        y = top + chosen * tall
        parts += [
            rect(x, y, 16 * wide, tall, stroke=RED, stroke_width=2),
            letter(x - 12, y + 10, told, RED),
        ]
    pair = record()["wte"][e], record()["wpe"][place]
    vector = [a + b for a, b in zip(*pair)]
    down, step = 232, 30
    rows = zip(("e", "1", ""), (*pair, vector), ("", "+", "="))
    for i, (told, row, sign) in enumerate(rows):
        y = down + i * step
        parts.append(cells(row, right, y, wide, 20, QUIET))
        if sign:
            parts.append(text(right - 34, y + 15, sign, "middle", fill=SOFT))
        if told:
            parts.append(letter(right - 14, y + 15, told, RED))
    y = top + (e + 0.5) * tall
    parts += [
        rect(right, down + 2 * step, 16 * wide, 20, stroke=RED, stroke_width=2),
        note(right, down + 3 * step + 6, "an e at place 1, as 16 numbers", fill=RED),
        path([(22 + 16 * wide, y), (272, y), (272, down + 10), (300, down + 10)], RED),
        arrow((300, down + 10), (right - 26, down + 10), RED, 1.5),
    ]  # fmt: skip
    return top + 27 * tall + 12, *parts


@figure
def relu_cut():
    """The 64 numbers of the MLP where the second m of emma stands, before the ReLU and
    after it: those below 0 are silenced."""
    values, step, unit, parts = inside("hidden", ASKS), 8, 44, []
    left = (WIDTH - 64 * step) / 2
    for base, cut in ((76, False), (216, True)):
        parts.append(line((left, base), (left + 64 * step, base), SOFT))
        for i, value in enumerate(values):
            x, high = left + i * step + 1, abs(value) * unit
            if value > 0:
                parts.append(rect(x, base - high, step - 2, high, RED))
            elif not cut:
                parts.append(rect(x, base, step - 2, high, SOFT, fill_opacity=0.45))
    return 228, note(left, 16, "before the ReLU"), note(left, 172, "after it"), *parts


@figure
def switches():
    """The 64 switches of the MLP at each position of emma, before and after training: a
    dot is large where the unit is on."""
    step, gap = 11.6, 16
    wide = 8 * step
    parts, rows = [], (record()["initial"]["relu"][NAME], record()["relu"][NAME])
    for k, states in enumerate(rows):
        top = 56 + k * 166
        told = ("before training", "after training")[k]
        parts.append(note(0, top - 16 if k else 14, told, fill=RED if k else SOFT))
        for i, (symbol, state) in enumerate(zip(f"·{NAME}", states)):
            left = i * (wide + gap) + 2
            if not k:
                parts.append(letter(left + wide / 2, 38, symbol))
            for unit, on in enumerate(state):
                at = left + (unit % 8 + 0.5) * step, top + (unit // 8 + 0.5) * step
                radius, fill = (4, RED if k else SOFT) if on == "1" else (1.2, FAINT)
                parts.append(circle(at, radius, fill))
            told = f"{state.count('1')} on"
            parts.append(note(left + wide / 2, top + wide + 18, told, "middle", INK))
    return 56 + 166 + wide + 24, *parts
