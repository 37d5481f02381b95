"""Problems without published solutions: what is drawn, what is right, what is told."""

import math
import re
import subprocess
import sys

import pytest

from tools import problems as command
from tools.proof import problems, stage
from tools.tangle import ROOT

SEEDS = range(40)


def types(capsys, *words):
    """What the command answers: its exit code, its output and its errors."""
    try:
        code = command.main(words)
    except SystemExit as end:
        code = end.code
    return code, *capsys.readouterr()


def one(name, seed=1):
    """A problem of a kind: its text in one line, and its answers."""
    [(_, problem)] = problems.drawn(seed, [name])
    return " ".join(problem.text.split()), [answer for _, answer in problem.asked]


def numbers(text):
    """The numbers of a text."""
    found = re.findall(r"−?\d+(?:\.\d+)?", text)
    return [float(it.replace("−", "-")) for it in found]


# Drawing


def test_there_are_many_kinds_in_the_order_of_the_book():
    order = stage.names()
    chapters = [kind.chapter for kind in problems.KINDS.values()]
    assert len(problems.KINDS) >= 8
    assert chapters == sorted(chapters, key=order.index)


@pytest.mark.parametrize("name", problems.KINDS)
def test_every_seed_draws_a_problem_that_has_answers(name):
    texts = set()
    for seed in SEEDS:
        text, answers = one(name, seed)
        assert all(map(math.isfinite, answers))
        assert not re.search(r"\d-|-\d|\bnan\b", text.replace("e^(−w)", ""))
        texts.add(text)
    assert len(texts) > len(SEEDS) / 2


def test_the_same_seed_draws_the_same_sheet_and_another_student_another():
    assert problems.drawn("x") == problems.drawn("x")
    assert problems.drawn("x", student="ada") != problems.drawn("x")


def test_a_choice_of_kinds_changes_no_number():
    [alone] = problems.drawn("x", ["adam"])
    assert alone in problems.drawn("x")
    assert problems.drawn("x", ["adam", "adam"]) == [alone]


# The answers, worked out in another way


def test_a_softmax_and_its_loss():
    text, answers = one("softmax")
    *logits, came = numbers(text)
    total = sum(map(math.exp, logits))
    p = [math.exp(z) / total for z in logits]
    assert answers == pytest.approx([*p, -math.log(p[int(came) - 1])])


def test_the_slopes_of_logits_are_p_less_y():
    text, answers = one("gradient")
    *logits, came, rate = numbers(text)
    total = sum(map(math.exp, logits))
    slopes = [math.exp(z) / total - (i == came - 1) for i, z in enumerate(logits)]
    moved = [math.exp(z - rate * slope) for z, slope in zip(logits, slopes)]
    loss = -math.log(moved[int(came) - 1] / sum(moved))
    assert answers == pytest.approx([*slopes, loss])


def test_two_steps_of_adam():
    text, answers = one("adam")
    start, g1, g2, b1, b2, rate = numbers(text)
    after = start - rate * math.copysign(1, g1)
    m = b1 * (1 - b1) * g1 + (1 - b1) * g2
    v = b2 * (1 - b2) * g1**2 + (1 - b2) * g2**2
    then = after - rate * m / (1 - b1**2) / math.sqrt(v / (1 - b2**2))
    assert answers == pytest.approx([after, then, m], abs=1e-6)


def test_the_weights_of_attention():
    text, answers = one("attention")
    pairs = [numbers(it) for it in re.findall(r"\(([^)]*)\)", text)]
    query, keys, values = pairs[0], pairs[1:4], pairs[4:]
    scores = [(query[0] * k[0] + query[1] * k[1]) / math.sqrt(2) for k in keys]
    total = sum(map(math.exp, scores))
    weights = [math.exp(s) / total for s in scores]
    read = [sum(w * v[i] for w, v in zip(weights, values)) for i in range(2)]
    assert answers == pytest.approx([*weights, *read])


def test_the_parameters_of_a_gpt():
    text, answers = one("parameters")
    vocabulary, n, context, layers, _ = map(int, numbers(text))
    attention = layers * 4 * n * n
    work = attention + layers * 8 * n * n + vocabulary * n
    assert answers == [work + (vocabulary + context) * n, attention, work]


def test_the_derivatives_of_a_small_graph_are_those_of_nudging():
    for seed in SEEDS:
        text, answers = one("chain", seed)
        values = dict(zip("abc", numbers(text)))
        written = re.search(r"`L = ([^`]*)`", text)[1]
        assert eval(written, {}, dict(values)) == answers[0]
        for name, answer in zip("abc", answers[1:]):
            up, down = (
                eval(written, {}, values | {name: values[name] + e})
                for e in (1e-4, -1e-4)
            )
            assert (up - down) / 2e-4 == pytest.approx(answer, abs=1e-4)


def test_the_nodes_of_a_graph_are_counted():
    text, [nodes, paths] = one("nodes")
    times = int(numbers(text)[0])
    first, body = re.findall(r"`s = ([^`]*)`", text)
    leaves = {*re.findall("[abc]", first + body)}
    operations = len(re.findall(r"[*+]", first)) + times * len(re.findall("[*+]", body))
    assert (nodes, paths) == (len(leaves) + operations, 2**times)


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_a_table_of_pairs(seed):
    text, answers = one("pairs", seed)
    names = re.search(r"list is (.*?)\.", text)[1].replace(" and ", ", ").split(", ")
    after, before = re.search(r"probability of (.*) after (\w)\?", text).groups()
    after, prior = after.replace("the end", "."), numbers(text)[0]
    ends = [f".{name}." for name in names]
    tokens = "".join(name[1:] for name in ends)
    row = [b for name in ends for a, b in zip(name, name[1:]) if a == before]
    unigram = tokens.count(after) + prior / len({*tokens})
    mixed = prior * unigram / (len(tokens) + prior)
    p = (row.count(after) + mixed) / (len(row) + prior)
    counted = row.count(after) / len(row)
    assert answers == pytest.approx([counted, p, -math.log(p)])


def test_two_means():
    text, answers = one("means")
    short, long = map(numbers, text.split("those of the other"))
    per_document = (math.fsum(short) / len(short) + math.fsum(long) / len(long)) / 2
    per_token = math.fsum(short + long) / len(short + long)
    assert answers == pytest.approx([per_document, per_token])


def test_one_knob_goes_down_a_slope_that_nudging_finds():
    text, answers = one("knob")
    total, ends, *_, w, rate = numbers(text)

    def loss(w):
        p = 1 / (1 + math.exp(-w))
        return -(ends * math.log(p) + (total - ends) * math.log(1 - p)) / total

    slopes = []
    for _ in range(2):
        slopes.append((loss(w + 1e-5) - loss(w - 1e-5)) / 2e-5)
        w -= rate * slopes[-1]
    assert answers == pytest.approx([*slopes, w], abs=1e-6)


def test_nats_bits_and_choices():
    text, [choices, bits, loss, whole] = one("perplexity")
    nats, others, letters = numbers(text)
    assert math.log(choices) == pytest.approx(nats)
    assert 2**bits == pytest.approx(choices)
    assert math.exp(loss) == pytest.approx(others)
    assert whole == pytest.approx(nats * (letters + 1))


def test_a_norm():
    text, answers = one("norm")
    x = numbers(text)
    rms = math.hypot(*x) / 2
    assert answers == pytest.approx([rms, x[0] / rms, 4], abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_a_network_with_a_bend(seed):
    text, answers = one("network", seed)
    x, *rows, last = (numbers(it) for it in re.findall(r"\(([^)]*)\)", text))
    hidden = [row[0] * x[0] + row[1] * x[1] for row in rows]
    on = [h > 0 for h in hidden]
    bent = sum(w * h for w, h in zip(last, hidden) if h > 0)
    assert answers == [sum(on), bent, sum(w * h for w, h in zip(last, hidden))]


def test_a_temperature():
    text, [*p, logarithm] = one("temperature")
    *logits, t = numbers(text)
    total = sum(math.exp(z / t) for z in logits)
    assert p == pytest.approx([math.exp(z / t) / total for z in logits])
    assert logarithm == pytest.approx((max(logits) - min(logits)) / t)


def test_a_difference_and_its_error():
    text, answers = one("difference")
    runs, *losses = numbers(text)
    gaps = [1000 * (b - a) for a, b in zip(losses[::2], losses[1::2])]
    mean = math.fsum(gaps) / runs
    error = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / (runs - 1) / runs)
    assert len(gaps) == runs
    assert answers == pytest.approx([mean, error, mean / error])


def test_a_ring_sends_each_part_to_all_but_one_twice():
    text, [rounds, sent, middle] = one("ring")
    processes, count, *_ = map(int, numbers(text.replace(",", "")))
    assert rounds == 2 * (processes - 1)
    assert sent == rounds * (8 * count / processes)
    assert middle == (processes - 1) * 8 * count * 2


# Checking


def test_the_key_is_right_and_an_answer_that_is_not_is_told(tmp_path, capsys):
    code, key, _ = types(capsys, "7", "--key")
    path = tmp_path / "ada.txt"
    path.write_text(key)
    code, said, _ = types(capsys, "7", "--check", str(path))
    every = len(key.splitlines())
    assert (code, said.splitlines()[-1]) == (0, f"{every} of {every} are right.")
    path.write_text(key.replace("1b ", "1b 9"))
    code, said, _ = types(capsys, "7", "--check", str(path))
    assert code == 1 and "\n1b   wrong\n" in said
    assert key.splitlines()[1].split()[1] not in said  # the answer itself is not told


def test_what_is_missing_odd_or_of_no_problem_is_told(tmp_path, capsys):
    path = tmp_path / "ada.txt"
    path.write_text("what is this\n99a 1\n# a remark\n")
    code, said, _ = types(capsys, "7", "--check", str(path))
    assert code == 1
    assert "1a   missing" in said and "99a  is not on this sheet" in said
    assert "line 1 is no answer" in said and "line 3" not in said


def test_answers_may_be_written_as_people_write_them():
    given, odd = problems.read_answers("1a: −0.5\n 2.b) 1/4 \n3C 1,234\n4d = 2e-1\n")
    assert given == {"1a": -0.5, "2b": 0.25, "3c": 1234, "4d": 0.2} and not odd
    assert problems.read_answers("1a -12,345,678.5\n")[0] == {"1a": -12345678.5}


@pytest.mark.parametrize(
    "text", ["1/0", "nan", "0,665", "1,23", "12,3456", "1.234,567"]
)
def test_what_is_no_number_is_no_answer(text):
    assert problems.read_answers(f"1a {text}\n") == ({}, [1])


def test_a_whole_number_must_be_met_and_another_to_three_decimals():
    assert problems.right(14, 14.0) and not problems.right(14, 14.001)
    assert problems.right(0.66524, 0.665) and problems.right(0.6655, 0.666)
    assert not problems.right(0.66524, 0.67)


def test_the_seed_and_the_answers_stand_on_no_sheet(capsys):
    _, sheet, _ = types(capsys, "zebra", "--student", "ada")
    assert "zebra" not in sheet and "Problems for ada" in sheet
    assert max(map(len, sheet.splitlines())) <= 76
    _, key, _ = types(capsys, "zebra", "--student", "ada", "--key")
    for label, answer in (line.split() for line in key.splitlines()):
        assert f"{label}  {answer}" not in sheet


@pytest.mark.parametrize(
    "words, said",
    [
        ((), "give a SEED"),
        (("7", "--only", "adma"), "no kind adma; --list shows all"),
        (("7", "--check", "/no/such/file"), "/no/such/file: No such file"),
    ],
)
def test_misuse_is_told_in_a_line_or_two(capsys, words, said):
    code, out, err = types(capsys, *words)
    assert (code, out) == (2, "") and said in err
    assert "Traceback" not in err


def test_it_runs_where_nothing_is_installed():
    words = [sys.executable, "-S", "-m", "tools.problems", "--list"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(problems.KINDS)
