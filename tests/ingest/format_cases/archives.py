"""Archives, good, damaged, encrypted and hostile."""

from __future__ import annotations

from tests.ingest.format_cases.case import DAY, ENTRY, READ_ENTRY, Case, bad
from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
    column,
    packed,
    pdf,
    rss,
)


def _damaged_member() -> bytes:
    content = bytearray(packed({"bon.txt": PROSE, "faux.txt": MORE_PROSE * 3}))
    # Somewhere in the second member's packed bytes.
    content[content.index(b"faux.txt") + 30] ^= 0xFF
    return bytes(content)


def _encrypted_member() -> bytes:
    content = bytearray(packed({"bon.txt": PROSE, "secret.txt": MORE_PROSE}))
    # The flags of https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.7, 4.3.12.
    content[content.rindex(b"PK\3\4") + 6] |= 1
    content[content.rindex(b"PK\1\2") + 8] |= 1
    return bytes(content)


def _dos_names() -> bytes:
    content = packed({"XXXXX.txt": PROSE, "YYYYYY.txt": MORE_PROSE})
    content = content.replace(b"XXXXX.txt", "Àété1.txt".encode("cp850"))
    return content.replace(b"YYYYYY.txt", "été2.txt".encode())


ARCHIVES = [
    # Archives
    Case(
        "archive.zip",
        packed(
            {
                "courrier/2024-05-17-a.txt": PROSE,
                "courrier/flux.rss": rss([ENTRY]),
                "dedans.zip": packed({"b.pdf": pdf([column(["Un mot de la mairie."])])}),
                "vide.txt": "",
                "photo.jpg": b"\xff\xd8",
                ".caché.txt": PROSE,
                "__MACOSX/._a.txt": "x",
            }
        ),
        {
            "archive.zip/courrier/2024-05-17-a.txt": {
                "text": PROSE,
                "date": DAY,
                "source": "courrier",
            },
            "archive.zip/courrier/flux.rss#courrier-41": READ_ENTRY,
            "archive.zip/dedans.zip/b.pdf": {"text": "Un mot de la mairie.", "source": None},
        },
        {"archive.zip/vide.txt": "is empty"},
    ),
    Case(
        "dehors.zip",
        packed({"../a.txt": PROSE, "/etc/b.txt": PROSE, "C:/c.txt": PROSE, "d.txt": PROSE}),
        {"dehors.zip/d.txt": {}},
        {
            "dehors.zip/../a.txt": "points outside",
            "dehors.zip//etc/b.txt": "points outside",
            "dehors.zip/C:/c.txt": "points outside",
        },
    ),
    Case(
        "lien.zip",
        packed({"a.txt": "/etc/passwd", "b.txt": PROSE}, links=["a.txt"]),
        {"lien.zip/b.txt": {}},
        {"lien.zip/a.txt": "is a link"},
    ),
    Case(
        "secret.zip",
        _encrypted_member(),
        {"secret.zip/bon.txt": {}},
        {"secret.zip/secret.txt": "is encrypted"},
    ),
    Case(
        "abîmé.zip",
        _damaged_member(),
        {"abîmé.zip/bon.txt": {}},
        {"abîmé.zip/faux.txt": "cannot be unpacked"},
    ),
    Case(
        "bombe.zip",
        packed({"a.txt": "a" * 2_000_000, "b.txt": PROSE}),
        {"bombe.zip/b.txt": {}},
        {"bombe.zip/a.txt": "unpacks to "},
    ),
    Case(
        "dos.zip",
        _dos_names(),
        {"dos.zip/Àété1.txt": {"text": PROSE}, "dos.zip/été2.txt": {"text": MORE_PROSE}},
    ),
    bad("faux.zip", PROSE, "is damaged or no zip file"),
    bad("images.zip", packed({"a.jpg": b"\xff"}), "holds no article"),
]
