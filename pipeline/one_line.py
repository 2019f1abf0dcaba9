"""Text from elsewhere (names, keys, what a library complains of) made fit to stand in a line on a terminal."""

MAX_CHARACTERS = 2000


def one_line(text: str, limit: int = MAX_CHARACTERS) -> str:
    """`text` on one line, control characters spelled out: a file's name must not clear a terminal or forge a line."""
    line = "".join(c if c.isprintable() else " " if c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
    return line if len(line) <= limit else f"{line[: limit - 3]}..."
