"""Files of every format, good and bad: what is read, what they tell, what is refused."""

from __future__ import annotations

from tests.ingest.format_cases.archives import ARCHIVES
from tests.ingest.format_cases.books_and_mails import BOOKS_AND_MAILS
from tests.ingest.format_cases.documents import DOCUMENTS
from tests.ingest.format_cases.lists import LISTS
from tests.ingest.format_cases.pages import PAGES

CASES = [*PAGES, *DOCUMENTS, *BOOKS_AND_MAILS, *LISTS, *ARCHIVES]
