"""What may be wrong with a file or a build: a code, its fields, a sentence a language.

To add one: a line in ``codes``, and a sentence in each of ``english`` and ``french``.
"""

from rag.problems.codes import Code
from rag.problems.problem import SENTENCES, Field, Problem

__all__ = ["SENTENCES", "Code", "Field", "Problem"]
