"""Runs a command so that every way it can end has a message and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from headwater.catalog.errors import HeadwaterError
from headwater.catalog.problems import Problem, problem
from headwater.catalog.text import Language, Text
from headwater.cli.environment import preferred_language
from headwater.cli.exits import UNJUDGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.cli.render.source import Sources


def guarded(command: click.Command, words: Sequence[str]) -> int:
    """Return the exit code of ``command`` called with ``words``; never a traceback.

    Problems go to stderr, and with ``--format json`` also to stdout as ``headwater/error/1``.
    """
    _soften(sys.stdout, sys.stderr)
    signal.signal(signal.SIGTERM, _stopped)  # so that what we started is stopped too
    speech = _Speech(words)
    try:
        code = command.main(list(words), prog_name="headwater", standalone_mode=False)
        sys.stdout.flush()
    except HeadwaterError as error:
        return speech.tell(error.problems)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        return speech.tell([_usage(error)])
    except (click.Abort, KeyboardInterrupt):
        return UNJUDGED
    except BrokenPipeError:
        return _silenced()
    except Exception as error:  # noqa: BLE001 - the last place that can still explain
        return speech.confess(error)
    return code if isinstance(code, int) else 0


class _Speech:
    """How to talk, before or after the options could be parsed."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._json = _value(words, "--format") == "json"
        self._debug = "--debug" in words
        language = _value(words, "--lang")
        self._language: Language = (
            "zh" if language == "zh" else "en" if language == "en" else preferred_language()
        )

    def tell(self, problems: Iterable[Problem]) -> int:
        from headwater.cli.render.document import error_document
        from headwater.cli.render.json_text import json_text
        from headwater.cli.render.problem_text import problem_text

        found = list(problems)
        try:
            if self._json:
                click.echo(json_text(error_document(found)))
            click.echo(problem_text(found, self._language, self._sources(found)), err=True)
        except OSError:
            return _silenced()
        return UNJUDGED

    def _sources(self, found: Iterable[Problem]) -> Sources | None:
        if not any(problem.position for problem in found):
            return None
        from headwater.cli.render.source import Sources, folders_of

        return Sources(folders_of(self._words))

    def confess(self, error: Exception) -> int:
        if self._debug:
            import traceback

            traceback.print_exception(error)
        if isinstance(error, OSError):
            path = error.filename or "standard output"
            reason = error.strerror or type(error).__name__
            found = problem("cannot-write", path=path, reason=reason)
        else:
            reason = f"{type(error).__name__}: {error}"
            found = problem("internal", reason=reason)
        code = self.tell([found])
        _silenced()
        return code


def _value(words: Sequence[str], option: str) -> str | None:
    for number, word in enumerate(words):
        if word == option and number + 1 < len(words):
            return words[number + 1]
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def _usage(error: click.ClickException) -> Problem:
    context = getattr(error, "ctx", None)
    hint = Text("see `{command} --help`", "请参阅 `{command} --help`")
    command = context.command_path if context else "headwater"
    message = error.format_message().rstrip(".")
    return Problem("usage", Text(message, message), None, hint.fill({"command": command}))


def _stopped(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _soften(*streams: object) -> None:
    """Let a terminal that lacks a character show its code instead of failing."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def _silenced() -> int:
    """Point stdout nowhere, so that the interpreter's own flush at exit says nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return UNJUDGED
