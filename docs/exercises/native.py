"""Checks of the exercises in docs/native.md. One of them needs a C compiler."""

from tempfile import TemporaryDirectory

from checking import Missing, case, holds

from microgpt import InputError, native
from microgpt.native import checksum, compiler

SECONDS = {"keys": 60}  # it compiles a kernel


def flat(answers):
    batches = [[[9, 1, 9], [9, 2, 3, 9]], [[9, 4, 9]]]
    right = ([9, 1, 9, 9, 2, 3, 9, 9, 4, 9], [3, 4, 3], [2, 1])
    yield case(f"flat({batches})", lambda: answers.flat(batches), right)
    yield case("flat([[[5, 6]]])", lambda: answers.flat([[[5, 6]]]), ([5, 6], [2], [1]))
    yield case("flat([])", lambda: answers.flat([]), ([], [], []))

    def kept():
        answers.flat(batches)
        return batches

    yield case("the batches afterwards", kept, [[[9, 1, 9], [9, 2, 3, 9]], [[9, 4, 9]]])


def whole(answers):
    content = b"a library"
    good = f"kernel-01-23-{checksum(content)}.so"
    for name, data, right in (
        (good, content, True),
        (good, b"a librarz", False),
        (good, b"", False),
        (good.replace("kernel", "other"), content, False),
        (good.removesuffix(".so"), content, False),
        (f"kernel-01-{checksum(content)}.so", content, False),
        (f"kernel-0-1-2-{checksum(content)}.so", content, False),
        ("kernel-01-23-.so", content, False),
        ("tmpabc", content, False),
    ):
        tried = f"whole({name!r}, {data!r})"
        yield case(tried, lambda: answers.whole(name, data), right)


def keys(answers):
    try:
        compiler()
    except InputError:
        raise Missing("a C compiler") from None
    # A kernel that runs for a moment need not be a fast one.
    native.FLAGS = [flag.replace("-O3", "-O0") for flag in native.FLAGS]

    def of(length):
        with TemporaryDirectory() as folder:
            found = answers.wrong_gradient(length, folder)
        if isinstance(found, float) and 0 <= found < 1e-14:
            return "below 1e-14"
        return f"{found:.0e}" if isinstance(found, float) else found

    for length in (15, 32):
        tried = f"wrong_gradient({length}, folder), with one block of queries"
        yield case(tried, lambda: of(length), "below 1e-14")
    yield holds(
        "wrong_gradient(33, folder), with two blocks",
        lambda: of(33),
        "above 1e-8: the mistake shows",
        lambda got: got != "below 1e-14" and float(got) > 1e-8,
    )


def readable(answers):
    for tokens, lengths, sizes, right in (
        ([2, 0, 2, 2, 1, 0, 2], [3, 4], [1, 1], True),
        ([2, 0, 2, 2, 1, 0, 2], [3, 4], [2], True),
        ([], [], [], False),
        ([2, 0, 2], [3], [1, 0], False),
        ([2, 0, 2, 2, 1, 0, 2], [3, 4], [1, 2], False),
        ([2, 0, 2, 2, 1, 0, 2], [3, 4], [3, -1], False),
        ([2, 0, 2, 2, 1, 0, 2], [3, 4], [1], False),
        ([2, 0, 2, 2], [3, 1], [2], False),
        ([2] * 6, [6], [1], False),
        ([2, 0], [3], [1], False),
        ([2, 0, 2, 2], [3], [1], False),
        ([2, 3, 2], [3], [1], False),
        ([2, -1, 2], [3], [1], False),
        ([2] * 5, [5], [1], True),
    ):
        tried = f"readable({tokens}, {lengths}, {sizes}, 3, 4)"
        yield case(tried, lambda: answers.readable(tokens, lengths, sizes, 3, 4), right)
