"""Why a file is left out or a change refused, in the languages that errors do not speak.

Errors of ``rag/ingest`` and ``rag/library``
say it in English; here is what they say, as a pattern for the whole of it, and the same in
the other language.
Short reasons that say more on the page than in an error are in ``rag/ui/page_texts.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.ui.page_texts import FRENCH

REASONS: Mapping[str, Sequence[tuple[str, str]]] = {
    FRENCH: (
        (
            "is not a regular file; move it elsewhere",
            "n’est pas un fichier ordinaire. Rangez-le ailleurs.",
        ),
        (
            "folder cannot be listed: (?P<detail>.*)",
            "ne peut pas être parcouru : {detail}.",
        ),
        (
            "cannot be read: (?P<detail>.*)",
            "ne peut pas être lu : {detail}.",
        ),
        (
            r"cannot be read \((?P<kind>\w+)\); save it in another way",
            "ne peut pas être lu ({kind}). Enregistrez-le autrement.",
        ),
        (
            "another article has this name; rename one of the two",
            "porte le nom d’un autre article. Renommez l’un des deux.",
        ),
        (
            "there is no folder (?P<folder>.*); make it and put articles there, or name "
            "another with --articles",
            "Le dossier {folder} n’existe pas. Créez-le et mettez-y des articles, ou "
            "nommez-en un autre avec --articles.",
        ),
        (
            r"the folder (?P<folder>.*) is empty, and the index holds (?P<count>\d+) "
            "articles: they are kept, as a disk may be missing; if they are to go, run "
            "'rag build'",
            "Le dossier {folder} est vide, et l’index contient {count} articles : ils "
            "sont gardés, car un disque manque peut-être. S’ils doivent partir, lancez "
            "« rag build ».",
        ),
        (
            r"the folder could not be watched \((?P<kind>\w+)\)",
            "Le dossier n’a pas pu être surveillé ({kind}).",
        ),
        (
            r"the index could not be rebuilt \((?P<kind>\w+)\)",
            "L’index n’a pas pu être refait ({kind}). Le détail est dans le terminal où "
            "la page a été lancée.",
        ),
        (
            r"the index in (?P<folder>.*) cannot be written \((?P<detail>.*)\); make room "
            "or give write permission, then build again; what was embedded is kept",
            "L’index dans {folder} ne peut pas être écrit ({detail}). Faites de la place "
            "ou donnez le droit d’y écrire ; ce qui est déjà calculé est gardé.",
        ),
        (
            r"the index folder (?P<folder>.*) cannot be written \((?P<detail>.*)\); give "
            "write permission there, or name another with --index",
            "Le dossier de l’index, {folder}, ne peut pas être écrit ({detail}). Donnez "
            "le droit d’y écrire, ou nommez-en un autre avec --index.",
        ),
        (
            r"its date, (?P<date>[\d-]+), is a day to come: the article is kept without; "
            "correct it",
            "est daté d’un jour à venir, {date} : l’article est gardé sans date. Corrigez-la.",
        ),
        (
            "may hold several articles; read it with read_articles",
            "peut contenir plusieurs articles.",
        ),
        (
            r"holds (?P<count>\d+) more articles that cannot be read as the "
            r"(?P<before>\d+) before; correct them",
            "contient {count} autres articles qui ne peuvent pas être lus, comme les "
            "{before} précédents. Corrigez-les.",
        ),
        (
            "changed while it was read; build again when it is whole",
            "a changé pendant sa lecture. Mettez l’index à jour quand il est entier.",
        ),
        (
            r"has (?P<size>\d+) bytes, at most (?P<most>\d+) are read; split it, or raise "
            "the setting max_container_bytes",
            "fait {size} octets, {most} au plus sont lus. Divisez-le, ou relevez le "
            "réglage max_container_bytes.",
        ),
        (
            r"has (?P<size>\d+) characters, at most (?P<most>\d+) are read; split it, or "
            "raise the setting max_file_bytes",
            "fait {size} caractères, {most} au plus sont lus. Divisez-le, ou relevez le "
            "réglage max_file_bytes.",
        ),
        (
            r"has more than (?P<most>\d+) bytes; split it, or raise the setting "
            "max_file_bytes",
            "fait plus de {most} octets. Divisez-le, ou relevez le réglage max_file_bytes.",
        ),
        (
            "holds no article in a format that is read; unpack and convert",
            "ne contient aucun article dans un format lu. Dépaquetez-le et convertissez.",
        ),
        (
            "is in the archive twice; rename one of the two",
            "est deux fois dans l’archive. Renommez l’un des deux.",
        ),
        (
            r"unpacks to (?P<size>\d+) bytes, which is too much; split it, or raise the "
            "settings max_file_bytes and max_container_bytes",
            "fait {size} octets une fois dépaqueté, ce qui est trop. Divisez-le, ou "
            "relevez les réglages max_file_bytes et max_container_bytes.",
        ),
        (
            r"unpacks to (?P<size>\d+) bytes, at most (?P<most>\d+) are read; .*",
            "fait {size} octets une fois dépaqueté, {most} au plus sont lus. Divisez-le, "
            "ou relevez le réglage max_container_bytes.",
        ),
        (
            r"unpacks to (?P<times>\d+) times its size, at most (?P<most>\d+) times is "
            "read; unpack it, or raise the setting max_zip_ratio",
            "fait {times} fois sa taille une fois dépaqueté, {most} fois au plus sont "
            "lues. Dépaquetez-le, ou relevez le réglage max_zip_ratio.",
        ),
        (
            "is damaged or no (?P<format>zip|Word|EPUB|PDF) file; .*",
            "est abîmé ou n’est pas un fichier {format}. Enregistrez-le à nouveau.",
        ),
        (
            r"lies in more than (?P<most>\d+) archives; unpack it, or raise the setting "
            "max_zip_depth",
            "est dans plus de {most} archives l’une dans l’autre. Dépaquetez-le, ou "
            "relevez le réglage max_zip_depth.",
        ),
        (
            r"holds (?P<count>\d+) files, at most (?P<most>\d+) are read; split it, or "
            "raise the setting max_container_members",
            "contient {count} fichiers, {most} au plus sont lus. Divisez-le, ou relevez "
            "le réglage max_container_members.",
        ),
        (
            "points outside the archive; pack it again without such names",
            "mène hors de l’archive. Refaites-la sans de tels noms.",
        ),
        (
            "is a link; pack the file itself",
            "est un lien. Mettez le fichier lui-même dans l’archive.",
        ),
        (
            "is encrypted; unpack it and put its files here",
            "est chiffré. Dépaquetez-le et mettez ses fichiers ici.",
        ),
        (
            "is encrypted; save it decrypted",
            "est chiffré. Enregistrez-le déchiffré.",
        ),
        (
            "is encrypted; save it again without a password",
            "est chiffré. Enregistrez-le à nouveau sans mot de passe.",
        ),
        (
            r"is encrypted or in Word's old format; save it as \.docx without a password",
            "est chiffré ou dans l’ancien format de Word. Enregistrez-le en .docx sans "
            "mot de passe.",
        ),
        (
            r"is encrypted \(DRM\); get it without",
            "est chiffré (DRM). Procurez-vous-le sans.",
        ),
        (
            r"cannot be unpacked \((?P<kind>\w+)\); .*",
            "ne peut pas être dépaqueté ({kind}). Procurez-vous le fichier à nouveau.",
        ),
        (
            "is damaged: it names no contents; get it again",
            "est abîmé : il n’indique pas ce qu’il contient. Procurez-vous-le à nouveau.",
        ),
        (
            "is damaged in (?P<path>.*); get it again",
            "est abîmé dans {path}. Procurez-vous-le à nouveau.",
        ),
        (
            "is damaged: (?P<path>.*) is not in it; get it again",
            "est abîmé : {path} y manque. Procurez-vous-le à nouveau.",
        ),
        (
            r"is damaged at page (?P<page>\d+); save it again",
            "est abîmé à la page {page}. Enregistrez-le à nouveau.",
        ),
        (
            "holds no words, only pictures; delete it",
            "ne contient que des images, aucun mot. Supprimez-le.",
        ),
        (
            r"holds (?P<count>\d+) chapters, at most (?P<most>\d+) are read; raise the "
            "setting max_container_members",
            "contient {count} chapitres, {most} au plus sont lus. Relevez le réglage "
            "max_container_members.",
        ),
        (
            r"is a PDF without text, only pictures; have its text recognised \(OCR\) and "
            "save it again",
            "est un PDF sans texte, fait d’images. Faites reconnaître son texte (OCR) et "
            "enregistrez-le à nouveau.",
        ),
        (
            "is a page without an article in it; check that it was saved whole",
            "est une page sans article. Vérifiez qu’elle a été enregistrée en entier.",
        ),
        (
            "is no mail: it names no sender, subject or date; save it again",
            "n’est pas un courriel : ni expéditeur, ni objet, ni date. Enregistrez-le à "
            "nouveau.",
        ),
        (
            "is attached in a way that cannot be read; save it by itself",
            "est joint d’une façon qui ne se lit pas. Enregistrez-le à part.",
        ),
        (
            "is XML but no RSS or Atom feed; move it elsewhere",
            "est du XML, mais pas un flux RSS ou Atom. Rangez-le ailleurs.",
        ),
        (
            "is a feed without entries; save it again",
            "est un flux sans articles. Enregistrez-le à nouveau.",
        ),
        (
            r"holds (?P<count>\d+) entries, the first (?P<most>\d+) are read; split it, or "
            "raise the setting max_container_members",
            "contient {count} articles, les {most} premiers sont lus. Divisez-le, ou "
            "relevez le réglage max_container_members.",
        ),
        (
            r"holds more than (?P<most>\d+) articles, the rest is not read; split it, or "
            "raise the setting max_container_members",
            "contient plus de {most} articles, le reste n’est pas lu. Divisez-le, ou "
            "relevez le réglage max_container_members.",
        ),
        (
            r"is not JSON in UTF-8 \((?P<detail>.*)\); save it again",
            "n’est pas du JSON en UTF-8 ({detail}). Enregistrez-le à nouveau.",
        ),
        (
            "is not JSON in UTF-8; correct it",
            "n’est pas du JSON en UTF-8. Corrigez-le.",
        ),
        (
            "is no JSON object; expected one with a title and a text",
            "n’est pas un objet JSON avec un titre et un texte.",
        ),
        (
            "has no column for the text: its first line names (?P<found>.*); call one "
            '"text", or name it with the setting field_names',
            "n’a pas de colonne pour le texte ; sa première ligne nomme : {found}. "
            "Appelez-en une « texte », ou nommez-la dans le réglage field_names.",
        ),
        (
            'has no text, only (?P<found>.*); call the field "text", or name it with the '
            "setting field_names",
            "n’a pas de texte, seulement : {found}. Appelez le champ « texte », ou "
            "nommez-le dans le réglage field_names.",
        ),
        (
            "holds no article; expected objects with a title and a text",
            "ne contient aucun article, c’est-à-dire aucun objet avec un titre et un texte.",
        ),
        (
            r"is no table at line (?P<line>\d+) \((?P<detail>.*)\); check its quotation "
            "marks",
            "n’est pas un tableau à la ligne {line} ({detail}). Vérifiez ses guillemets.",
        ),
        (
            "is in no encoding that fits; save it again as UTF-8",
            "n’est dans aucun encodage connu. Enregistrez-le à nouveau en UTF-8.",
        ),
        (
            r"begins like (?P<encoding>.*) but is not at byte (?P<place>\d+); save it "
            "again as UTF-8",
            "commence comme de l’{encoding}, mais n’en est plus à l’octet {place}. "
            "Enregistrez-le à nouveau en UTF-8.",
        ),
        (
            r"is not UTF-8 at byte (?P<place>\d+) and in no other encoding that fits; save "
            "it again as UTF-8",
            "n’est pas de l’UTF-8 à l’octet {place}, ni dans un autre encodage connu. "
            "Enregistrez-le à nouveau en UTF-8.",
        ),
        (
            r"has front matter that is not YAML \((?P<detail>.*)\); correct it",
            "a un en-tête qui n’est pas du YAML ({detail}). Corrigez-le.",
        ),
        (
            "has the name of something here that is no file; rename it",
            "porte le nom de quelque chose qui n’est pas un fichier ici. Renommez-le.",
        ),
        (
            r"cannot be stored \((?P<detail>.*)\); make room or give permission",
            "ne peut pas être gardé ({detail}). Faites de la place ou donnez le droit "
            "d’écrire.",
        ),
        (
            "cannot be moved to the trash: (?P<detail>.*)",
            "ne peut pas être mis à la corbeille : {detail}.",
        ),
        (
            "cannot be moved back: (?P<detail>.*)",
            "ne peut pas revenir à sa place : {detail}.",
        ),
    ),
}
# What systems say of their own (errno.h), where it is a ``detail`` of a reason.
DETAILS: Mapping[str, Mapping[str, str]] = {
    FRENCH: {
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
    },
}
