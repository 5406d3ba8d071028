"""Reads the documents: their blocks of commands with what is said about each, and their prose."""

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typer

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SHELLS = ("sh", "console", "bash")
RUN, REFUSED, NOT_RUN = "run", "refused", "not run"

_FENCE = re.compile(r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(alongside [^`]+)`")
_CALL = re.compile(
    r"(?:^|[;|(]|&&|\bif\b|\buntil\b)\s*alongside (?P<words>(?:'[^']*'|\"[^\"]*\"|[^'\"|;)<>\n])*)", re.MULTILINE
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block of shell commands.

    ``mark`` is what the comment above it says: ``run``, ``refused`` or ``not run``; ``""`` where there is none.
    ``until`` is a command that must hold before the block runs; ``why`` the reason not to run it.
    """

    page: Path
    number: int
    body: str
    mark: str
    until: str = ""
    why: str = ""

    @property
    def name(self):
        return f"{self.page.relative_to(ROOT)}, block {self.number}"


def blocks(page):
    """Every block of shell commands of a page, in order."""
    found = []
    for match in _FENCE.finditer(page.read_text(encoding="utf-8")):
        if match["kind"] in SHELLS:
            mark, _, rest = (match["mark"] or "").partition(":")
            rest = rest.strip()
            said = REFUSED if (mark, rest) == (RUN, REFUSED) else mark.strip()
            until = rest.removeprefix("until ") if said == RUN and rest.startswith("until ") else ""
            found.append(Block(page=page, number=len(found) + 1, body=match["body"], mark=said, until=until, why=rest))
    return found


def calls(text):
    """The words after ``alongside`` of every call in a piece of shell."""
    joined = text.replace("\\\n", " ")
    return [shlex.split(m["words"].replace("…", ""), comments=True) for m in _CALL.finditer(joined)]


def spans(page):
    """The words after ``alongside`` of every call that stands inside a sentence."""
    return [shlex.split(s.removeprefix("alongside ").replace("…", "")) for s in _SPAN.findall(page.read_text("utf-8"))]


@cache
def command_line():
    from client.main import app

    return typer.main.get_command(app)


def wrong_with(words, *, whole):  # noqa: PLR0911  Each return names one fault.
    """What is wrong with a call, or None: an unknown command or option, or, of a whole call, something missing."""
    command = command_line()
    rest = list(words)
    before = {o: p for p in command.params for o in p.opts}
    while rest and rest[0] in before:
        rest = rest[1 if before[rest[0]].is_flag else 2 :]
    while hasattr(command, "commands"):
        if not rest:
            return None if not whole else "names no command"
        name = rest.pop(0)
        if name not in command.commands:
            return f"no command {name}"
        command = command.commands[name]
    options = {o: p for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("-")}
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    given, positional = set(), 0
    while rest:
        word = rest.pop(0)
        if word.startswith("-") and not re.fullmatch(r"-\d+", word):
            option = options.get(word.partition("=")[0])
            if option is None:
                return f"no option {word}"
            given.add(option.name)
            if not option.is_flag and "=" not in word:
                if not rest:
                    return f"{word} has no value"
                rest.pop(0)
        else:
            positional += 1
    if positional > len(arguments):
        return "too many words"
    missing = [p.name for p in command.params if p.required and p.param_type_name == "option" and p.name not in given]
    if whole and (missing or positional < sum(p.required for p in arguments)):
        return f"something is missing {missing}"
    return None


def prose(page):
    """A page's sentences: no code, table, heading, comment or address."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("#", "|", "!", "<", "---"))]
    text = re.sub(r"^\s*(?:[-*]|\d+\.)\s+(.*?)[.;:]?$", r"\1.", "\n".join(lines), flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"`[^`]*`", "it", text)


def reading_ease(text):
    """Flesch reading ease: 60 and above is plain English, 80 and above easy; Flesch 1948."""
    words, sentences, syllables = _counts(text)
    return 206.835 - 1.015 * words / sentences - 84.6 * syllables / words


def reading_age(text):
    """Flesch-Kincaid grade and five years; Kincaid 1975."""
    words, sentences, syllables = _counts(text)
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59 + 5


def _counts(text):
    words = re.findall(r"[A-Za-z']+", text)
    sentences = max(1, len(re.findall(r"[.!?:](?:\s|$)", text)))
    return len(words), sentences, sum(_syllables(word.lower()) for word in words)


def _syllables(word):
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee", "ye")) and groups > 1
    mute = re.search(r"[^td]ed$", word) is not None and groups > 1
    return max(1, groups - silent - mute)
