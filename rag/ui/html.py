"""The one way to write HTML: the templates of rag/ui/templates, filled and escaped."""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

# Markdown gives a meaning to ASCII punctuation, tabs and line ends, and JavaScript's
# "^" also matches after the last two.
_SIGNS = string.punctuation + "\t\n\r\v\f\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"
_REFERENCES = {sign: f"&#{ord(sign)};" for sign in _SIGNS}
_SIGN = re.compile(f"[{re.escape(_SIGNS)}]")
_LINE_END = re.compile(r"[ \t]*\n[ \t\n]*")
_LINE_END_IN_WORDS = re.compile(r"(?<=[^>\s])[ \t]*\n[ \t\n]*(?=[^<\s])")


def escape(text: str) -> Markup:
    """``text`` as character references that neither HTML nor Markdown interprets."""
    return Markup(_SIGN.sub(lambda found: _REFERENCES[found[0]], text))


def render(template: str, **values: Any) -> Markup:
    """Fill ``template``, a file of rag/ui/templates without its ``.html.jinja``.

    Every value is escaped but what another template made. There are no line ends in what
    is returned: Gradio's chat reads Markdown, which leaves one line of HTML alone.
    """
    return Markup(_environment().get_template(f"{template}.html.jinja").render(values))


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("rag.ui"),
        extensions=[_OneLine],
        autoescape=True,
        finalize=_escaped,
        undefined=StrictUndefined,
        auto_reload=False,
    )


def _escaped(value: object) -> object:
    """``value`` as a template writes it; Jinja's own escaping leaves Markdown's signs."""
    if isinstance(value, Markup | int | float):
        return value
    return escape(str(value))


class _OneLine(Extension):
    """Leaves out the line ends of templates; between two words one is a space."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Change what stands between a template's expressions."""
        for token in stream:
            if token.type == "data":
                joined = _LINE_END.sub("", _LINE_END_IN_WORDS.sub(" ", token.value))
                yield token._replace(value=joined)
            else:
                yield token
