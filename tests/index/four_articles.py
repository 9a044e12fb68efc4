"""Four articles that an index of the tests holds."""

from __future__ import annotations

import datetime

from tests.fakes import make_article

BRIDGE = make_article(
    "Le pont de l’Orge rouvrira le 3 juin. Les travaux ont coûté 20 000 euros. Le maire "
    "attend les cyclistes. « Enfin », dit-il. « Enfin », dit-il.",
    "courrier/pont.txt",
    title="Le pont rouvre",
    date=datetime.date(2024, 3, 1),
    source="courrier",
)
SCHOOL = make_article(
    "L’école accueille cent vingt élèves. La directrice salue le chantier. "
    + "La cantine servira des légumes de la région à tous les élèves qui le souhaitent. " * 4
    + "Les familles ont visité les classes samedi.",
    "courrier/école.txt",
    title="La rentrée",
    date=datetime.date(2023, 9, 4),
    source="courrier",
)
MATCH = make_article(
    "Nantes bat Brest. Claire Morel a marqué neuf buts près du pont.",
    "sport/match.txt",
    title="Handball : Nantes en finale",
    source="sport",
)
ENGLISH = make_article(
    "The mayor opened the bridge. It was raining.",
    "bridge.txt",
    title="The bridge",
    date=datetime.date(2024, 12, 31),
    language="en",
)
ARTICLES = sorted([BRIDGE, SCHOOL, MATCH, ENGLISH], key=lambda article: article.path)
