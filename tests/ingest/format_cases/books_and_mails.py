"""Books in EPUB and mails with their attachments, good and bad."""

from __future__ import annotations

from tests.ingest.format_cases.case import BOTH, DAY, HTML, Case, bad, good
from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
    chapter,
    column,
    docx,
    epub,
    mail,
    mail_with,
    packed,
    pdf,
)

_TWO_PARTS = (
    "--limite\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVoir en ligne\r\n"
    "--limite\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\n"
    f"<style>p {{}}</style>{HTML}\r\n--limite--\r\n"
)

BOOKS_AND_MAILS = [
    # EPUB
    Case(
        "revue.epub",
        epub(
            {
                "couverture.xhtml": chapter(),
                "un.xhtml": chapter(PROSE, MORE_PROSE),
                "deux.xhtml": chapter(MORE_PROSE, heading="Le chantier"),
            },
            {"un.xhtml": "L’école & nous"},
        ),
        {
            "revue.epub#OEBPS/un.xhtml": {
                "title": "L’école & nous",
                "text": BOTH,
                "date": DAY,
                "source": "Le Courrier de l’Orge",
                "author": "Claire Dubois",
                "language": "fr",
            },
            "revue.epub#OEBPS/deux.xhtml": {
                "title": "Le chantier",
                "text": f"Le chantier\n\n{MORE_PROSE}",
            },
        },
    ),
    Case(
        "incomplet.epub",
        epub({"un.xhtml": chapter(PROSE), "deux.xhtml": ""}, missing="deux.xhtml"),
        {"incomplet.epub#OEBPS/un.xhtml": {"title": "Le Courrier, mai 2024", "text": PROSE}},
        {"incomplet.epub#OEBPS/deux.xhtml": "is damaged: OEBPS/deux.xhtml is not in it"},
    ),
    bad(
        "droits.epub",
        epub({"un.xhtml": chapter(PROSE)}, beside={"META-INF/rights.xml": "<rights/>"}),
        "is encrypted (DRM)",
    ),
    bad(
        "chiffré.epub",
        epub(
            {"un.xhtml": chapter(PROSE)},
            beside={
                "META-INF/encryption.xml": "<encryption xmlns:e='urn:x'><e:CipherReference "
                "URI='OEBPS/un.xhtml'/></encryption>"
            },
        ),
        "is encrypted (DRM)",
    ),
    Case(
        "polices.epub",
        epub(
            {"un.xhtml": chapter(PROSE)},
            beside={
                "META-INF/encryption.xml": "<encryption><CipherReference URI='a.otf'/>"
                "</encryption>"
            },
        ),
        {"polices.epub#OEBPS/un.xhtml": {"text": PROSE}},
    ),
    bad("images.epub", epub({"a.xhtml": chapter()}), "holds no words"),
    bad("faux.epub", PROSE, "is damaged or no EPUB"),
    bad("autre.epub", packed({"a.bin": PROSE}), "is damaged: META-INF/container.xml"),
    # Mails
    good(
        "lettre.eml",
        mail(f"{PROSE}\r\n\r\n{MORE_PROSE}\r\n-- \r\nLa rédaction"),
        title="L’école rouvre",
        text=BOTH,
        author="Rédaction du Courrier",
        source="courrier.example",
        date=DAY,
    ),
    good(
        "page.eml",
        mail(_TWO_PARTS, "multipart/alternative; boundary=limite", Organization="Le Courrier"),
        text=BOTH,
        source="Le Courrier",
    ),
    bad("faux.eml", PROSE, "is no mail"),
    bad("vide.eml", mail(""), "holds no words"),
    bad("secret.eml", mail("", "multipart/encrypted; boundary=x"), "is encrypted"),
    Case(
        "communiqué.eml",
        mail_with(
            ("communiqué.pdf", pdf([column(["Un mot de la mairie."])])),
            ("../../etc/note.txt", MORE_PROSE.encode()),
            ("note.txt", PROSE.encode()),
            ("logo.png", b"\x89PNG"),
            ("smime.p7s", b"0"),
            (".caché.txt", PROSE.encode()),
            ("dossier.zip", packed({"a.md": "# Le pont\n\nIl rouvre."})),
            ("vide.txt", b" "),
            body=PROSE,
        ),
        {
            "communiqué.eml": {"text": PROSE, "title": "L’école rouvre", "date": DAY},
            "communiqué.eml/communiqué.pdf": {
                "text": "Un mot de la mairie.",
                "source": "courrier.example",
                "date": DAY,
            },
            "communiqué.eml/note.txt": {"text": MORE_PROSE, "author": None},
            "communiqué.eml/note (2).txt": {"text": PROSE},
            "communiqué.eml/dossier.zip/a.md": {"title": "Le pont", "date": DAY},
        },
        {"communiqué.eml/vide.txt": "is empty"},
    ),
    Case(
        "transmis.eml",
        mail_with(
            ("", mail(MORE_PROSE, Subject="Le pont/la rive", Organization="La Mairie")),
            ("daté.docx", docx([PROSE])),
        ),
        {
            "transmis.eml/Le pont la rive.eml": {"text": MORE_PROSE, "source": "La Mairie"},
            "transmis.eml/daté.docx": {"text": PROSE, "source": "courrier.example"},
        },
    ),
    bad("images.eml", mail_with(("photo.jpg", b"\xff\xd8")), "holds no words"),
]
