"""Word files made of their XML, with what python-docx does not write; exports of the press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from tests.ingest.format_files import packed

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMES = (
    f'xmlns:w="{_W}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def word(
    body: str,
    parts: Mapping[str, str] | None = None,
    strict: bool = False,
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """A .docx file of a body's XML; ``parts`` are others by kind, such as "footnotes".

    With ``strict`` it has the names of ISO 29500; ``extra`` are other members.
    """
    roots = {"styles": "styles", "footnotes": "footnotes", "endnotes": "endnotes"}
    roots |= {"comments": "comments", "header": "hdr", "footer": "ftr"}
    written = {
        f"word/{kind}.xml": f"<w:{roots[kind]} {_NAMES}>{content}</w:{roots[kind]}>"
        for kind, content in (parts or {}).items()
    }
    written["word/document.xml"] = f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>"
    if strict:
        strict_name = "http://purl.oclc.org/ooxml/wordprocessingml/main"
        written = {name: xml.replace(_W, strict_name) for name, xml in written.items()}
    links = "".join(
        f'<Relationship Id="r{number}" Type="{_KIND}/{kind}" Target="{kind}.xml"/>'
        for number, kind in enumerate(parts or {})
    )
    return packed(
        {
            "_rels/.rels": f'<Relationships xmlns="{_RELATIONSHIPS}"><Relationship Id="r" '
            f'Type="{_KIND}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONSHIPS}">'
            f"{links}</Relationships>",
            **written,
            **(extra or {}),
        }
    )


def paragraph(*runs: str, properties: str = "") -> str:
    """A paragraph; what of ``runs`` is no markup is words."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(map(_run, runs))}</w:p>"


def _run(run: str) -> str:
    return run if run.startswith("<") else words(run)


def words(text: str, properties: str = "") -> str:
    """A run of words."""
    return (
        f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def field(kind: str) -> str:
    """A sign of a field: "begin", "separate" or "end"."""
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def table(*rows: Sequence[str]) -> str:
    """A table; a cell is its paragraphs' XML, or words."""
    cells = (
        "".join(f"<w:tc>{one if one.startswith('<') else paragraph(one)}</w:tc>" for one in row)
        for row in rows
    )
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def text_box(content: str) -> str:
    """A box with ``content``, in both ways that Word writes it."""
    inner = f"<w:txbxContent>{content}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>'
        f"{inner}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        f"{inner}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


LEXIS = (
    *("User Name: = Fondation", "Date and Time: = 2 novembre 2025", "Job Number: 12345678"),
    *("Documents (2)", "1. Le pont de Varne fermé", "2. Une chorale au sommet"),
    *("Le pont de Varne fermé", "Le Courrier (France)", "12 mars 2025 mercredi"),
    *("Copyright 2025 Le Courrier Tous droits réservés", "Section: POLITIQUE; Pg. 12"),
    *("Length: 240 words", "Byline: Claire Dubois", "Highlight: Un détour de 40 kilomètres."),
    *("Body", "Le pont de Varne est fermé depuis lundi aux camions de plus de 20 tonnes."),
    *("Les routiers devront passer par Lisle pendant six semaines.", "Graphic"),
    *("Le pont, mardi. Photo Jean Petit", "Classification", "Language: FRENCH; FRANÇAIS"),
    *("Publication-Type: Newspaper", "Load-Date: March 13, 2025", "End of Document"),
    *("Une chorale au sommet", "L’Écho des Monts", "March 14, 2025 Friday"),
    *("Length: 120 words", "Body", "La chorale a chanté samedi à 2 400 mètres d’altitude."),
    *("Load-Date: March 15, 2025", "End of Document"),
)
FACTIVA = (
    *("Économie", "\\b Le pont de Varne fermé", "Par Claire Dubois", "240 mots"),
    *("12 mars 2025", "08:30", "Le Courrier", "LECOU", "12", "Français"),
    "© 2025 Le Courrier. Tous droits réservés.",
    "Le pont de Varne est fermé depuis lundi aux camions de plus de 20 tonnes.",
    *("Les routiers devront passer par Lisle.", "Document LECOU00020250312el3c00000"),
    *("\\b Une chorale au sommet", "1 240 words", "14 March 2025", "L’Écho des Monts"),
    *("ECHOM", "French", "Copyright 2025 L’Écho des Monts"),
    *("La chorale a chanté samedi à 2 400 mètres.", "Document ECHOM00020250314el3e00001"),
)


def rtf(content: str) -> bytes:
    """An RTF file; what is not ASCII is told by its number."""
    numbered = "".join(s if ord(s) < 128 else f"\\u{ord(s)}?" for s in content)
    return f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{numbered}}}".encode("ascii")


def rtf_paragraphs(paragraphs: Sequence[str]) -> bytes:
    """An RTF file of paragraphs; one may begin with how it is set."""
    return rtf("".join(f"{{\\pard {one}\\par}}\n" for one in paragraphs))


def odt(body: str, meta: str = "", manifest: str = "") -> bytes:
    """An .odt file of its text's XML, of what it says about itself and of its manifest."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (
            *(("office", "office"), ("text", "text"), ("table", "table"), ("meta", "meta")),
            *(("draw", "drawing"), ("style", "style"), ("fo", "xsl-fo-compatible")),
            ("manifest", "manifest"),
        )
    )
    names += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    listed = f"<manifest:manifest{names}>{manifest}</manifest:manifest>"
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content{names}><office:body><office:text>{body}"
            "</office:text></office:body></office:document-content>",
            "meta.xml": f"<office:document-meta{names}><office:meta>{meta}</office:meta>"
            "</office:document-meta>",
            "META-INF/manifest.xml": listed,
        }
    )
