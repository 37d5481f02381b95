"""Checks of the exercises in docs/command-line.md."""

import argparse

from checking import case

from microgpt import InputError

KINDS = {"n_layer": int, "learning_rate": float, "prompt": str, "quiet": bool}


def outcome(work, *arguments, error):
    """What comes of it; "refused" if it raises that error."""
    try:
        return work(*arguments)
    except error:
        return "refused"


def share(answers):
    def of(text):
        return lambda: outcome(answers.share, text, error=argparse.ArgumentTypeError)

    for text, right in {
        "0.25": 0.25, "0": 0.0, "1": 1.0, "25%": 0.25, "0%": 0.0, "100%": 1.0,
        "1/4": 0.25, "3/3": 1.0, "0/5": 0.0, "0.5/2": 0.25,
    }.items():  # fmt: skip
        yield case(f"share({text!r})", of(text), right)
    for text in ("two", "", "%", "1.5", "-0.1", "101%", "4/3", "-1/4", "nan", "inf"):
        yield case(f"share({text!r})", of(text), "refused")
    for text in ("1/0", "0/0", "1/", "/4", "nan%", "1/2/2"):
        yield case(f"share({text!r})", of(text), "refused")


def parser(answers):
    def of(words):
        return lambda: outcome(answers.options, words, dict(KINDS), error=InputError)

    for words, right in (
        ([], {}),
        (["--n-layer", "2"], {"n_layer": 2}),
        (["--quiet"], {"quiet": True}),
        (["--n-layer", "2", "--quiet"], {"n_layer": 2, "quiet": True}),
        (["--learning-rate=0.5"], {"learning_rate": 0.5}),
        (["--prompt=a=b"], {"prompt": "a=b"}),
        (["--prompt="], {"prompt": ""}),
        (["--prompt", "--quiet"], {"prompt": "--quiet"}),
        (["--n-layer", "2", "--n-layer", "3"], {"n_layer": 3}),
        (["--learning-rate", "-1"], {"learning_rate": -1.0}),
        (["--width", "3"], "refused"),
        (["n_layer"], "refused"),
        (["--n-layer", "2", "3"], "refused"),
        (["--n-layer"], "refused"),
        (["--n-layer", "two"], "refused"),
        (["--quiet=no"], "refused"),
    ):
        yield case(f"options({words}, kinds)", of(words), right)
