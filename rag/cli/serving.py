"""``rag serve``: opens the chat."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import ArticlesOption, IndexOption, ModelOption


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="First port to try.")
    ] = 7860,
    open_browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Neither bring nor remove articles there.")
    ] = False,
    watch: Annotated[
        bool | None,
        typer.Option(
            "--watch/--no-watch",
            help="Index by itself what changes in the folder.  [default: --watch]",
            show_default=False,
        ),
    ] = None,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Offer MCP tools to programs, at /mcp.")
    ] = False,
    ask_password: Annotated[
        bool,
        typer.Option("--ask-password", help="Ask for a password that readers must give."),
    ] = False,
    root_path: Annotated[
        str | None,
        typer.Option(
            "--root-path",
            help="What a proxy puts before every address.  [default: nothing]",
            metavar="PATH",
        ),
    ] = None,
    articles: ArticlesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Open the chat at a local address, which is printed."""
    from rag.config import load_settings
    from rag.ui import serve as serve_page

    settings = load_settings(
        articles=articles,
        index=index,
        model=model,
        read_only=read_only or None,
        watch=watch,
        root_path=root_path,
    )
    password = _new_password() if ask_password else None
    serve_page(settings, host, port, open_browser, mcp, password)


def _new_password() -> str:
    """A password typed twice, unseen: on the command line, others could read it."""
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
