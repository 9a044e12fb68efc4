"""Followed questions and what is new, in French, with the typography of ``french.py``."""

from __future__ import annotations

from rag.ui.texts.counted import Counted
from rag.ui.texts.news_shape import DigestPageTexts, FollowTexts

FRENCH_FOLLOWING = FollowTexts(
    title="Questions suivies",
    lead="À chaque mise à jour de l’index, ces questions sont posées aux seuls articles "
    "nouveaux ou modifiés. Ce qui y répond attend ici d’être vu.",
    follow="Suivre",
    followed="Question suivie : elle sera posée à chaque nouvel article.",
    waiting=Counted("rien de nouveau", "1 nouvelle citation", "{count} nouvelles citations"),
    none="Aucune question n’est suivie. Posez-en une, "
    "puis choisissez « Suivre » sous la réponse.",
    nothing_yet="Rien de nouveau depuis le {date}.",
    new="nouveau",
    found_on="trouvé le {date}",
    remove="Ne plus suivre",
    remove_one="Ne plus suivre : {question}",
    removed="« {question} » n’est plus suivie.",
    restore="Annuler",
    ask="Poser à tous les articles",
    in_article="Lire dans l’article",
    original="Lire l’original",
    feed="Flux Atom",
    feed_lead="À cette adresse, un lecteur de flux apprend ce qui est nouveau. "
    "Elle est secrète : "
    "qui la connaît lit vos questions.",
    renew_feed="Changer d’adresse",
    unreadable="Ces citations ne peuvent plus être lues par cette version du programme.",
    not_kept="La question n’a pas pu être suivie. "
    "Le détail est dans le terminal où la page a été lancée.",
)

FRENCH_DIGEST = DigestPageTexts(
    title="Quoi de neuf ?",
    since="Depuis le",
    until="jusqu’au",
    show="Montrer",
    in_article="lire",
    original="Lire l’original",
    wrong_days="Ces dates ne vont pas : écrivez par exemple 2024-03-01, le début avant la fin.",
)
