"""PDF, pictures, Word, OpenDocument and RTF, good and bad."""

from __future__ import annotations

from tests.ingest.format_cases.case import BOTH, DAY, bad, good
from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
    column,
    docx,
    packed,
    pdf,
)
from tests.ingest.word_files import odt, rtf

DOCUMENTS = [
    # PDF
    good(
        "école.pdf",
        pdf(
            [
                [
                    (60, 790, 20, "L’école rouvre à Orge"),
                    *column(
                        [
                            "Le maire a inau-",
                            "guré hier l’école « Jean-",
                            "Moulin » au rendez-",
                            "vous fixé, dit-",
                            "il. Tout est prêt.",
                            "Les élèves entrent.",
                        ]
                    ),
                ]
            ],
            Title="Microsoft Word - brouillon.doc",
            Author="Claire  Dubois",
            CreationDate="D:20240517093000+02'00'",
            lang="fr-FR",
        ),
        title="L’école rouvre à Orge",
        text="L’école rouvre à Orge\n\nLe maire a inauguré hier l’école « Jean-Moulin » au "
        "rendez-vous fixé, dit-il. Tout est prêt.\n\nLes élèves entrent.",
        author="Claire Dubois",
        date=DAY,
        language="fr",
    ),
    good(
        "2024-05-17-titre.pdf",
        pdf(
            [column(["Un seul paragraphe de deux", "lignes, sans plus."])],
            Title="L’école",
            CreationDate="D:20230101",
        ),
        title="L’école",
        date=DAY,
        text="Un seul paragraphe de deux lignes, sans plus.",
    ),
    bad("scan.pdf", pdf([[], []]), "is a PDF without text"),
    bad("chiffré.pdf", pdf([column([PROSE])], encrypted=True), "is encrypted"),
    bad("coupé.pdf", pdf([column([PROSE])])[:90], "is damaged or no PDF"),
    bad("faux.pdf", PROSE, "is damaged or no PDF"),
    # Pictures
    *(
        bad(f"faux{suffix}", PROSE, "is damaged or no picture")
        for suffix in (".png", ".jpg", ".jpeg", ".tif", ".tiff")
    ),
    # Word
    good(
        "école.docx",
        docx([PROSE, MORE_PROSE], "L’école rouvre", ["Lundi", "8 h"], author="Claire Dubois"),
        title="L’école rouvre",
        text=f"L’école rouvre\n\n{BOTH}\n\nLundi · 8 h",
        author="Claire Dubois",
        date=DAY,
    ),
    good(
        "titre.docx",
        docx([PROSE], title="Un titre", language="en"),
        title="Un titre",
        language="en",
    ),
    bad("vide.docx", docx([]), "holds no words"),
    bad("faux.docx", PROSE, "is damaged or no zip file"),
    bad("autre.docx", packed({"a.bin": PROSE}), "is damaged or no Word file"),
    bad(
        "ancien.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "is encrypted or in Word's old format"
    ),
    # OpenDocument and RTF
    good(
        "école.odt",
        odt(
            f"<text:h>L’école rouvre</text:h><text:p>{PROSE}</text:p>",
            "<meta:initial-creator>Claire Dubois</meta:initial-creator>"
            "<meta:creation-date>2024-05-17T09:30:00</meta:creation-date>",
        ),
        title="L’école rouvre",
        text=f"L’école rouvre\n\n{PROSE}",
        author="Claire Dubois",
        date=DAY,
    ),
    bad("vide.odt", odt("<text:p/>"), "holds no words"),
    bad("faux.odt", PROSE, "is damaged or no zip file"),
    bad("autre.odt", packed({"a.bin": PROSE}), "is damaged or no OpenDocument text"),
    bad(
        "chiffré.odt",
        odt("", manifest="<manifest:encryption-data/>"),
        "is encrypted",
    ),
    good(
        "école.rtf",
        rtf("{\\info{\\creatim\\yr2024\\mo5\\dy17}}{\\b L’école rouvre}\\par " + PROSE),
        title="L’école rouvre",
        text=f"L’école rouvre\n\n{PROSE}",
        date=DAY,
    ),
    bad("vide.rtf", rtf(""), "holds no words"),
    bad("faux.rtf", PROSE, "is damaged or no RTF file"),
]
