"""Whether a request that changes something comes from our own page."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers


def is_same_site(headers: Headers) -> bool:
    """Tell whether no foreign page can have sent the request.

    Browsers say where a request comes from in ``Sec-Fetch-Site`` (w3.org/TR/fetch-metadata),
    or, where the page is not served securely, in ``Origin`` (RFC 6454). A program that is
    no browser sends neither, and carries nobody's password by itself.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    host = headers.get("host", "")
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False
