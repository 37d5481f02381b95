"""What the tests of the tangler share: a folder with a book, and the command."""

from tools import tangle


class Desk:
    """A folder with a book, and the command."""

    def __init__(self, folder, capsys):
        self.folder, self.capsys = folder, capsys
        (folder / "docs").mkdir()

    def put(self, chapters):
        for name, text in chapters.items():
            path = self.folder / "docs" / f"{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            data = text if isinstance(text, bytes) else text.encode()
            path.write_bytes(data)

    def run(self, *options):
        """Run the command: (exit code, what it printed, what it complained of)."""
        where = ["--book", str(self.folder / "docs"), "--output", str(self.folder)]
        try:
            code = tangle.main([*where, *options])
        except SystemExit as stop:
            code = stop.code
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err

    def read(self, path):
        return (self.folder / path).read_text()

    def files(self):
        found = (p for p in self.folder.rglob("*") if p.is_file())
        names = {p.relative_to(self.folder).as_posix() for p in found}
        return {name for name in names if not name.startswith("docs/")}


def block(header, *lines, lang="python"):
    return "\n".join([f"```{lang} {{{header}}}", *lines, "```", ""])
