"""Numbers: how a value is written in place of what stands in the prose."""

import re

NUMBER = re.compile(
    r"(?P<sign>(?<![\w)])[−-])?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)"
    r"(?P<fraction>\.\d+)?(?P<exponent>e[−-]?\d+)?"
    r"(?P<percent>\s?\\?%)?(?=[*_`$]*\s*\Z)"
)


def written(before, value):
    """How a value is to be written in place of what stands before: (start, end, it)."""
    if isinstance(value, str):
        return written_word(before, value)
    match = NUMBER.search(before, max(0, len(before) - 60))
    if not match:
        raise ValueError("there is no number before the comment")
    return match.start(), match.end(), number_like(match, value)


def written_word(before, value):
    """As written, for text: as many words as the value has."""
    end = len(before.rstrip("*_`$ \n"))
    words = r"\s+".join([r"[^\s*_`$|(]+"] * len(value.split()))
    match = re.search(rf"{words}\Z", before[:end]) if value.strip() else None
    if not match:
        raise ValueError("there is no word before the comment")
    if match[0].split() == value.split():
        return match.start(), end, match[0]  # perhaps over the end of a line
    start = end - len(value) if before[:end].endswith(value) else match.start()
    return start, end, value


def number_like(match, value):
    """A value in the form of a number in the text: its places, commas, sign."""
    if isinstance(value, bool):
        raise ValueError("the expression gives no number")
    value = value * 100 if match["percent"] else value
    places = len(match["fraction"] or ".") - 1
    whole = isinstance(value, int) and not places
    if match["exponent"]:
        number = f"{float(value):.{places}e}"
        number = re.sub(r"e([+-])0*(\d)", r"e\1\2", number).replace("e+", "e")
    elif len(match["whole"]) > 3 and "," not in match["whole"]:
        number = f"{value:d}" if whole else f"{float(value):.{places}f}"
    else:
        number = f"{value:,d}" if whole else f"{float(value):,.{places}f}"
    if number.startswith("-"):
        zero = not float(number.replace(",", ""))
        number = number[1:] if zero else (match["sign"] or "−") + number[1:]
    minus = (match["exponent"] or "")[1:2]
    number = number.replace("e-", "e−") if minus == "−" else number
    return number + (match["percent"] or "")
