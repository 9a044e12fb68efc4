"""Where in a JSON file its articles are."""

from __future__ import annotations

from collections.abc import Collection

from rag.ingest.formats.json_stream import StrictJson
from rag.ingest.formats.record_words import plain_name


def place_of_articles(
    stream: StrictJson, texts: Collection[str], titles: Collection[str]
) -> str:
    """Where ijson finds the articles: "item" for a list, "articles.item", "" for one.

    ``texts`` and ``titles`` are plain names of fields. Of several lists it is the first whose
    first record has a text, else the first.
    """
    import ijson

    first = place = None
    keys: set[str] = set()
    for prefix, event, value in ijson.parse(stream, multiple_values=True):
        if prefix == "" and event in ("start_array", "end_map"):
            return "item" if event == "start_array" else str(first or "")
        top, _, rest = prefix.partition(".")
        is_text = plain_name(top) in texts
        if is_text and event == "string" and rest in ("", "item"):
            # It has a text of its own, so its lists are authors or the like.
            return ""
        if place is None and event == "start_map" and prefix.count(".item") == 1:
            place, keys = (prefix, set()) if prefix.endswith(".item") else (None, keys)
        elif place and prefix == place and event == "map_key":
            keys.add(plain_name(value))
        elif place and prefix == place and event == "end_map":
            has_text = not keys.isdisjoint(texts)
            if has_text and not (is_text and keys.isdisjoint(titles)):
                return str(prefix)
            if is_text:
                # Paragraphs or the like.
                return ""
            # The rest of that list is passed over.
            first, place = first or prefix, ""
        elif place == "" and event == "end_array":
            place = None
    return str(first or "")
