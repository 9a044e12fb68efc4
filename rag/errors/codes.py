"""Everything that may be wrong with a file, a change of the folder or a build, by name.

A code goes into indexes and into JSON: it is never given another meaning, nor taken away.
"""

from __future__ import annotations

import enum


class Code(enum.StrEnum):
    """What is wrong; the fields of each are those that its sentences name."""

    # What was said before there were codes, and what only errors of other kinds say.
    OTHER = "other"

    # A file before it is read.
    NOT_REGULAR = "not_regular"
    NOT_LISTED = "not_listed"
    NOT_READ = "not_read"
    READER_FAILED = "reader_failed"
    NAME_NOT_UTF_8 = "name_not_utf_8"
    CHANGED_MEANWHILE = "changed_meanwhile"
    SEVERAL_ARTICLES = "several_articles"
    TOO_LARGE = "too_large"
    EMPTY = "empty"

    # Articles of any format.
    NO_WORDS = "no_words"
    NAME_TWICE = "name_twice"
    DATE_TO_COME = "date_to_come"
    MANY_BROKEN = "many_broken"

    # Text and its encoding.
    BINARY = "binary"
    ENCODING_UNKNOWN = "encoding_unknown"
    ENCODING_ENDS = "encoding_ends"
    NOT_UTF_8 = "not_utf_8"
    STRAY_BYTES = "stray_bytes"
    FRONT_MATTER = "front_matter"

    # Pages, Word, OpenDocument, RTF, PDF.
    PAGE_WITHOUT_ARTICLE = "page_without_article"
    PAGE_OF_LINKS = "page_of_links"
    PAGE_NOT_SAVED = "page_not_saved"
    WORD_DAMAGED = "word_damaged"
    WORD_ENCRYPTED = "word_encrypted"
    WORD_UNPACKS_TOO_LARGE = "word_unpacks_too_large"
    OPEN_DOCUMENT_DAMAGED = "open_document_damaged"
    OPEN_DOCUMENT_ENCRYPTED = "open_document_encrypted"
    RTF_DAMAGED = "rtf_damaged"
    RTF_CUT_SHORT = "rtf_cut_short"
    PDF_DAMAGED = "pdf_damaged"
    PDF_ENCRYPTED = "pdf_encrypted"
    PDF_PAGE_DAMAGED = "pdf_page_damaged"
    PDF_WITHOUT_TEXT = "pdf_without_text"
    PDF_PAGES_NEED_TESSERACT = "pdf_pages_need_tesseract"
    PDF_PAGES_NOT_WANTED = "pdf_pages_not_wanted"
    PDF_PAGES_NOT_RECOGNISED = "pdf_pages_not_recognised"

    # Pictures.
    NO_TESSERACT = "no_tesseract"
    PICTURES_NOT_WANTED = "pictures_not_wanted"
    PICTURE_DAMAGED = "picture_damaged"
    PICTURE_WITHOUT_WORDS = "picture_without_words"
    RECOGNISING_TOO_LONG = "recognising_too_long"

    # EPUB.
    BOOK_DAMAGED = "book_damaged"
    BOOK_ENCRYPTED = "book_encrypted"
    BOOK_UNPACKS_TOO_LARGE = "book_unpacks_too_large"
    BOOK_NAMES_NO_CONTENTS = "book_names_no_contents"
    BOOK_PART_DAMAGED = "book_part_damaged"
    BOOK_PART_MISSING = "book_part_missing"
    BOOK_PART_NOT_UNPACKED = "book_part_not_unpacked"
    BOOK_PART_TOO_LARGE = "book_part_too_large"
    BOOK_WITHOUT_WORDS = "book_without_words"
    TOO_MANY_CHAPTERS = "too_many_chapters"

    # Archives.
    ARCHIVE_DAMAGED = "archive_damaged"
    ARCHIVE_WITHOUT_ARTICLE = "archive_without_article"
    ARCHIVE_UNPACKS_TOO_LARGE = "archive_unpacks_too_large"
    ARCHIVES_TOO_DEEP = "archives_too_deep"
    TOO_MANY_FILES = "too_many_files"
    MEMBER_TWICE = "member_twice"
    MEMBER_LEADS_OUTSIDE = "member_leads_outside"
    MEMBER_IS_LINK = "member_is_link"
    MEMBER_ENCRYPTED = "member_encrypted"
    MEMBER_NOT_UNPACKED = "member_not_unpacked"
    MEMBER_UNPACKS_TOO_FAR = "member_unpacks_too_far"

    # Mails and feeds.
    NO_MAIL = "no_mail"
    MAIL_ENCRYPTED = "mail_encrypted"
    ATTACHED_UNREADABLY = "attached_unreadably"
    NO_FEED = "no_feed"
    FEED_WITHOUT_ENTRIES = "feed_without_entries"
    TOO_MANY_ENTRIES = "too_many_entries"

    # Subtitles and transcripts.
    TRANSCRIPT_WITHOUT_CUES = "transcript_without_cues"

    # JSON, JSON lines and tables.
    NOT_JSON = "not_json"
    LINE_NOT_JSON = "line_not_json"
    LINE_NO_OBJECT = "line_no_object"
    LINE_TOO_LARGE = "line_too_large"
    NO_TABLE = "no_table"
    QUOTE_NOT_CLOSED = "quote_not_closed"
    TOO_MANY_FIELDS = "too_many_fields"
    NO_COLUMNS = "no_columns"
    NO_TEXT_COLUMN = "no_text_column"
    NO_FIELDS = "no_fields"
    NO_TEXT_FIELD = "no_text_field"
    TEXT_TOO_LONG = "text_too_long"
    NO_RECORDS = "no_records"
    TOO_MANY_RECORDS = "too_many_records"

    # Files that are brought, removed and brought back.
    NAME_MISSING = "name_missing"
    NAME_IS_PATH = "name_is_path"
    NAME_HIDDEN = "name_hidden"
    NAME_NOT_SHOWN = "name_not_shown"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"
    NO_FORMAT = "no_format"
    ENDINGS_NOT_READ = "endings_not_read"
    NOT_STORED = "not_stored"
    IS_PART = "is_part"
    NOT_IN_FOLDER = "not_in_folder"
    NOT_IN_TRASH = "not_in_trash"
    PLACE_TAKEN = "place_taken"
    NOT_MOVED_TO_TRASH = "not_moved_to_trash"
    NOT_MOVED_BACK = "not_moved_back"

    # The folder and the index.
    NO_FOLDER = "no_folder"
    FOLDER_NOT_READ = "folder_not_read"
    FOLDER_EMPTIED = "folder_emptied"
    FOLDER_NOT_WATCHED = "folder_not_watched"
    INDEX_NOT_WRITTEN = "index_not_written"
    INDEX_FOLDER_NOT_WRITTEN = "index_folder_not_written"
    INDEX_NOT_REBUILT = "index_not_rebuilt"
