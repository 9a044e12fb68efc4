"""Problems in English: what goes on after the name of the file, then what to do."""

from __future__ import annotations

from collections.abc import Mapping

from rag.errors.codes import Code

SENTENCES: Mapping[Code, str] = {
    Code.OTHER: "{reason}",
    Code.NOT_REGULAR: "is not a regular file; move it elsewhere",
    Code.NOT_LISTED: "folder cannot be listed: {detail}",
    Code.NOT_READ: "cannot be read: {detail}",
    Code.READER_FAILED: "cannot be read ({kind}); save it in another way",
    Code.NAME_NOT_UTF_8: "has a name that is not in UTF-8; rename it",
    Code.CHANGED_MEANWHILE: "changed while it was read; build again when it is whole",
    Code.SEVERAL_ARTICLES: "may hold several articles; read it with read_articles",
    Code.TOO_LARGE: "has {size} bytes, at most {most} are read; split it, or raise the "
    "setting {setting}",
    Code.EMPTY: "is empty; delete it, or save the article again",
    Code.NO_WORDS: "holds no words; delete it, or save the article again",
    Code.NAME_TWICE: "another article has this name; rename one of the two",
    Code.DATE_TO_COME: "its date, {date}, is a day to come: the article is kept without; "
    "correct it",
    Code.MANY_BROKEN: "holds {count} more articles that cannot be read as the {before} "
    "before; correct them",
    Code.BINARY: "is binary, not text; give it the ending of its format, or move it elsewhere",
    Code.ENCODING_UNKNOWN: "is in no encoding that fits; save it again as UTF-8",
    Code.ENCODING_ENDS: "begins like {encoding} but is not at byte {place}; save it again "
    "as UTF-8",
    Code.NOT_UTF_8: "is not UTF-8 at byte {place} and in no other encoding that fits; save "
    "it again as UTF-8",
    Code.STRAY_BYTES: "is not in UTF-8 everywhere: {count} bytes, the first in line {line}, "
    "were read as Windows writes them; check them, and save it again as UTF-8",
    Code.FRONT_MATTER: "has front matter that is not YAML ({detail}); correct it",
    Code.PAGE_WITHOUT_ARTICLE: "is a page without an article in it; check that it was saved "
    "whole",
    Code.PAGE_OF_LINKS: "is a page of {count} links to articles and holds none of them; save "
    "the articles themselves",
    Code.PAGE_NOT_SAVED: "is damaged or no saved page; save the page again as .html",
    Code.WORD_DAMAGED: "is damaged or no Word file; save it again as .docx",
    Code.WORD_ENCRYPTED: "is encrypted or in Word's old format; save it as .docx without a "
    "password",
    Code.WORD_UNPACKS_TOO_LARGE: "unpacks to {size} bytes, which is too much; split it, or "
    "raise the settings max_file_bytes and max_container_bytes",
    Code.OPEN_DOCUMENT_DAMAGED: "is damaged or no OpenDocument text; save it again as .odt",
    Code.OPEN_DOCUMENT_ENCRYPTED: "is encrypted; save it as .odt without a password",
    Code.RTF_DAMAGED: "is damaged or no RTF file; save it again as .rtf",
    Code.RTF_CUT_SHORT: "ends before it should: what is there is read; save it again whole",
    Code.PDF_DAMAGED: "is damaged or no PDF file; save it again",
    Code.PDF_ENCRYPTED: "is encrypted; save it again without a password",
    Code.PDF_PAGE_DAMAGED: "is damaged at page {page}; save it again",
    Code.PDF_WITHOUT_TEXT: "is a PDF without text, only pictures; have its text recognised "
    "(OCR) and save it again",
    Code.PDF_PAGES_NEED_TESSERACT: "{count} of {total} pages hold only pictures ({which}) and "
    "are not read; install Tesseract with French (on Debian: apt install tesseract-ocr "
    "tesseract-ocr-fra) and build again",
    Code.PDF_PAGES_NOT_WANTED: "{count} of {total} pages hold only pictures ({which}) and are "
    "not read; set ocr to 'auto' to have their words recognised",
    Code.PDF_PAGES_NOT_RECOGNISED: "{count} of {total} pages hold only pictures ({which}) "
    "whose words could not be recognised in time; split the file",
    Code.NO_TESSERACT: "is a picture; to have its words recognised, install Tesseract with "
    "French (on Debian: apt install tesseract-ocr tesseract-ocr-fra) and build again",
    Code.PICTURES_NOT_WANTED: "is a picture; set ocr to 'auto' to have its words recognised",
    Code.PICTURE_DAMAGED: "is damaged or no picture; save it again",
    Code.PICTURE_WITHOUT_WORDS: "is a picture in which no words were recognised",
    Code.RECOGNISING_TOO_LONG: "is a picture whose words could not be recognised in time; "
    "make it smaller",
    Code.BOOK_DAMAGED: "is damaged or no EPUB file; get it again",
    Code.BOOK_ENCRYPTED: "is encrypted (DRM); get it without",
    Code.BOOK_UNPACKS_TOO_LARGE: "unpacks to {size} bytes, at most {most} are read; raise "
    "the setting max_container_bytes",
    Code.BOOK_NAMES_NO_CONTENTS: "is damaged: it names no contents; get it again",
    Code.BOOK_PART_DAMAGED: "is damaged in {path}; get it again",
    Code.BOOK_PART_MISSING: "is damaged: {path} is not in it; get it again",
    Code.BOOK_PART_NOT_UNPACKED: "cannot be unpacked ({kind}); get the file again",
    Code.BOOK_PART_TOO_LARGE: "has {size} bytes, at most {most} are read; raise the setting "
    "max_file_bytes",
    Code.BOOK_WITHOUT_WORDS: "holds no words, only pictures; delete it",
    Code.TOO_MANY_CHAPTERS: "holds {count} chapters, at most {most} are read; raise the "
    "setting max_container_members",
    Code.ARCHIVE_DAMAGED: "is damaged or no zip file; pack it again",
    Code.ARCHIVE_WITHOUT_ARTICLE: "holds no article in a format that is read; unpack and "
    "convert",
    Code.ARCHIVE_UNPACKS_TOO_LARGE: "unpacks to {size} bytes, at most {most} are read; split "
    "it, or raise the setting max_container_bytes",
    Code.ARCHIVES_TOO_DEEP: "lies in more than {most} archives; unpack it, or raise the "
    "setting max_zip_depth",
    Code.TOO_MANY_FILES: "holds {count} files, at most {most} are read; split it, or raise "
    "the setting max_container_members",
    Code.MEMBER_TWICE: "is in the archive twice; rename one of the two",
    Code.MEMBER_LEADS_OUTSIDE: "points outside the archive; pack it again without such names",
    Code.MEMBER_IS_LINK: "is a link; pack the file itself",
    Code.MEMBER_ENCRYPTED: "is encrypted; unpack it and put its files here",
    Code.MEMBER_NOT_UNPACKED: "cannot be unpacked ({kind}); pack the archive again",
    Code.MEMBER_UNPACKS_TOO_FAR: "unpacks to {times} times its size, at most {most} times is "
    "read; unpack it, or raise the setting max_zip_ratio",
    Code.NO_MAIL: "is no mail: it names no sender, subject or date; save it again",
    Code.MAIL_ENCRYPTED: "is encrypted; save it decrypted",
    Code.ATTACHED_UNREADABLY: "is attached in a way that cannot be read; save it by itself",
    Code.NO_FEED: "is XML but no RSS or Atom feed; move it elsewhere",
    Code.FEED_WITHOUT_ENTRIES: "is a feed without entries; save it again",
    Code.TOO_MANY_ENTRIES: "holds {count} entries, the first {most} are read; split it, or "
    "raise the setting max_container_members",
    Code.TRANSCRIPT_WITHOUT_CUES: "holds no subtitles: no line tells a time such as "
    "00:00:01,000 --> 00:00:04,000; save it again",
    Code.NOT_JSON: "is not JSON in UTF-8 ({detail}); save it again",
    Code.LINE_NOT_JSON: "is not JSON in UTF-8; correct it",
    Code.LINE_NO_OBJECT: "is no JSON object; expected one with a title and a text",
    Code.LINE_TOO_LARGE: "has more than {most} bytes; split it, or raise the setting "
    "max_file_bytes",
    Code.NO_TABLE: "is no table at line {line} ({detail}); check its quotation marks",
    Code.QUOTE_NOT_CLOSED: "a quotation mark is not closed in line {line}: the rows after it "
    "are read as they stand; close it",
    Code.TOO_MANY_FIELDS: "line {line} has {count} fields, the first line names {expected}: "
    "those that are too many are taken for one text; put it in quotation marks",
    Code.NO_COLUMNS: "has no column for the text: its first line names nothing; call one "
    '"text", or name it with the setting field_names',
    Code.NO_TEXT_COLUMN: "has no column for the text: its first line names {found}; call one "
    '"text", or name it with the setting field_names',
    Code.NO_FIELDS: 'has no text, only nothing; call the field "text", or name it with the '
    "setting field_names",
    Code.NO_TEXT_FIELD: 'has no text, only {found}; call the field "text", or name it with '
    "the setting field_names",
    Code.TEXT_TOO_LONG: "has {size} characters, at most {most} are read; split it, or raise "
    "the setting max_file_bytes",
    Code.NO_RECORDS: "holds no article; expected objects with a title and a text",
    Code.TOO_MANY_RECORDS: "holds more than {most} articles, the rest is not read; split it, "
    "or raise the setting max_container_members",
    Code.NAME_MISSING: "has no name; give it one",
    Code.NAME_IS_PATH: "has a path in its name; bring it by its name alone",
    Code.NAME_HIDDEN: "is hidden by its name; rename it without the first point",
    Code.NAME_NOT_SHOWN: "has a name that cannot be shown; rename it",
    Code.NAME_TOO_LONG: "has a name of more than {most} bytes; shorten it",
    Code.NAME_TAKEN: "has the name of something here that is no file; rename it",
    Code.NO_FORMAT: "is in no format that is read; there are {formats}",
    Code.ENDINGS_NOT_READ: "holds {count} files in no format that is read: {endings}; save "
    "them in another, or leave them",
    Code.NOT_STORED: "cannot be stored ({detail}); make room or give permission",
    Code.IS_PART: "is a part of {file} and cannot be removed alone",
    Code.NOT_IN_FOLDER: "is no longer in the folder of articles",
    Code.NOT_IN_TRASH: "is no longer in the trash",
    Code.PLACE_TAKEN: "cannot come back: another file is in its place",
    Code.NOT_MOVED_TO_TRASH: "cannot be moved to the trash: {detail}",
    Code.NOT_MOVED_BACK: "cannot be moved back: {detail}",
    Code.NO_FOLDER: "there is no folder {folder}; make it and put articles there, or name "
    "another with --articles",
    Code.FOLDER_NOT_READ: "the folder {folder} cannot be read: {detail}; nothing was changed, "
    "see that it can be read and build again",
    Code.FOLDER_EMPTIED: "the folder {folder} is empty, and the index holds {count} articles: "
    "they are kept, as a disk may be missing; if they are to go, run 'rag build'",
    Code.FOLDER_NOT_WATCHED: "the folder could not be watched ({kind})",
    Code.INDEX_NOT_WRITTEN: "the index in {folder} cannot be written ({detail}); make room "
    "or give write permission, then build again; what was embedded is kept",
    Code.INDEX_FOLDER_NOT_WRITTEN: "the index folder {folder} cannot be written ({detail}); "
    "give write permission there, or name another with --index",
    Code.INDEX_NOT_REBUILT: "the index could not be rebuilt ({kind})",
}
