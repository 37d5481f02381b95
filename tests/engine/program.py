"""The program, called in this process, on a small text in a folder of its own."""

import re
from pathlib import Path

from microgpt import cli

TEXT = "abc\nbca\ncab\nabcabc\nbbb\naac\n"
SIZES = ("--n-embd", "4", "--n-head", "2", "--block-size", "7")
SMALL = (*SIZES, "--data", "text.txt", "--num-steps", "5", "--num-samples", "1")


class Program:
    """Calls `main` in a folder; keeps what it printed."""

    def __init__(self, folder: Path, capsys):
        self.folder, self.capsys = folder, capsys
        (folder / "text.txt").write_text(TEXT)

    def __call__(self, *options) -> int:
        self.capsys.readouterr()
        status = cli.main([*map(str, options)])
        self.out, self.err = self.capsys.readouterr()
        return status

    def refuses(self, words: str, *options) -> bool:
        """Does it end with one line that has these words, and status 2?"""
        status = self(*options)
        line = re.fullmatch(r"microgpt: error: (.*)\n", self.err)
        assert status == 2 and line, (status, self.err)
        assert words in line[1], line[1]
        return True
