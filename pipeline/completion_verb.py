"""The verb of the command line that prints a shell's completion script."""

import argparse
from collections.abc import Callable

from pipeline.completion import SHELLS

Verb = Callable[..., argparse.ArgumentParser]
WHERE = """
put it where your shell looks for it, once:
  bash   akd completion bash > ~/.local/share/bash-completion/completions/akd
  zsh    akd completion zsh > ~/.zfunc/_akd      with fpath+=~/.zfunc before compinit in ~/.zshrc
  fish   akd completion fish > ~/.config/fish/completions/akd.fish"""


def add_completion_verb(verb: Verb, whole: Callable[[], argparse.ArgumentParser]) -> None:
    """`akd completion`; `whole` makes the parser of the whole program."""

    def completion(arguments: argparse.Namespace) -> None:
        from pipeline.completion import completion_script

        print(completion_script(whole(), arguments.shell))

    parser = verb("completion", completion, "print a script that completes akd in your shell", "akd completion bash")
    parser.description = f"{parser.description}\n{WHERE}"
    parser.add_argument("shell", choices=SHELLS, help="the shell")
