"""Charsets, transfer encodings and languages: plain letters whose bytes are not what they say."""

from tests.intake.corpus.written import ASEL, PNG, Case, body, file, head, multi, plain, qp, word

PASSWORD = "Не могу войти в дневник сына, пароль не подходит."
JOURNAL_KK = "Құрметті мамандар! Журнал кешеден бері ашылмайды, 7 «Ә» сыныбының бағаларын қоя алмай отырмын."
DIARY_KK = "Күнделікке кіре алмай жатырмыз, құпиясөз келмейді."
LIST_KK = "Оқушылар тізімін түзету керек, өтінемін көмектесіңіз."

# ── windows-1251 that is kz1048 ─────────────────────────────────────────────────────────────────────────────────────


def kz(ident: str, text: str, declared: str, how: str = "8bit", subject: str = "Журнал") -> bytes:
    """Kazakh in one byte a letter, under another name."""
    named = word(subject, "kz1048").replace("kz1048", declared)
    return head(ident, named) + body(text.encode("kz1048"), f"text/plain; charset={declared}", how)


KZ1048 = [
    Case("kz_as_1251", kz("kz1", JOURNAL_KK, "windows-1251"), text=JOURNAL_KK, subject="Журнал", language="kk"),
    Case(
        "kz_as_1251_qp",
        kz("kz2", DIARY_KK, "windows-1251", "quoted-printable", "Күнделік ашылмайды"),
        text=DIARY_KK,
        subject="Күнделік ашылмайды",
        language="kk",
    ),
    Case("kz_as_1251_b64", kz("kz3", LIST_KK, "windows-1251", "base64"), text=LIST_KK, subject="Журнал", language="kk"),
    Case("kz_as_cp1251", kz("kz4", LIST_KK, "CP1251"), text=LIST_KK, subject="Журнал", language="kk"),
    Case("kz_as_itself", kz("kz5", DIARY_KK, "kz-1048"), text=DIARY_KK, subject="Журнал", language="kk"),
    Case("kz_by_another_name", kz("kz6", DIARY_KK, "strk1048-2002"), text=DIARY_KK, subject="Журнал", language="kk"),
    Case(
        "kz_undeclared",
        head("kz7", "Журнал".encode("kz1048")) + b"\r\n" + JOURNAL_KK.encode("kz1048") + b"\r\n",
        text=JOURNAL_KK,
        subject="Журнал",
        language="kk",
    ),
]

# ── koi8-r ──────────────────────────────────────────────────────────────────────────────────────────────────────────

KOI8 = [
    Case(
        "koi_declared",
        plain("koi1", PASSWORD, "koi8-r", subject=word("Пароль", "koi8-r")),
        text=PASSWORD,
        subject="Пароль",
    ),
    Case(
        "koi_undeclared",
        head("koi2", "Пароль от дневника".encode("koi8-r")) + b"\r\n" + PASSWORD.encode("koi8-r") + b"\r\n",
        text=PASSWORD,
        subject="Пароль от дневника",
    ),
    Case(
        "koi_said_to_be_utf8",
        head("koi3") + body(PASSWORD.encode("koi8-r"), "text/plain; charset=utf-8"),
        text=PASSWORD,
    ),
    Case(
        "koi_in_quoted_printable",
        plain("koi4", PASSWORD, "KOI8-R", "quoted-printable", subject=word("Пароль", "koi8-r", "Q")),
        text=PASSWORD,
        subject="Пароль",
    ),
    Case("koi_as_koi8u", plain("koi5", PASSWORD, "koi8-u"), text=PASSWORD),
]

# ── other charsets, and broken ones ─────────────────────────────────────────────────────────────────────────────────

CHARSETS = [
    Case("cp1251_declared", plain("c1", PASSWORD, "windows-1251"), text=PASSWORD),
    Case(
        "cp1251_as_latin", head("c2") + body(PASSWORD.encode("cp1251"), "text/plain; charset=iso-8859-1"), text=PASSWORD
    ),
    Case("cp1251_as_utf8", head("c3") + body(PASSWORD.encode("cp1251"), "text/plain; charset=utf-8"), text=PASSWORD),
    Case(
        "cp1251_as_ascii", head("c4") + body(PASSWORD.encode("cp1251"), "text/plain; charset=us-ascii"), text=PASSWORD
    ),
    Case("iso_8859_5", plain("c5", PASSWORD, "iso-8859-5"), text=PASSWORD),
    Case("cp866", plain("c6", PASSWORD, "cp866"), text=PASSWORD),
    Case("utf16", head("c7") + body(PASSWORD.encode("utf-16"), "text/plain; charset=utf-16", "base64"), text=PASSWORD),
    Case("utf8_with_mark", head("c8") + body(b"\xef\xbb\xbf" + PASSWORD.encode()), text=PASSWORD),
    Case("unknown_name", head("c9") + body(PASSWORD, "text/plain; charset=x-unknown"), text=PASSWORD),
    Case("no_name", head("c10") + body(PASSWORD, "text/plain; charset="), text=PASSWORD),
    Case("name_in_quotes", head("c11") + body(PASSWORD, "text/plain; charset=\"'utf-8'\""), text=PASSWORD),
    Case("binary_as_charset", head("c12") + body(PASSWORD, "text/plain; charset=base64"), text=PASSWORD),
    Case("rot13_as_charset", head("c13") + body(PASSWORD, "text/plain; charset=rot13"), text=PASSWORD),
    Case("idna_as_charset", head("c14") + body(PASSWORD, "text/plain; charset=idna"), text=PASSWORD),
    Case(
        "utf7",
        head("c15", "Hello") + body(b"The journal does not open +AD0-", "text/plain; charset=utf-7"),
        text="The journal does not open =",
        subject="Hello",
        language="en",
    ),
    Case(
        "a_letter_cut_in_half",
        head("c16") + body(PASSWORD.encode()[:-3] + b"\xd1", "text/plain; charset=utf-8"),
        text=PASSWORD[:-2] + "\ufffd",
    ),
    Case("nul_bytes", head("c17") + body(PASSWORD.encode().replace(b" ", b" \0")), text=PASSWORD),
    Case(
        "subject_in_two_words_cut_inside_a_letter",
        head("c18", "=?utf-8?B?0JLRhdC+0A==?=\r\n =?utf-8?B?tCDQsiDQtNC90LXQstC90LjQug==?=") + body(PASSWORD),
        text=PASSWORD,
        subject="Вход в дневник",
    ),
    Case(
        "subject_raw_utf8",
        head("c19", "Дневник не открывается") + body(PASSWORD),
        text=PASSWORD,
        subject="Дневник не открывается",
    ),
    Case(
        "subject_raw_1251", head("c20", "Дневник".encode("cp1251")) + body(PASSWORD), text=PASSWORD, subject="Дневник"
    ),
    Case("subject_broken_base64", head("c21", "=?utf-8?B?0JLRhdC+0LQ?=") + body(PASSWORD), text=PASSWORD),
    Case("subject_of_no_known_charset", head("c22", "=?x-none?Q?abc?=") + body(PASSWORD), text=PASSWORD, subject="abc"),
]

# ── transfer encodings ──────────────────────────────────────────────────────────────────────────────────────────────

TRANSFER = [
    Case("base64", plain("t1", PASSWORD, how="base64"), text=PASSWORD),
    Case("quoted_printable", plain("t2", PASSWORD, how="quoted-printable"), text=PASSWORD),
    Case("seven_bit_that_is_eight", plain("t3", PASSWORD, how="7bit"), text=PASSWORD),
    Case("unknown_encoding", plain("t4", PASSWORD, how="x-wonder"), text=PASSWORD),
    Case("flowed", head("t5") + body(PASSWORD, "text/plain; charset=utf-8; format=flowed"), text=PASSWORD),
    Case(
        "base64_with_rubbish",
        head("t6") + body("").replace(b"8bit", b"base64") + b"0J/QsNGA!\r\n*0L7Qu9GM\r\n",
        text="Пароль",
    ),
    Case(
        "quoted_printable_broken",
        head("t7") + body("").replace(b"8bit", b"quoted-printable") + qp("Пароль".encode()) + b" =ZZ =\r\n",
        text="Пароль =ZZ",
    ),
]

# ── languages ───────────────────────────────────────────────────────────────────────────────────────────────────────

LANGUAGES = [
    Case("kazakh", plain("l1", DIARY_KK), text=DIARY_KK, language="kk"),
    Case(
        "kazakh_without_its_letters",
        plain("l2", "Балам сабакка кире алмай жатыр, калай кирем"),
        text="Балам сабакка кире алмай жатыр, калай кирем",
        language="kk",
    ),
    Case(
        "kazakh_in_latin",
        plain("l3", "Salem, balam kundelikke kire almai zhatyr", subject="Kundelik"),
        text="Salem, balam kundelikke kire almai zhatyr",
        subject="Kundelik",
        language="kk",
    ),
    Case(
        "english",
        plain("l4", "My daughter cannot join her lesson, please help", subject="Lesson"),
        text="My daughter cannot join her lesson, please help",
        subject="Lesson",
        language="en",
    ),
    Case(
        "russian_with_a_kazakh_name",
        plain("l5", "Ученик Әлихан Өмірбек не может войти, помогите, пожалуйста"),
        text="Ученик Әлихан Өмірбек не может войти, помогите, пожалуйста",
    ),
]

# ── senders, empty letters ──────────────────────────────────────────────────────────────────────────────────────────

NO_FROM = [
    Case("no_from", plain("f1", PASSWORD, sender=None), text=PASSWORD),
    Case(
        "no_from_at_all",
        plain("f2", PASSWORD, sender=None),
        text=PASSWORD,
        sender="x@other.test",
        envelope_from="x@other.test",
    ),
    Case("from_is_empty", plain("f3", PASSWORD, sender=""), text=PASSWORD),
    Case("from_is_no_address", plain("f4", PASSWORD, sender="Мама Алии"), text=PASSWORD),
    Case("from_is_broken", plain("f5", PASSWORD, sender='"Асель <asel@parents.test'), text=PASSWORD),
    Case("from_is_a_group", plain("f6", PASSWORD, sender="Undisclosed: ;"), text=PASSWORD),
    Case("from_twice", plain("f7", PASSWORD, more="From: other@parents.test"), text=PASSWORD),
    Case("from_two_people", plain("f8", PASSWORD, sender=f"{ASEL}, papa@parents.test"), text=PASSWORD),
    Case("from_with_a_comma", plain("f9", PASSWORD, sender="Нурланова, Асель <asel@parents.test>"), text=PASSWORD),
    Case(
        "from_in_1251",
        plain("f10", PASSWORD, sender=word("Асель", "windows-1251") + " <ASEL@Parents.Test>"),
        text=PASSWORD,
    ),
]

NO_MESSAGE_ID = [
    Case("no_message_id", head(None) + body(PASSWORD), text=PASSWORD),
    Case("no_message_id_kk", head(None, "Күнделік") + body(DIARY_KK), text=DIARY_KK, subject="Күнделік", language="kk"),
    Case(
        "no_message_id_no_date",
        b"From: asel@parents.test\r\n\r\n" + PASSWORD.encode() + b"\r\n",
        text=PASSWORD,
        subject="",
    ),
    Case("message_id_is_empty", head(None, more="Message-ID:") + body(PASSWORD + " 2"), text=PASSWORD + " 2"),
    Case("message_id_without_brackets", head(None, more="Message-ID: a b c") + body(PASSWORD), text=PASSWORD),
]

EMPTY = [
    Case("empty", head("e1", "") + b"\r\n", "empty"),
    Case("spaces_alone", head("e2", None) + body(" \n\t\n\u00a0\n"), "empty"),
    Case("empty_html", head("e3", None) + body("<html><body><br></body></html>", "text/html; charset=utf-8"), "empty"),
    Case(
        "subject_alone",
        head("e4", "Журнал не открывается") + b"\r\n",
        text="Журнал не открывается",
        subject="Журнал не открывается",
    ),
    Case(
        "picture_alone",
        head("e5", None) + multi(file("screen.png", PNG, "image/png")),
        subject="screen.png",
        language="",
        files=("screen.png",),
    ),
]

KINDS = {
    "windows-1251 that is kz1048": KZ1048,
    "koi8-r": KOI8,
    "broken charsets": CHARSETS,
    "transfer encodings": TRANSFER,
    "languages": LANGUAGES,
    "no From": NO_FROM,
    "no Message-ID": NO_MESSAGE_ID,
    "empty": EMPTY,
}
