"""Text from elsewhere (names, keys, what a library complains of) made fit to stand in a line on a terminal."""

MAX_CHARACTERS = 2000


def one_line(text: str, limit: int = MAX_CHARACTERS) -> str:
    """`text` on one line, control characters spelled out: a file's name must not clear a terminal or forge a line.

    What is too long loses its middle: names stand first, and what is wrong with them at the end.
    """
    line = "".join(c if c.isprintable() else " " if c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
    if len(line) <= limit:
        return line
    tail = limit // 3
    return f"{line[: limit - tail - 3]}...{line[-tail:]}"
