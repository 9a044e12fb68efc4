"""Small files of every format, made where they are needed."""

from __future__ import annotations

import base64
import codecs
import datetime
import io
import json
import stat
import urllib.parse
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

PROSE = (
    "Le maire a inauguré hier l’école rénovée « Jean-Moulin » ; les élèves y étudieront dès "
    "septembre. Coût : 3 millions d’euros, financés à 40 % par l’État."
)
MORE_PROSE = (
    "Le chantier a duré dix-huit mois et mobilisé une dizaine d’entreprises de la région, a "
    "précisé l’adjointe aux travaux lors de la visite."
)
Placed = tuple[float, float, float, str]


def pdf(
    pages: Sequence[Sequence[Placed]], encrypted: bool = False, lang: str = "", **about: str
) -> bytes:
    """A PDF file; a line is its left, its height, its size and its words."""
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    catalogue = f"<< /Type /Catalog /Pages 2 0 R {f'/Lang ({lang})' if lang else ''} >>"
    information = " ".join(f"/{name} {_text(value)}" for name, value in about.items())
    objects = [
        catalogue.encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< {information} >>".encode(),
    ]
    for number, lines in enumerate(pages):
        shown = b" ".join(_shown(line) for line in lines)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 "
            b"3 0 R >> >> /Contents %d 0 R >>" % (6 + 2 * number)
        )
        objects.append(
            b"<< /Length %d >>\nstream\nBT %s ET\nendstream" % (len(shown) + 6, shown)
        )
    if encrypted:
        word = b"<" + b"00" * 32 + b">"
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /O %s /U %s /P -4 >>" % (word, word))
    content = b"%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    security = f"/Encrypt {len(objects)} 0 R /ID [<00> <00>]" if encrypted else ""
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R {security} >>"
    return content + f"trailer {trailer}\nstartxref\n{start}\n%%EOF\n".encode()


def _text(value: str) -> str:
    """A text string in UTF-16 (ISO 32000-1, 7.9.2.2)."""
    return f"<{(codecs.BOM_UTF16_BE + value.encode('utf-16-be')).hex()}>"


def _shown(line: Placed) -> bytes:
    left, height, size, words = line
    escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"/F1 {size} Tf 1 0 0 1 {left} {height} Tm (".encode() + (
        escaped.encode("cp1252") + b") Tj"
    )


def column(lines: Sequence[str], top: float = 760, left: float = 60) -> list[Placed]:
    """Lines of 11 points one under the other."""
    return [(left, top - 14 * number, 11, words) for number, words in enumerate(lines)]


def docx(
    paragraphs: Sequence[str], heading: str = "", table: Sequence[str] = (), **about: str
) -> bytes:
    """A Word file with a heading, paragraphs, a table of one row and a footer."""
    import docx as library

    document = library.Document()
    for name, value in about.items():
        setattr(document.core_properties, name, value)
    document.core_properties.created = datetime.datetime(2024, 5, 17, 9, 30)
    document.sections[0].footer.paragraphs[0].text = "Pied de page à ne pas lire"
    if heading:
        document.add_heading(heading, 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        cells = document.add_table(1, len(table)).rows[0].cells
        for cell, words in zip(cells, table, strict=True):
            cell.text = words
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def packed(members: Mapping[str, bytes | str], *, links: Sequence[str] = ()) -> bytes:
    """A zip archive; the members named in ``links`` are marked as links."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name in links:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, data)
    return content.getvalue()


def epub(
    chapters: Mapping[str, str],
    contents: Mapping[str, str] | None = None,
    *,
    missing: str = "",
    beside: Mapping[str, str] | None = None,
) -> bytes:
    """An EPUB file of chapters' markup by name, with a table of contents.

    A chapter named ``missing`` is promised and not there; ``beside`` are other members.
    """
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    links = "".join(
        f'<li><a href="{name}#debut">{escape(title)}</a></li>'
        for name, title in (contents or {}).items()
    )
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Le Courrier, mai'
        " 2024</dc:title><dc:publisher>Le Courrier de l’Orge</dc:publisher>"
        "<dc:creator>Claire Dubois</dc:creator><dc:date>2024-05-17</dc:date>"
        "<dc:language>fr</dc:language></metadata><manifest>"
        '<item id="nav" href="nav.xhtml" properties="nav" '
        f'media-type="application/xhtml+xml"/>{items}</manifest>'
        f'<spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    nav = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>'
        f"{links}</ol></nav></body></html>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/livre.opf"/></rootfiles></container>'
    )
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/livre.opf": package,
            "OEBPS/nav.xhtml": nav,
            **{f"OEBPS/{name}": markup for name, markup in chapters.items() if name != missing},
            **(beside or {}),
        }
    )


def chapter(*paragraphs: str, heading: str = "") -> str:
    """A chapter's markup."""
    body = "".join(f"<p>{escape(one)}</p>\n" for one in paragraphs)
    title = f"<h1>{escape(heading)}</h1>" if heading else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title/></head><body>{title}{body}</body></html>"
    )


def rss(entries: Sequence[Mapping[str, str]]) -> str:
    """An RSS 2.0 feed; an entry's keys are its elements, their words escaped."""
    items = "".join(
        "<item>"
        + "".join(f"<{name}>{escape(words)}</{name}>" for name, words in entry.items())
        + "</item>"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Le Courrier</title>'
        f"<language>fr-fr</language>{items}</channel></rss>"
    )


def json_lines(records: Sequence[object]) -> str:
    """Records as JSON lines."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)


def mail(body: str, kind: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    """A mail of one part, in eight bits."""
    written = {
        "From": "=?utf-8?q?R=C3=A9daction_du_Courrier?= <lettre@courrier.example>",
        "Subject": "=?utf-8?q?L=E2=80=99=C3=A9cole?= rouvre",
        "Date": "Fri, 17 May 2024 00:30:00 +0200",
        "Content-Type": kind,
        "Content-Transfer-Encoding": "8bit",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in written.items())
    return (lines + "\r\n" + body).encode()


def mail_with(*attached: tuple[str, bytes], body: str = "") -> bytes:
    """A mail with files attached; one without a name is a mail that is handed on."""
    parts = [f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}".encode()]
    for name, content in attached:
        if not name:
            parts.append(b"Content-Type: message/rfc822\r\n\r\n" + content)
            continue
        named = "filename*=utf-8''" + urllib.parse.quote(name, safe="")
        head = (
            "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
            f"Content-Disposition: attachment; {named}\r\n\r\n"
        )
        parts.append(head.encode() + base64.encodebytes(content))
    written = b"".join(b"--limite\r\n" + part + b"\r\n" for part in parts)
    return mail("", "multipart/mixed; boundary=limite") + written + b"--limite--\r\n"
