"""Problems in French, as ``english`` has them; what systems say of their own is here too.

French typography: ``\u202f`` (narrow no-break space) inside « » and before ``;``,
``\u00a0`` (no-break space) before ``:``.
"""

from __future__ import annotations

from collections.abc import Mapping

from rag.errors.codes import Code

SENTENCES: Mapping[Code, str] = {
    Code.OTHER: "{reason}",
    Code.NOT_REGULAR: "n’est pas un fichier ordinaire. Rangez-le ailleurs.",
    Code.NOT_LISTED: "ne peut pas être parcouru : {detail}.",
    Code.NOT_READ: "ne peut pas être lu : {detail}.",
    Code.READER_FAILED: "ne peut pas être lu ({kind}). Enregistrez-le autrement.",
    Code.NAME_NOT_UTF_8: "a un nom qui n’est pas en UTF-8. Renommez-le.",
    Code.CHANGED_MEANWHILE: "a changé pendant sa lecture. Mettez l’index à jour quand il est "
    "entier.",
    Code.SEVERAL_ARTICLES: "peut contenir plusieurs articles.",
    Code.TOO_LARGE: "fait {size} octets, {most} au plus sont lus. Divisez-le, ou relevez le "
    "réglage {setting}.",
    Code.EMPTY: "est vide. Supprimez-le, ou enregistrez l’article à nouveau.",
    Code.NO_WORDS: "ne contient aucun mot. Supprimez-le, ou enregistrez l’article à nouveau.",
    Code.NAME_TWICE: "porte le nom d’un autre article. Renommez l’un des deux.",
    Code.DATE_TO_COME: "est daté d’un jour à venir, {date} : l’article est gardé sans date. "
    "Corrigez-la.",
    Code.MANY_BROKEN: "contient {count} autres articles qui ne peuvent pas être lus, comme "
    "les {before} précédents. Corrigez-les.",
    Code.BINARY: "n’est pas du texte. Donnez-lui l’extension de son format, ou rangez-le "
    "ailleurs.",
    Code.ENCODING_UNKNOWN: "n’est dans aucun encodage connu. Enregistrez-le à nouveau en "
    "UTF-8.",
    Code.ENCODING_ENDS: "commence comme de l’{encoding}, mais n’en est plus à l’octet "
    "{place}. Enregistrez-le à nouveau en UTF-8.",
    Code.NOT_UTF_8: "n’est pas de l’UTF-8 à l’octet {place}, ni dans un autre encodage "
    "connu. Enregistrez-le à nouveau en UTF-8.",
    Code.STRAY_BYTES: "n’est pas partout en UTF-8 ; {count} octets, le premier à la ligne "
    "{line}, sont lus comme Windows les écrit. Vérifiez-les et enregistrez-le à nouveau "
    "en UTF-8.",
    Code.FRONT_MATTER: "a un en-tête qui n’est pas du YAML ({detail}). Corrigez-le.",
    Code.PAGE_WITHOUT_ARTICLE: "est une page sans article. Vérifiez qu’elle a été "
    "enregistrée en entier.",
    Code.PAGE_OF_LINKS: "est une page de {count} liens vers des articles et n’en contient "
    "aucun. Enregistrez les articles eux-mêmes.",
    Code.PAGE_NOT_SAVED: "est abîmé ou n’est pas une page enregistrée. Enregistrez-la à "
    "nouveau en .html.",
    Code.WORD_DAMAGED: "est abîmé ou n’est pas un fichier Word. Enregistrez-le à nouveau en "
    ".docx.",
    Code.WORD_ENCRYPTED: "est chiffré ou dans l’ancien format de Word. Enregistrez-le en "
    ".docx sans mot de passe.",
    Code.WORD_UNPACKS_TOO_LARGE: "fait {size} octets une fois dépaqueté, ce qui est trop. "
    "Divisez-le, ou relevez les réglages max_file_bytes et max_container_bytes.",
    Code.OPEN_DOCUMENT_DAMAGED: "est abîmé ou n’est pas un texte OpenDocument. "
    "Enregistrez-le à nouveau en .odt.",
    Code.OPEN_DOCUMENT_ENCRYPTED: "est chiffré. Enregistrez-le en .odt sans mot de passe.",
    Code.RTF_DAMAGED: "est abîmé ou n’est pas un fichier RTF. Enregistrez-le à nouveau en "
    ".rtf.",
    Code.RTF_CUT_SHORT: "s’arrête avant sa fin : ce qui est là est lu. Enregistrez-le à "
    "nouveau en entier.",
    Code.PDF_DAMAGED: "est abîmé ou n’est pas un fichier PDF. Enregistrez-le à nouveau.",
    Code.PDF_ENCRYPTED: "est chiffré. Enregistrez-le à nouveau sans mot de passe.",
    Code.PDF_PAGE_DAMAGED: "est abîmé à la page {page}. Enregistrez-le à nouveau.",
    Code.PDF_WITHOUT_TEXT: "est un PDF sans texte, fait d’images. Faites reconnaître son "
    "texte (OCR) et enregistrez-le à nouveau.",
    Code.PDF_PAGES_NEED_TESSERACT: "n’est pas lu en entier : {count} pages sur {total} ne "
    "contiennent que des images ({which}). Installez Tesseract avec le français (sous Debian : "
    "apt install tesseract-ocr tesseract-ocr-fra) et relancez l’indexation.",
    Code.PDF_PAGES_NOT_WANTED: "n’est pas lu en entier : {count} pages sur {total} ne "
    "contiennent que des images ({which}). Mettez le réglage ocr à « auto » pour en faire "
    "reconnaître le texte.",
    Code.PDF_PAGES_NOT_RECOGNISED: "n’est pas lu en entier : {count} pages sur {total} ne "
    "contiennent que des images ({which}), dont le texte n’a pas pu être reconnu à temps. "
    "Divisez le fichier.",
    Code.NO_TESSERACT: "est une image. Pour en faire reconnaître le texte, installez Tesseract "
    "avec le français (sous Debian : apt install tesseract-ocr tesseract-ocr-fra) et relancez "
    "l’indexation.",
    Code.PICTURES_NOT_WANTED: "est une image. Mettez le réglage ocr à « auto » pour en faire "
    "reconnaître le texte.",
    Code.PICTURE_DAMAGED: "est abîmé ou n’est pas une image. Enregistrez-le à nouveau.",
    Code.PICTURE_WITHOUT_WORDS: "est une image dans laquelle aucun texte n’a été reconnu.",
    Code.RECOGNISING_TOO_LONG: "est une image dont le texte n’a pas pu être reconnu à temps. "
    "Réduisez-la.",
    Code.BOOK_DAMAGED: "est abîmé ou n’est pas un fichier EPUB. Procurez-vous-le à nouveau.",
    Code.BOOK_ENCRYPTED: "est chiffré (DRM). Procurez-vous-le sans.",
    Code.BOOK_UNPACKS_TOO_LARGE: "fait {size} octets une fois dépaqueté, {most} au plus sont "
    "lus. Relevez le réglage max_container_bytes.",
    Code.BOOK_NAMES_NO_CONTENTS: "est abîmé : il n’indique pas ce qu’il contient. "
    "Procurez-vous-le à nouveau.",
    Code.BOOK_PART_DAMAGED: "est abîmé dans {path}. Procurez-vous-le à nouveau.",
    Code.BOOK_PART_MISSING: "est abîmé : {path} y manque. Procurez-vous-le à nouveau.",
    Code.BOOK_PART_NOT_UNPACKED: "ne peut pas être dépaqueté ({kind}). Procurez-vous le "
    "fichier à nouveau.",
    Code.BOOK_PART_TOO_LARGE: "fait {size} octets, {most} au plus sont lus. Relevez le "
    "réglage max_file_bytes.",
    Code.BOOK_WITHOUT_WORDS: "ne contient que des images, aucun mot. Supprimez-le.",
    Code.TOO_MANY_CHAPTERS: "contient {count} chapitres, {most} au plus sont lus. Relevez le "
    "réglage max_container_members.",
    Code.ARCHIVE_DAMAGED: "est abîmé ou n’est pas un fichier zip. Refaites-le.",
    Code.ARCHIVE_WITHOUT_ARTICLE: "ne contient aucun article dans un format lu. "
    "Dépaquetez-le et convertissez.",
    Code.ARCHIVE_UNPACKS_TOO_LARGE: "fait {size} octets une fois dépaqueté, {most} au plus "
    "sont lus. Divisez-le, ou relevez le réglage max_container_bytes.",
    Code.ARCHIVES_TOO_DEEP: "est dans plus de {most} archives l’une dans l’autre. "
    "Dépaquetez-le, ou relevez le réglage max_zip_depth.",
    Code.TOO_MANY_FILES: "contient {count} fichiers, {most} au plus sont lus. Divisez-le, ou "
    "relevez le réglage max_container_members.",
    Code.MEMBER_TWICE: "est deux fois dans l’archive. Renommez l’un des deux.",
    Code.MEMBER_LEADS_OUTSIDE: "mène hors de l’archive. Refaites-la sans de tels noms.",
    Code.MEMBER_IS_LINK: "est un lien. Mettez le fichier lui-même dans l’archive.",
    Code.MEMBER_ENCRYPTED: "est chiffré. Dépaquetez-le et mettez ses fichiers ici.",
    Code.MEMBER_NOT_UNPACKED: "ne peut pas être dépaqueté ({kind}). Refaites l’archive.",
    Code.MEMBER_UNPACKS_TOO_FAR: "fait {times} fois sa taille une fois dépaqueté, {most} "
    "fois au plus sont lues. Dépaquetez-le, ou relevez le réglage max_zip_ratio.",
    Code.NO_MAIL: "n’est pas un courriel : ni expéditeur, ni objet, ni date. Enregistrez-le "
    "à nouveau.",
    Code.MAIL_ENCRYPTED: "est chiffré. Enregistrez-le déchiffré.",
    Code.ATTACHED_UNREADABLY: "est joint d’une façon qui ne se lit pas. Enregistrez-le à part.",
    Code.NO_FEED: "est du XML, mais pas un flux RSS ou Atom. Rangez-le ailleurs.",
    Code.FEED_WITHOUT_ENTRIES: "est un flux sans articles. Enregistrez-le à nouveau.",
    Code.TOO_MANY_ENTRIES: "contient {count} articles, les {most} premiers sont lus. "
    "Divisez-le, ou relevez le réglage max_container_members.",
    Code.TRANSCRIPT_WITHOUT_CUES: "ne contient pas de sous-titres ; aucune ligne n’indique "
    "deux instants de part et d’autre de -->. Enregistrez-le à nouveau.",
    Code.NOT_JSON: "n’est pas du JSON en UTF-8 ({detail}). Enregistrez-le à nouveau.",
    Code.LINE_NOT_JSON: "n’est pas du JSON en UTF-8. Corrigez-le.",
    Code.LINE_NO_OBJECT: "n’est pas un objet JSON avec un titre et un texte.",
    Code.LINE_TOO_LARGE: "fait plus de {most} octets. Divisez-le, ou relevez le réglage "
    "max_file_bytes.",
    Code.NO_TABLE: "n’est pas un tableau à la ligne {line} ({detail}). Vérifiez ses "
    "guillemets.",
    Code.QUOTE_NOT_CLOSED: "contient un guillemet qui n’est pas fermé, à la ligne {line} ; "
    "les lignes suivantes sont lues telles quelles. Fermez-le.",
    Code.TOO_MANY_FIELDS: "a {count} champs à la ligne {line}, et {expected} colonnes ; "
    "les champs en trop sont lus comme un seul texte. Mettez-le entre guillemets.",
    Code.NO_COLUMNS: "n’a pas de colonne pour le texte ; sa première ligne ne nomme rien. "
    "Appelez-en une « texte », ou nommez-la dans le réglage field_names.",
    Code.NO_TEXT_COLUMN: "n’a pas de colonne pour le texte ; sa première ligne nomme : "
    "{found}. Appelez-en une « texte », ou nommez-la dans le réglage field_names.",
    Code.NO_FIELDS: "n’a pas de texte, ni rien d’autre. Appelez le champ « texte », ou "
    "nommez-le dans le réglage field_names.",
    Code.NO_TEXT_FIELD: "n’a pas de texte, seulement : {found}. Appelez le champ « texte », "
    "ou nommez-le dans le réglage field_names.",
    Code.TEXT_TOO_LONG: "fait {size} caractères, {most} au plus sont lus. Divisez-le, ou "
    "relevez le réglage max_file_bytes.",
    Code.NO_RECORDS: "ne contient aucun article, c’est-à-dire aucun objet avec un titre et "
    "un texte.",
    Code.TOO_MANY_RECORDS: "contient plus de {most} articles, le reste n’est pas lu. "
    "Divisez-le, ou relevez le réglage max_container_members.",
    Code.NAME_MISSING: "n’a pas de nom. Donnez-lui-en un.",
    Code.NAME_IS_PATH: "a un chemin dans son nom. Envoyez-le sous son seul nom.",
    Code.NAME_HIDDEN: "est caché par son nom. Renommez-le sans le point du début.",
    Code.NAME_NOT_SHOWN: "a un nom qui ne peut pas être affiché. Renommez-le.",
    Code.NAME_TOO_LONG: "a un nom de plus de {most} octets. Raccourcissez-le.",
    Code.NAME_TAKEN: "porte le nom de quelque chose qui n’est pas un fichier ici. Renommez-le.",
    Code.NO_FORMAT: "n’est dans aucun format lu. Formats lus : {formats}.",
    Code.ENDINGS_NOT_READ: "contient des fichiers qui ne sont dans aucun format lu ({count}), "
    "{endings}. Enregistrez-les dans un autre format, ou laissez-les.",
    Code.NOT_STORED: "ne peut pas être gardé ({detail}). Faites de la place ou donnez le "
    "droit d’écrire.",
    Code.IS_PART: "fait partie de {file} et ne peut pas être retiré seul.",
    Code.NOT_IN_FOLDER: "n’est plus dans le dossier des articles.",
    Code.NOT_IN_TRASH: "n’est plus dans la corbeille.",
    Code.PLACE_TAKEN: "ne peut pas revenir : un autre fichier a pris sa place.",
    Code.NOT_MOVED_TO_TRASH: "ne peut pas être mis à la corbeille : {detail}.",
    Code.NOT_MOVED_BACK: "ne peut pas revenir à sa place : {detail}.",
    Code.NO_FOLDER: "Le dossier {folder} n’existe pas. Créez-le et mettez-y des articles, ou "
    "nommez-en un autre avec --articles.",
    Code.FOLDER_NOT_READ: "Le dossier {folder} ne peut pas être lu : {detail}. Rien n’a été "
    "changé ; rendez-le lisible et recommencez.",
    Code.FOLDER_EMPTIED: "Le dossier {folder} est vide, et l’index contient {count} "
    "articles : ils sont gardés, car un disque manque peut-être. S’ils doivent partir, "
    "lancez « rag build ».",
    Code.FOLDER_NOT_WATCHED: "Le dossier n’a pas pu être surveillé ({kind}).",
    Code.INDEX_NOT_WRITTEN: "L’index dans {folder} ne peut pas être écrit ({detail}). Faites "
    "de la place ou donnez le droit d’y écrire ; ce qui est déjà calculé est gardé.",
    Code.INDEX_FOLDER_NOT_WRITTEN: "Le dossier de l’index, {folder}, ne peut pas être écrit "
    "({detail}). Donnez le droit d’y écrire, ou nommez-en un autre avec --index.",
    Code.INDEX_NOT_REBUILT: "L’index n’a pas pu être refait ({kind}). Le détail est dans le "
    "terminal où la page a été lancée.",
}
# What systems say of their own (errno.h), where it is a ``detail``.
SYSTEM_SAYS: Mapping[str, str] = {
    "Permission denied": "accès refusé",
    "Operation not permitted": "opération interdite",
    "No such file or directory": "il n’est plus là",
    "No space left on device": "le disque est plein",
    "Disk quota exceeded": "la place accordée est épuisée",
    "Read-only file system": "le disque est en lecture seule",
    "Input/output error": "le disque ne répond pas bien",
    "Stale file handle": "le disque ne répond plus",
    "Too many open files": "trop de fichiers sont ouverts",
    "File name too long": "le nom est trop long",
    "Not a directory": "ce n’est pas un dossier",
    "Is a directory": "c’est un dossier",
}
