"""Pairs of articles with a label: the same story again, or another one.

The prose is written for these tests; edits are what desks do to agency copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """An agency's article, another lead for it, and what someone else wrote of the event.

    ``other_account`` shares the subject, the figures and one spoken sentence.
    """

    body: tuple[str, ...]
    other_lead: tuple[str, ...]
    other_account: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts; ``same`` tells whether they are one story printed twice."""

    kind: str
    one: str
    other: str
    same: bool


STORIES = (
    Story(
        body=(
            "Une crue soudaine de la Loue a inondé dans la nuit de lundi à mardi le centre de "
            "Quingey, où deux cent dix habitants ont dû quitter leur logement.",
            "L’eau est montée de deux mètres en moins de quatre heures, selon la préfecture du "
            "Doubs.",
            "Les pompiers ont installé un centre d’accueil dans le gymnase du collège.",
            "« Nous n’avions jamais vu la rivière monter si vite », a raconté la maire, Sylvie "
            "Perrot.",
            "Trois personnes légèrement blessées ont été conduites à l’hôpital de Besançon.",
            "La route départementale 17 restera fermée au moins jusqu’à jeudi.",
            "Météo-France annonce de nouvelles averses en fin de semaine, moins fortes "
            "toutefois.",
            "Les assureurs ont ouvert un guichet commun à la mairie dès mercredi matin.",
            "En 1910 déjà, une crue avait emporté le pont de pierre qui reliait les deux "
            "rives.",
        ),
        other_lead=(
            "Quingey se réveille les pieds dans l’eau.",
            "Le débordement de la rivière a contraint plus de deux cents riverains à passer la "
            "nuit loin de chez eux.",
        ),
        other_account=(
            "Reportage. Dans la rue des Tanneurs, on pousse la boue à la raclette depuis "
            "l’aube.",
            "Jean-Marc, retraité, montre la marque brune laissée à hauteur d’épaule sur le "
            "mur de "
            "sa cuisine.",
            "« Nous n’avions jamais vu la rivière monter si vite », a raconté la maire, Sylvie "
            "Perrot.",
            "Ici, chacun compte les meubles perdus et attend l’expert.",
            "La boulangère a distribué son pain gratuitement aux voisins sinistrés.",
            "Dans le gymnase, des enfants jouent aux cartes entre les lits de camp.",
        ),
    ),
    Story(
        body=(
            "Le conseil régional de Bretagne a voté jeudi un plan de 48 millions d’euros pour "
            "moderniser les lignes ferroviaires entre Rennes, Saint-Malo et Dol.",
            "Les travaux commenceront au printemps prochain et dureront trente mois.",
            "Douze gares seront rendues accessibles aux voyageurs en fauteuil roulant.",
            "Le président de la région, Yann Le Bihan, y voit « la fin d’un long retard ».",
            "L’opposition s’est abstenue, jugeant le financement incertain.",
            "L’État prendra à sa charge un tiers de la dépense, les communes un dixième.",
            "La fréquence des trains doit passer à un départ toutes les vingt minutes aux "
            "heures "
            "de pointe.",
            "Les associations d’usagers demandent que les billets n’augmentent pas avant la "
            "fin du "
            "chantier.",
        ),
        other_lead=(
            "Bonne nouvelle pour les abonnés du train breton.",
            "Les élus ont débloqué près de cinquante millions pour des voies à bout de "
            "souffle.",
        ),
        other_account=(
            "Faut-il se réjouir du plan ferroviaire adopté à Rennes ? Oui, mais sans naïveté.",
            "Trente mois de chantier, c’est l’éternité pour qui prend le train chaque matin.",
            "Yann Le Bihan parle de « la fin d’un long retard » ; encore faudra-t-il tenir le "
            "calendrier.",
            "Les quarante-huit millions promis ne couvrent pas le remplacement des rames.",
            "On aimerait entendre la SNCF sur le sort des petites haltes du pays malouin.",
        ),
    ),
    Story(
        body=(
            "Des chercheurs de l’université de Grenoble ont mis au point une pile au sodium "
            "qui "
            "conserve 92 % de sa capacité après deux mille recharges.",
            "Leurs résultats paraissent mercredi dans une revue de chimie des matériaux.",
            "Le sodium, tiré du sel, coûte quarante fois moins cher que le lithium.",
            "« Cette pile ne remplacera pas celle des téléphones, elle est trop lourde », "
            "prévient "
            "la directrice de l’étude, Nadia Benslimane.",
            "Elle vise plutôt le stockage de l’électricité solaire dans les villages isolés.",
            "Un prototype alimente depuis mars une école de la vallée du Vénéon.",
            "L’équipe cherche maintenant un industriel pour une première série de cinq cents "
            "exemplaires.",
            "La région finance la moitié des essais jusqu’en 2027.",
            "D’autres laboratoires, à Séoul et à Uppsala, suivent la même piste.",
        ),
        other_lead=(
            "Et si le sel de cuisine éclairait demain les refuges de montagne ?",
            "Un laboratoire isérois affirme avoir levé le principal obstacle des accumulateurs "
            "sans lithium.",
        ),
        other_account=(
            "Nadia Benslimane reçoit dans un bureau encombré de carnets et de bocaux blancs.",
            "Fille d’un électricien d’Oran, elle est arrivée à Grenoble en 1998 avec une "
            "bourse.",
            "« Cette pile ne remplacera pas celle des téléphones, elle est trop lourde », "
            "prévient "
            "la directrice de l’étude, Nadia Benslimane.",
            "Ses étudiants disent d’elle qu’elle relit tout, jusqu’aux légendes des figures.",
            "Le dimanche, elle grimpe dans la Chartreuse, toujours sans téléphone.",
        ),
    ),
    Story(
        body=(
            "Le Stade montois s’est qualifié samedi pour la finale du championnat en battant "
            "Agen 24 à 19 devant onze mille spectateurs.",
            "Menés de dix points à la pause, les Landais ont inscrit trois essais en seconde "
            "période.",
            "L’ouvreur Bastien Larrieu a réussi toutes ses tentatives au pied.",
            "L’entraîneur a salué « des garçons qui refusent de perdre ».",
            "Agen a terminé la rencontre à treize après deux cartons jaunes.",
            "La finale se jouera le 7 juin à Toulouse contre Provence Rugby.",
            "Mont-de-Marsan n’a plus disputé ce match depuis 2008.",
            "Sept mille places ont été réservées aux supporteurs du club.",
        ),
        other_lead=(
            "Il fallait y croire, et tout Mont-de-Marsan y a cru.",
            "Au terme d’un second acte étourdissant, les Jaune et Noir se sont offert un "
            "billet "
            "pour Toulouse.",
        ),
        other_account=(
            "Bastien Larrieu, 21 ans, n’avait jamais buté devant autant de monde.",
            "Formé à Hagetmau par son grand-père, l’ouvreur s’entraîne encore sur le terrain "
            "du "
            "village.",
            "Samedi contre Agen, il a passé six coups de pied sur six et porté son équipe en "
            "finale.",
            "L’entraîneur a salué « des garçons qui refusent de perdre ».",
            "Lui rougit et parle du match suivant, celui du 7 juin.",
            "Ses copains de lycée ont déjà loué un autocar.",
        ),
    ),
    Story(
        body=(
            "La fromagerie Vasseur, à Livarot, a rappelé vendredi quatre mille camemberts "
            "après la "
            "découverte de bactéries lors d’un contrôle interne.",
            "Les lots concernés portent les numéros 218 à 224 et ont été vendus dans onze "
            "départements.",
            "Aucun cas de maladie n’a été signalé à ce stade, précise l’agence régionale de "
            "santé.",
            "Les clients sont invités à détruire le produit ou à le rapporter en magasin.",
            "La direction explique l’incident par la panne d’une chambre froide.",
            "La production a été suspendue pendant cinq jours, le temps de désinfecter "
            "l’atelier.",
            "L’entreprise emploie soixante-deux salariés et transforme neuf millions de "
            "litres de "
            "lait par an.",
            "Un numéro vert répond aux consommateurs tous les jours de 9 heures à 19 heures.",
        ),
        other_lead=(
            "Vérifiez votre réfrigérateur avant le plateau de fromages.",
            "Une marque normande bien connue retire des milliers de boîtes des rayons par "
            "précaution.",
        ),
        other_account=(
            "À Livarot, l’inquiétude se lit sur les visages à la sortie de l’atelier.",
            "Cinq jours sans fabriquer, cela ne s’était pas produit depuis la fondation de la "
            "maison en 1931.",
            "« On a tous peur pour la réputation », confie une emballeuse qui préfère taire "
            "son "
            "nom.",
            "La direction explique l’incident par la panne d’une chambre froide.",
            "Le syndicat, lui, réclame depuis deux ans le remplacement du matériel.",
        ),
    ),
    Story(
        body=(
            "Le tribunal de Bordeaux a condamné lundi un ancien notaire à trois ans de prison, "
            "dont un avec sursis, pour avoir détourné 1,3 million d’euros.",
            "Vingt-sept clients, pour la plupart âgés, avaient porté plainte entre 2019 et "
            "2022.",
            "Le prévenu, 58 ans, a reconnu la moitié des faits à l’audience.",
            "Il lui est interdit d’exercer toute profession juridique pendant dix ans.",
            "« Ce jugement rend leur dignité aux victimes », a réagi l’avocate des parties "
            "civiles, Maître Claire Dubosc.",
            "La défense a dix jours pour faire appel et n’a pas encore pris sa décision.",
            "L’argent avait servi à éponger les dettes d’un domaine viticole.",
            "La chambre des notaires a commencé à indemniser les familles.",
        ),
        other_lead=(
            "Il promettait des placements sûrs, il vidait les comptes.",
            "L’officier public qui avait ruiné des dizaines de retraités dormira derrière les "
            "barreaux.",
        ),
        other_account=(
            "Marthe, 84 ans, n’a pas quitté des yeux le banc du prévenu pendant trois jours.",
            "Elle avait confié à l’étude le prix de sa maison, cent quarante mille euros.",
            "Au moment du verdict, elle a seulement serré la main de sa fille.",
            "« Ce jugement rend leur dignité aux victimes », a réagi l’avocate des parties "
            "civiles, Maître Claire Dubosc.",
            "Dehors, sous la pluie, plusieurs plaignants se sont embrassés.",
        ),
    ),
    Story(
        body=(
            "Le musée des Beaux-Arts de Lille rouvrira le 12 septembre après deux ans de "
            "rénovation, a annoncé mardi la municipalité.",
            "Le chantier a coûté 31 millions d’euros, soit quatre de plus que prévu.",
            "Une verrière neuve éclaire désormais la cour intérieure, transformée en jardin.",
            "Deux cents toiles sorties des réserves seront montrées pour la première fois.",
            "L’entrée sera gratuite tout le mois de septembre.",
            "La conservatrice, Hélène Wauters, espère accueillir trois cent mille visiteurs "
            "par an.",
            "Un atelier permettra au public d’assister à la restauration d’un retable flamand.",
            "Les réservations ouvriront le 1er août sur le site de l’établissement.",
        ),
        other_lead=(
            "Les Lillois vont retrouver leur palais des merveilles.",
            "Fermé depuis deux étés, l’établissement promet une renaissance lumineuse à la "
            "rentrée.",
        ),
        other_account=(
            "Visite privée, casque sur la tête, dans les salles encore vides.",
            "La poussière danse sous la verrière et les cimaises attendent leurs tableaux.",
            "Hélène Wauters marche vite et commente tout, du bois des parquets à la couleur "
            "des "
            "murs.",
            "Le retable flamand, allongé sur une table, livre peu à peu ses bleus d’origine.",
            "L’entrée sera gratuite tout le mois de septembre.",
            "Reste à déménager les sculptures, dont la plus lourde pèse six tonnes.",
        ),
    ),
    Story(
        body=(
            "Une panne informatique a paralysé mercredi matin l’aéroport de Nantes, où "
            "soixante-quatre vols ont été annulés ou retardés.",
            "Le système d’enregistrement des bagages s’est arrêté à 5 h 40, selon "
            "l’exploitant.",
            "Près de neuf mille passagers ont patienté dans le hall ou sur le parvis.",
            "La piste d’une attaque est écartée, a indiqué le directeur, Olivier Ravel.",
            "Une mise à jour défectueuse du logiciel serait en cause.",
            "Le trafic a repris progressivement vers midi et devait redevenir normal dans la "
            "soirée.",
            "Les compagnies ont distribué des bons de repas et réservé quatre cents chambres "
            "d’hôtel.",
            "Les voyageurs peuvent demander une indemnité pendant cinq ans.",
            "Un incident semblable avait touché l’aéroport de Lyon en janvier.",
        ),
        other_lead=(
            "Valises à la main et yeux sur l’écran noir : drôle de matinée pour les "
            "vacanciers.",
            "Le plus grand aéroport de l’Ouest a tourné au ralenti pendant des heures.",
        ),
        other_account=(
            "Que faire quand votre avion ne part pas ? Nos réponses, point par point.",
            "Au-delà de trois heures de retard, le règlement européen prévoit de 250 à 600 "
            "euros.",
            "La somme n’est pas due quand l’exploitant prouve une circonstance extraordinaire.",
            "Une mise à jour défectueuse du logiciel serait en cause.",
            "Gardez la carte d’embarquement et les factures de repas, puis écrivez à la "
            "compagnie.",
            "Sans réponse sous deux mois, le médiateur du tourisme peut être saisi "
            "gratuitement.",
        ),
    ),
)
FOOTER = (
    "Vous pouvez retrouver tous nos articles sur notre site et dans notre application.",
    "Recevez chaque matin l’essentiel de l’actualité en vous inscrivant à notre lettre.",
)
ADDED = (
    "La ministre doit se rendre sur place vendredi pour rencontrer les personnes concernées.",
    "Un premier bilan sera présenté à la presse à l’issue de sa visite.",
)
_SYNONYMS = (
    ("a raconté", "a confié"),
    ("a indiqué", "a fait savoir"),
    ("a annoncé", "a fait connaître"),
    ("a réagi", "s’est félicitée"),
    ("selon", "d’après"),
    ("après", "à la suite de"),
    ("au moins", "sans doute"),
    ("pour la première fois", "enfin"),
    ("a salué", "a loué"),
    ("commenceront", "débuteront"),
    ("maintenant", "désormais"),
    ("pendant", "durant"),
    ("mercredi", "ce mercredi"),
    ("samedi", "samedi soir"),
    ("invités à", "priés de"),
    ("et", "ainsi que"),
)


def text_of(sentences: tuple[str, ...]) -> str:
    """Sentences as an article: two a paragraph."""
    paragraphs = [" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)]
    return "\n\n".join(paragraphs)


def with_other_lead(story: Story) -> tuple[str, ...]:
    """The agency's article under a desk's own lead."""
    return (*story.other_lead, *story.body[1:])


def retyped(text: str) -> str:
    """The same words in another typography."""
    for sign, other in (("’", "'"), ("« ", '"'), (" »", '"'), ("\n\n", "\n"), ("É", "E")):
        text = text.replace(sign, other)
    return text


def reworded(text: str) -> str:
    """The same article after a desk went through it, word by word."""
    for words, others in _SYNONYMS:
        text = text.replace(f" {words} ", f" {others} ")
    return text


def pairs() -> Iterator[Pair]:
    """Every labelled pair."""
    for place, story in enumerate(STORIES):
        body, led = text_of(story.body), with_other_lead(story)
        yield Pair("same", body, body, True)
        yield Pair("same, retyped", body, retyped(body), True)
        yield Pair("other lead", body, text_of(led), True)
        yield Pair("cut", body, text_of(story.body[: len(story.body) // 2]), True)
        yield Pair("other lead, cut", body, text_of(led[: len(led) - 3]), True)
        yield Pair("reworded", body, reworded(body), True)
        yield Pair("continued", body, text_of(story.body + ADDED + FOOTER), True)
        yield Pair("same subject", body, text_of(story.other_account), False)
        yield Pair("same subject", text_of(led), text_of(story.other_account), False)
        next_story = STORIES[(place + 1) % len(STORIES)]
        yield Pair(
            "same footer",
            text_of(story.body + FOOTER),
            text_of(next_story.body + FOOTER),
            False,
        )
        yield Pair(
            "same footer",
            text_of(story.other_account + ADDED + FOOTER),
            text_of(next_story.other_account + ADDED + FOOTER),
            False,
        )
        for other in STORIES[place + 1 :]:
            yield Pair("related", body, text_of(other.body), False)
