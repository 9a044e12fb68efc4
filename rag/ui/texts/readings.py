"""How an article was read, in words: why its date, what of its file is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.types.provenance import DateFrom, LeftOutKind


@dataclass(frozen=True, slots=True)
class ReadingTexts:
    """What the article view tells of how an article was read.

    ``left_out`` counts words, ``kinds`` are those that they are of.
    """

    title: str
    date: str
    no_date: str
    dates_from: Mapping[DateFrom, str]
    left_out: str
    nothing_left_out: str
    kinds: Mapping[LeftOutKind, str]
    words: str
    problems: str
    loading: str
    gone: str
    busy: str


FRENCH_READING = ReadingTexts(
    title="Comment cet article a été lu",
    date="Date\u00a0: {date}, {why}.",
    no_date="Date\u00a0: le fichier n’en donne pas.",
    dates_from={
        DateFrom.PUBLISHED: "donnée comme jour de publication",
        DateFrom.UPDATED: "jour d’une mise à jour, faute de jour de publication",
        DateFrom.TEXT: "écrite dans le texte",
        DateFrom.TEXT_MARK: "marquée au début du texte",
        DateFrom.MAIL_HEADER: "jour où le courriel a été envoyé",
        DateFrom.PDF_METADATA: "jour où le PDF a été fait",
        DateFrom.DOCUMENT_METADATA: "jour où le document a été fait",
        DateFrom.FILE_NAME: "écrite dans le nom du fichier",
        DateFrom.ADDRESS: "écrite dans l’adresse de la page",
    },
    left_out="Du fichier, ceci n’est pas dans l’article\u00a0:",
    nothing_left_out="Tous les mots du fichier sont dans l’article.",
    kinds={
        LeftOutKind.NAVIGATION: "navigation",
        LeftOutKind.NOTICE: "avis du site",
        LeftOutKind.CAPTION: "légende",
        LeftOutKind.FOOTER: "pied de page",
        LeftOutKind.ADVERTISEMENT: "publicité",
        LeftOutKind.NOTE: "note",
        LeftOutKind.HEADER: "en-tête",
        LeftOutKind.DELETED: "texte supprimé",
        LeftOutKind.HIDDEN: "texte caché",
        LeftOutKind.SCRIPT: "programme de la page",
        LeftOutKind.QUOTED: "courriel cité",
        LeftOutKind.OTHER: "autre",
    },
    words="{kind}\u00a0: {count}\u00a0mots",
    problems="À vérifier\u00a0:",
    loading="Lecture du fichier…",
    gone="Le fichier n’est plus là, ou il a changé depuis. Ces mots ne peuvent pas être "
    "montrés.",
    busy="D’autres fichiers sont en train d’être lus. Réessayez dans un instant.",
)

ENGLISH_READING = ReadingTexts(
    title="How this article was read",
    date="Date: {date}, {why}.",
    no_date="Date: the file gives none.",
    dates_from={
        DateFrom.PUBLISHED: "declared as the day of publication",
        DateFrom.UPDATED: "day of an update, for want of a day of publication",
        DateFrom.TEXT: "written in the text",
        DateFrom.TEXT_MARK: "marked at the beginning of the text",
        DateFrom.MAIL_HEADER: "day the mail was sent",
        DateFrom.PDF_METADATA: "day the PDF was made",
        DateFrom.DOCUMENT_METADATA: "day the document was made",
        DateFrom.FILE_NAME: "written in the name of the file",
        DateFrom.ADDRESS: "written in the address of the page",
    },
    left_out="Of the file, this is not in the article:",
    nothing_left_out="All words of the file are in the article.",
    kinds={
        LeftOutKind.NAVIGATION: "navigation",
        LeftOutKind.NOTICE: "notice of the site",
        LeftOutKind.CAPTION: "caption",
        LeftOutKind.FOOTER: "footer",
        LeftOutKind.ADVERTISEMENT: "advertisement",
        LeftOutKind.NOTE: "note",
        LeftOutKind.HEADER: "header",
        LeftOutKind.DELETED: "deleted text",
        LeftOutKind.HIDDEN: "hidden text",
        LeftOutKind.SCRIPT: "program of the page",
        LeftOutKind.QUOTED: "quoted mail",
        LeftOutKind.OTHER: "other",
    },
    words="{kind}: {count} words",
    problems="To be checked:",
    loading="Reading the file…",
    gone="The file is gone, or has changed since: these words cannot be shown.",
    busy="Other files are being read. Try again in a moment.",
)
