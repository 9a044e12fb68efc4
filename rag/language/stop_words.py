"""Words that say what is asked or how, not what it is about; French and English."""

from __future__ import annotations

FRENCH = """
    à a ai aie ait aient ais as au aux avec avoir ayant ayons ayez auras aurai aura aurait
    auraient auront avait avais avaient avions aviez avons avez eu eue eus eut ont
    être es est et été étée étant étais était étaient étions étiez êtes êtres sera serai seras
    serait seraient seront serons sois soit soient sommes sont suis fus fut furent fût
    ce ceci cela cet cette ces c ça ci d de des du dans en sur sous par pour sans vers chez
    entre contre depuis pendant durant avant après devant parmi selon sauf via jusque jusqu
    malgré
    je tu il elle on nous vous ils elles j t m me te se s moi toi lui leur eux y
    mon ma mes ton ta tes son sa ses notre nos votre vos leurs
    le la les l un une et ou où ni mais or donc car si que qu qui quoi dont quand lorsque
    puisque quoique comme comment pourquoi combien parce afin ainsi alors aussi autre autres
    quel quelle quels quelles lequel laquelle lesquels lesquelles
    ne n pas plus point jamais rien aucun aucune non oui
    même mêmes tel telle tels telles tout toute tous toutes tant trop très peu assez bien
    beaucoup moins mieux plutôt encore enfin environ toujours souvent parfois presque surtout
    juste seulement cependant tandis sinon puis ici là voici voilà ailleurs aujourd hui
    certain certaine certains certaines chaque plusieurs quelque quelques celui celle ceux
    celles est-ce a-t-il etc début fait faire fais font faite fois peut peuvent dit dire sait
"""
ENGLISH = """
    a about after all also am an and any are as at be because been before being between both
    but by can could did do does doing done down during each either few for from further had
    has have having he her here hers herself him himself his how i if in into is it its itself
    just known many may me might more most much must my neither no nor not now of off on once
    only or other our ours out over own s same shall she should so some such t than that the
    their theirs them themselves then there these they this those through to too under until up
    us very was we were what when where which while who whom whose why will with would you your
"""
