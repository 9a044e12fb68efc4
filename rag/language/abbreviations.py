"""Words that tell whether a full stop ends a sentence, French and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StopWords:
    """What a language knows about the words around a full stop.

    ``titles`` (as written) never end a sentence. ``numbered`` (lower case) do
    not end one before a number. After ``named`` (lower case), as after an
    initial, a sentence starts only with one of ``openers`` (lower case, an
    elided one with its straight apostrophe); of these, ``particles`` open one
    only when no capital follows them: "J. Le Goff" but "la vitamine C. Le corps".
    """

    titles: frozenset[str]
    numbered: frozenset[str]
    named: frozenset[str]
    openers: frozenset[str]
    particles: frozenset[str]

    def __or__(self, other: StopWords) -> StopWords:
        return StopWords(
            titles=self.titles | other.titles,
            numbered=self.numbered | other.numbered,
            named=self.named | other.named,
            openers=self.openers | other.openers,
            particles=self.particles | other.particles,
        )


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


FRENCH = StopWords(
    titles=_words(
        "M MM Mme Mmes Mlle Mlles Mr Dr Drs Pr Prs Me Mgr Vve St Ste Sts Prof Gén Gal Col "
        "Cdt Cne Capt Lt Sgt cf Cf vs c.-à-d c-à-d c.à.d env"
    ),
    numbered=_words(
        "p pp vol art chap fig n no nos t tél fax réf al alin par ann tab §"
        " janv févr fév avr juil sept oct nov déc"
    ),
    named=_words(
        "éd ed coll dir trad ex av apr bd boul bld pl fg dép arr sté ets cie inc ltd corp "
        "univ inst jr sr al"
    ),
    openers=_words(
        "il ils elle elles on je j' tu nous vous ce c' cet cette ces ceci cela ça le la les "
        "l' un une des du de d' au aux à en dans sur sous avec sans pour par parmi mais et ou "
        "or donc car ni si s' quand lorsque lorsqu' comme puis puisque ensuite alors ainsi "
        "aussi après avant depuis pendant durant selon son sa ses leur leurs mon ma mes ton "
        "ta tes notre nos votre vos qui que qu' quel quelle quels quelles quoi où comment "
        "pourquoi y n' ne pas plus tout toute tous toutes chaque plusieurs certains certaines "
        "aucun aucune quelques entre chez vers malgré grâce cependant pourtant toutefois "
        "enfin bref aujourd'hui hier demain désormais là ici voilà voici même non oui dès "
        "afin bien celui celle ceux celles dont deux trois face outre contre jusqu' quant"
    ),
    particles=_words("le la les l' de du des d'"),
)

ENGLISH = StopWords(
    titles=_words(
        "Mr Mrs Ms Messrs Dr Prof St Gen Col Capt Lt Sgt Cpl Adm Maj Gov Sen Rep Rev Hon Pres "
        "Mt Ft vs e.g i.e cf approx"
    ),
    numbered=_words(
        "p pp vol art ch chap fig no nos sec eq tel ref jan feb mar apr jun jul aug sep sept "
        "oct nov dec"
    ),
    named=_words("a.m p.m inc ltd corp co jr sr al ave blvd dept univ bros est ed eds"),
    openers=_words(
        "i he she it they we you the a an this that these those his her its their my our your "
        "in on at by for with from to of as but and or so yet if when while after before "
        "since because although though however there here who what where which why how no "
        "not one two all many most some several both each every then now today yesterday "
        "tomorrow meanwhile during under until once only even nor over"
    ),
    particles=frozenset(),
)

EVERY = FRENCH | ENGLISH
