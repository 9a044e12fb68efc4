"""What the names of a page's elements, and the words of its parts, say of what they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ROLES = {
    **dict.fromkeys(
        ("navigation", "menu", "menubar", "tablist", "toolbar", "search"),
        LeftOutKind.NAVIGATION,
    ),
    "contentinfo": LeftOutKind.FOOTER,
    "banner": LeftOutKind.HEADER,
    **dict.fromkeys(("dialog", "alertdialog", "alert"), LeftOutKind.NOTICE),
}
_TAGS = {
    **dict.fromkeys(("nav", "menu", "search"), LeftOutKind.NAVIGATION),
    "footer": LeftOutKind.FOOTER,
    "dialog": LeftOutKind.NOTICE,
    "form": LeftOutKind.NOTICE,
    **dict.fromkeys(
        ("button", "select", "option", "optgroup", "textarea"), LeftOutKind.NAVIGATION
    ),
}
# Elements that hold words and not parts of a page: their names are not believed.
_WORDS = frozenset(
    "p h1 h2 h3 h4 h5 h6 li dt dd blockquote article main body html tr td".split()
)


def _names(*parts: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{'|'.join(parts)})(?=$|[\s_-])")


# In the order they are tried. Class and id are in lower case, camels with hyphens.
_CLASSES: tuple[tuple[re.Pattern[str], LeftOutKind], ...] = (
    (
        _names(
            *("cookies?", "consent", "gdpr", "rgpd", "didomi", "onetrust", "axeptio", "popin"),
            *("popup", "pop-up", "modale?", "overlay", "newsletters?", "paywall", "piano"),
            *("subscri[a-z]*", "abonn[a-z]*", "sign-?up", "log-?in", "inscription"),
            *("register", "infolettre", "restricted", "premium-wall", "offres?", "cta"),
        ),
        LeftOutKind.NOTICE,
    ),
    (
        _names(
            *("comments?", "commentaires?", "disqus", "reactions?", "forum", "comments?-list"),
            *("comments?-area", "coral", "viafoura"),
        ),
        LeftOutKind.OTHER,
    ),
    (
        _names(
            *("ads?", "adverts?", "advertis[a-z]*", "pub", "publicites?", "sponsor[a-z]*"),
            *("dfp", "gpt", "teads", "native-ad", "ad-?slot", "ad-?container", "promo[a-z]*"),
            *("affiliat[a-z]*", "partenaires?"),
        ),
        LeftOutKind.ADVERTISEMENT,
    ),
    (
        _names(
            *("nav", "navbar", "navigation", "menus?", "breadcrumbs?", "fil-d-?ariane"),
            *("ariane", "share", "sharing", "partag[a-z]*", "social", "socials", "pagination"),
            *(
                "pager",
                "toolbar",
                "tools",
                "outils",
                "tags?",
                "tag-?list",
                "topics?",
                "themes?",
            ),
            *("keywords", "mots-cles", "sommaire", "toc", "skip-?links?", "actions?"),
            *("related[a-z]*", "recommend[a-z]*", "recommand[a-z]*", "outbrain", "taboola"),
            *("read-?(?:also|more|next)", "lire-?(?:aussi|plus)", "a-lire(?:-aussi)?"),
            *("most-?(?:read|popular|viewed)", "plus-lus", "trending", "tendances?"),
            *("more-?(?:from|stories|news|on)", "see-?also", "voir-?aussi", "a-voir"),
            *(
                "(?:sur-le-)?meme-(?:sujet|theme)",
                "recirc[a-z]*",
                "suggest[a-z]*",
            ),
            *("teasers", "teaser-list", "further-reading", "next-articles?", "follow"),
            *("playlist", "carousel-nav", "liens?", "links", "dossier-links", "also"),
            "rich-?links?",
        ),
        LeftOutKind.NAVIGATION,
    ),
    (_names("footer", "colophon", "mentions", "copyright", "legal"), LeftOutKind.FOOTER),
    (
        _names(
            *(
                "by-?lines?",
                "authors?[a-z]*",
                "auteurs?[a-z]*",
                "meta",
                "metadata",
                "dates?",
                "signature",
            ),
            *("published", "publication", "publish[a-z]*", "timestamp", "reading-time"),
            *("kicker", "surtitre", "overline", "rubrique", "labels?", "badges?", "credits?"),
            *("masthead", "site-header", "header-site", "live-time", "time", "heure"),
        ),
        LeftOutKind.HEADER,
    ),
)
# Where class names are made by programs, others tell: the Guardian's, the BBC's.
_NAMING = ("class", "id", "data-gu-name", "data-component")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PARTS: tuple[tuple[re.Pattern[str], PlaceKind], ...] = (
    (
        _names(
            *("chapo", "chapeau", "standfirst", "leads?", "lede", "intro", "introduction"),
            *("deck", "dek", "teaser", "sous-?titre", "sub-?title", "sub-?head", "summary"),
            *("resume", "abstract", "description", "desc", "excerpt", "accroche", "strapline"),
            *("sub-?headline", "headline-?sub", "standfirst-text", "preamble"),
        ),
        PlaceKind.STANDFIRST,
    ),
    (
        _names("pull-?quotes?", "exergues?", "citation-exergue", "quote-?pull", "highlight"),
        PlaceKind.PULL_QUOTE,
    ),
    (_names("q", "questions?"), PlaceKind.QUESTION),
    (
        _names(
            *("boxe?", "encadres?", "encart", "infobox", "reperes?", "fact-?box", "facts"),
            *("sidebar", "sidebar-facts", "key-?points?", "essentiel", "chiffres?"),
        ),
        PlaceKind.BOX,
    ),
    (
        _names(
            *("foot-?notes?", "notes?", "corrections?", "erratum", "errata", "rectificatif"),
            *("correctif", "note-de-bas-de-page", "editors-?note", "precision"),
        ),
        PlaceKind.NOTE,
    ),
    (
        _names("captions?", "legendes?", "fig-?caption", "wp-caption-text", "photo-credit"),
        PlaceKind.CAPTION,
    ),
)

# What a page says around an article, when it is a whole block of few words.
_SAYS: tuple[tuple[re.Pattern[str], LeftOutKind, int], ...] = (
    (
        re.compile(
            r"(?:publicité|advertisement|annonce|sponsorisé|contenu sponsorisé|anzeige"
            r"|la suite après (?:cette|la) publicité|article continues below)\W*$",
            re.I,
        ),
        LeftOutKind.ADVERTISEMENT,
        60,
    ),
    (
        re.compile(
            r"il (?:vous )?reste \d.{0,12}%.{0,20} de (?:cet|l['’])\s?article"
            r"|(?:la suite|l['’]intégralité|le reste|cet? (?:article|contenu)|l['’]article)"
            r"(?: de (?:cet|l['’]) ?article)? (?:est|n['’]est) .{0,30}"
            r"(?:réservée?|accessible|disponible).{0,30}"
            r"(?:abonné|abonnement|inscrit|membres|payant)"
            r"|(?:article|contenu) (?:réservé|exclusif|payant).{0,30}abonné"
            r"|pour (?:lire|continuer|accéder|poursuivre|profiter).{0,80}"
            r"(?:abonnez|connectez|inscrivez|identifiez|créez)"
            r"|(?:lisez|lire|accédez|continuez|poursuivez|débloquez).{0,80}"
            r"(?:abonnez-vous|en vous abonnant|illimité|accès abonné)"
            r"|(?:abonnez|inscrivez|connectez|identifiez)-vous\b"
            r"|vous êtes (?:déjà )?abonné|votre abonnement n['’]autorise"
            r"|vous n['’]êtes pas (?:encore )?(?:abonné|inscrit|connecté)"
            r"|(?:subscribe|sign in|log in|register) (?:now|to|for|today)\b"
            r"|already (?:a )?(?:subscribe|member|registered)"
            r"|this (?:article|content) is (?:for|reserved|only|available)"
            r"|to (?:continue|keep) reading|create (?:a|your) (?:free )?account|start your free"
            r"|become a (?:subscriber|member)",
            re.I,
        ),
        LeftOutKind.NOTICE,
        280,
    ),
    (
        re.compile(
            r"je m['’]abonne|s['’](?:abonner|inscrire|identifier)|(?:se|me) connecter"
            r"|déjà (?:abonné|inscrit|client|membre|un compte)|créez (?:votre|un) compte"
            r"|sans engagement|essai (?:gratuit|offert)|(?:découvrir|voir) (?:nos|les) offres"
            r"|offre (?:spéciale|d['’]essai|sans engagement|numérique)"
            r"|accès (?:abonné|illimité)"
            r"|(?:à partir de )?\d.{0,12}(?:€|euros?|chf|francs?|\$).{0,40}"
            r"(?:mois|semaine|an)\b"
            r"|(?:réservé aux )?abonnés?\W*$|premium\W*$|sign (?:in|up)\b|log ?in\b",
            re.I,
        ),
        LeftOutKind.NOTICE,
        70,
    ),
    (
        re.compile(
            r"(?:recevez|reçois|retrouvez|recevoir|découvrez).{0,60}"
            r"(?:newsletter|infolettre|lettre d['’]info"
            r"|boîte (?:mail|de réception|aux lettres))"
            r"|(?:votre |adresse )(?:adresse )?e-?mail\b.{0,160}$|newsletters?\W*$"
            r"|(?:nous utilisons|ce site utilise|notre site utilise|en poursuivant).{0,80}"
            r"(?:cookie|navigation|traceur)|(?:tout )?(?:accepter|refuser)\b.{0,30}$"
            r"|gérer (?:mes|les|vos) (?:cookies|préférences|choix)|we use cookies"
            r"|(?:accept|reject|manage) (?:all|cookies)",
            re.I,
        ),
        LeftOutKind.NOTICE,
        240,
    ),
    (
        re.compile(
            r"(?:partager|partagez|partage|imprimer|envoyer|commenter|commentaires?|réagir"
            r"|copier le lien|enregistrer|sauvegarder|ajouter à|offrir|écouter|suivre|suivez"
            r"|signaler|haut de page|retour|fermer|menu|accueil|rechercher|voir (?:plus|tout)"
            r"|afficher (?:plus|les)|lire (?:la suite|plus|dans l['’]app)|facebook|twitter|x"
            r"|whatsapp|linkedin|e-?mail|share|print|save|copy link|close|back to top|follow"
            r"|listen|read more|show more|comments?|skip to)\b.{0,30}$",
            re.I,
        ),
        LeftOutKind.NAVIGATION,
        45,
    ),
    (
        re.compile(
            r"(?:(?:temps de )?lecture\s?:?\s?\d+|\d+ min(?:utes?|\.)?(?: de lecture)?\W*$"
            r"|\d+ min read)",
            re.I,
        ),
        LeftOutKind.HEADER,
        40,
    ),
    (
        re.compile(r"(?:©|\(c\)|copyright\b|tous droits (?:de reproduction )?réservés)", re.I),
        LeftOutKind.FOOTER,
        300,
    ),
)
READ_ALSO = re.compile(
    r"[^\w«“\"]*(?:à (?:re)?(?:lire|voir|écouter)(?: aussi| également)?|(?:re)?(?:lire|voir)"
    r" (?:aussi|également)|lisez aussi|(?:sur|dans) le même (?:sujet|thème)|articles? (?:liés?|"
    r"associés?|connexes?|similaires?)|(?:nos|pour) (?:autres articles|aller plus loin)"
    r"|en lien avec|plus d['’](?:articles|infos|actualités?)|les plus lus|"
    r"(?:vous aimerez|contenus?) (?:aussi|associés?|recommandés?)|notre sélection"
    r"|recommandé pour vous|dans la même rubrique|read (?:also|more|next)|see also"
    r"|related(?: (?:articles?|stories|content|topics))?|more (?:on|from)"
    r"|recommended(?: for you)?|most (?:read|popular)|you may also like)"
    r"(?=\s*(?:$|[:|•·»>–—-]|[A-ZÀ-Ý«“\"\n]))",
    re.I,
)
_LOOSE = re.compile(
    r"\b(?:inscri(?:vez|re|ption)|abonn|newsletter|infolettre|lettre|partage[rz]|suivez"
    r"|cookies?|subscribe|sign up|share|follow|connect(?:ez|er)|publicité|compte)",
    re.I,
)
_DATED = re.compile(
    r"(?:publi[ée]e?s?|mise? à jour|modifiée?|postée?|créée?|published|updated|posted|le|par|by"
    r"|il y a|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|\d{1,2}(?:er)?[\s./-])",
    re.I,
)
_ENDS = re.compile(r"[.!?…:;]['’\"”»)\]\s\u00a0\u202f]*$")


def named(element: HtmlElement) -> str:
    """What an element is called by its page, in lower case, camels with hyphens."""
    attributes = element.attrib
    words = " ".join(attributes.get(name, "") for name in _NAMING).strip()
    return _CAMEL.sub("-", words).lower() if len(words) > 1 else ""


class Regions:
    """Tells elements of one page by their names; what a name says is found once."""

    def __init__(self) -> None:
        self._regions: dict[str, LeftOutKind | None] = {}
        self._parts: dict[str, PlaceKind | None] = {}

    def region(self, element: HtmlElement) -> LeftOutKind | None:
        """What an element says that it is, where that is no part of an article."""
        tag = element.tag
        kind = _TAGS.get(tag) or _ROLES.get(element.get("role", ""))
        if kind is not None or tag in _WORDS:
            return kind
        return self.class_region(element)

    def class_region(self, element: HtmlElement) -> LeftOutKind | None:
        """What an element's class or id says that it is; it may be said of anything."""
        name = named(element)
        if not name:
            return None
        if name not in self._regions:
            self._regions[name] = next(
                (kind for pattern, kind in _CLASSES if pattern.search(name)), None
            )
        return self._regions[name]

    def part(self, element: HtmlElement) -> PlaceKind | None:
        """What part of an article an element says that it is."""
        if element.tag == "figure":
            return PlaceKind.CAPTION
        if element.tag == "aside":
            return PlaceKind.BOX
        name = f"{named(element)} {element.get('itemprop', '').lower()}"
        if name not in self._parts:
            self._parts[name] = next(
                (kind for pattern, kind in _PARTS if pattern.search(name)), None
            )
        return self._parts[name]


def said_around(text: str) -> LeftOutKind | None:
    """What the words of a whole block say that it is, where that is no part of an article."""
    words = text.strip(" \u00a0\n>»«•–—-|*")
    for pattern, kind, most in _SAYS:
        if len(words) <= most and pattern.match(words):
            # « Partager, c’est vivre. » is said by somebody.
            return None if kind is LeftOutKind.NAVIGATION and is_sentence(words) else kind
    return None


def is_loosely_around(text: str) -> bool:
    """Whether words agree with a name that says: a notice, a button."""
    return len(text) <= 240 and _LOOSE.search(text) is not None


def is_dated_line(text: str) -> bool:
    """Whether a short line looks like one of author and date."""
    return len(text) <= 120 and (_DATED.match(text) is not None or not is_sentence(text))


def is_sentence(text: str) -> bool:
    """Whether words end as a sentence does."""
    return _ENDS.search(text) is not None


def is_prose(text: str) -> bool:
    """Whether words look like a paragraph of an article."""
    return len(text) >= 40 and (is_sentence(text) or len(text) >= 160)
