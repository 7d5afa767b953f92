"""Letters as they come, byte for byte, and what must become of each."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.intake.email import Incoming, PostOffice, message_id, numbers_in, read
from helpdesk.intake.machine_letters import LABELS, Rejection

LETTERS = Path(__file__).parent / "letters"
RECEIVED = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
OFFICE = PostOffice(
    mailboxes={"905@1450.test": 905},
    own_addresses={"905@1450.test", "1450@1450.test"},
    key="another key for tests, long enough",  # the tokens in the letters were made with it
    keep=lambda content: hashlib.sha256(content).hexdigest(),
)

# letter → language, its own words, how its quotation begins
READ: dict[str, tuple[str, str, str]] = {
    "gmail_ru_reply": ("ru", "Добрый день! Пароль так и не пришёл. Сын – 5 «Б», школа № 905.", "пт, 20 нояб."),
    "gmail_kk_reply": ("kk", "Рахмет, енді ашылды.", "2026 ж. 20 қар."),
    "gmail_en_reply": ("en", "It still does not open for my daughter.", "On Fri, Nov 20"),
    "iphone_ru_reply": ("ru", "Не приходит код", "Отправлено с iPhone"),
    "iphone_kk_reply": ("kk", "Жоқ, әлі ашылмады", "iPhone-нан жіберілді"),
    "outlook_ru_reply": ("ru", "Здравствуйте!\nСписок прилагаю завтра.", "____"),
    "outlook_kk_reply": ("kk", "Сәлеметсіз бе, тізім ертең болады.", "Кімнен: 1450"),
    "outlook_en_reply": ("en", "The list comes tomorrow.", "From: 1450"),
    "mailru_reply": (
        "ru",
        "Журнал всё ещё не открывается у всего класса\n \n-- \nАйгуль Садыкова",
        "Пятница, 20 ноября",
    ),
    "yandex_reply": ("ru", "Спасибо, всё работает", '20.11.2026, 13:40, "1450"'),
    "answers_between_the_lines": ("ru", "> Какой класс у ребёнка?\n5 «Б»\n> Какая школа?\n905", ""),
    "forwarded": (
        "ru",
        "Посмотрите, пожалуйста\n\n---------- Forwarded message ---------\nОт: Директор <director@school.test>\n"
        "Date: пт, 20 нояб. 2026 г. в 12:00\nSubject: Журнал\n\nЖурнал не открывается во всей школе",
        "",
    ),
    "kz1048_declared_1251": (
        "kk",
        "Құрметті мамандар! BilimClass журналы кешеден бері ашылмайды, 7 «Ә» сыныбының бағаларын қоя алмай отырмын."
        "\n\nҚұрметпен, физика мұғалімі.",
        "",
    ),
    "kz1048_declared_itself": ("kk", "Күнделік көрінбейді, көмектесіңізші", ""),
    "koi8r": ("ru", "Забыли пароль от электронного дневника, помогите восстановить", ""),
    "windows1251": ("ru", "Забыли пароль от электронного дневника, ученик 3 класса", ""),
    "unknown_charset": ("ru", "Журнал не открывается с понедельника", ""),
    "no_charset_eight_bit": ("ru", "Не могу войти в электронный дневник", ""),
    "utf8_with_broken_bytes": ("ru", "Не могу войти в дневник сына \ufffd пятый день подряд", ""),
    "html_only": ("kk", "Сабақ кестесі көрінбейді.\n\nДүйсенбі  Математика\n\nсілтеме", ""),
    "html_beside_text": ("ru", "Журнал не открывается", ""),
    "subject_only": ("ru", "Электронный журнал не открывается", ""),
    "no_message_id": ("ru", "Не могу войти в дневник", ""),
    "no_from": ("ru", "Не могу войти в дневник, помогите", ""),
    "no_headers_at_all": ("en", "Just a text that somebody typed into a socket", ""),
    "broken_headers": ("ru", "Пароль не подходит к дневнику", ""),
    "kazakh_without_its_letters": ("kk", "Балам сабакка кире алмай жатыр, калай кирем?", ""),
    "kazakh_in_latin_letters": ("kk", "Salem, kundelik ashylmaidy, kerek edi", ""),
    "kazakh_name_in_russian": ("ru", "Сын, Әлихан, 5 класс, не может войти в дневник, пароль не подходит", ""),
    "nul_bytes": ("ru", "Не могу войти в дневник", ""),
    "number_from_a_stranger": ("ru", "Расскажите, что с этим обращением", ""),
    "forged_token": ("en", "Tell me what is written there", ""),
    "file_without_words": ("", "", ""),
    "rfc2231_name": ("kk", "Қатенің суреті тіркелді", ""),
}

REJECTED = {
    "auto_reply": Rejection.AUTOMATIC,
    "exchange_out_of_office": Rejection.AUTOMATIC,
    "bounce": Rejection.BOUNCE,
    "own_letter": Rejection.OWN,
    "from_our_mailbox": Rejection.OWN,
    "mailing_list": Rejection.LIST,
    "bulk": Rejection.BULK,
    "no_reply_sender": Rejection.MACHINE,
    "empty": Rejection.EMPTY,
}

# letters that have a test of their own below
APART = {"attachments", "broken_mime", "nested_too_deep", "attached_letter", "plain_bounce_by_null_sender"}

# what breaks readers of letters
SPOILERS = [
    b"\r\n",
    b"=?utf-8?B?",
    b"?=",
    b"\0",
    b"Content-Type: ",
    b"multipart/mixed; boundary=",
    b"charset=utf-7",
    b"*0*=",
]


def content(name: str) -> bytes:
    return (LETTERS / f"{name}.eml").read_bytes()


def open_letter(name: str, envelope_from: str | None = "asel@parents.test") -> Incoming | Rejection:
    return read(content(name), envelope_from, ["905@1450.test"], RECEIVED, OFFICE)


def incoming(name: str) -> Incoming:
    found = open_letter(name)
    assert isinstance(found, Incoming)
    return found


def test_every_letter_in_the_folder_is_expected_to_become_something() -> None:
    assert {file.stem for file in LETTERS.glob("*.eml")} == {*READ, *REJECTED, *APART}


@pytest.mark.parametrize("name", READ)
def test_a_letter_is_read_in_its_language_without_what_it_quotes(name: str) -> None:
    language, text, quoted = READ[name]
    found = incoming(name)
    assert (found.language, found.text) == (language, text)
    assert found.quoted.startswith(quoted)
    assert bool(found.quoted) == bool(quoted)


@pytest.mark.parametrize("name", REJECTED)
def test_a_machines_letter_is_rejected_with_its_reason(name: str) -> None:
    assert open_letter(name) is REJECTED[name]


def test_every_reason_has_words_for_a_person() -> None:
    assert set(LABELS) == set(Rejection)


def test_a_letter_from_the_null_sender_is_a_bounce_whatever_it_says() -> None:
    assert open_letter("plain_bounce_by_null_sender", envelope_from="") is Rejection.BOUNCE
    assert isinstance(open_letter("plain_bounce_by_null_sender"), Incoming)


@pytest.mark.parametrize("name", ["gmail_ru_reply", "gmail_kk_reply", "gmail_en_reply"])
def test_an_answer_to_our_letter_names_its_ticket(name: str) -> None:
    assert incoming(name).joins == 41


@pytest.mark.parametrize("name", ["forged_token", "number_from_a_stranger", "yandex_reply"])
def test_nothing_but_a_genuine_token_joins_by_itself(name: str) -> None:
    assert incoming(name).joins is None


def test_a_number_in_the_subject_counts_only_with_its_check_digit() -> None:
    assert numbers_in("Re: Re: Обращение 26-000001-9 и 26-000001-8, тел. 87010000000") == ["26-000001-9"]


def test_the_subject_loses_its_prefixes_in_every_language() -> None:
    assert incoming("outlook_kk_reply").subject == "Өтініш"
    assert incoming("gmail_ru_reply").subject == "Обращение 26-000001-9"
    assert incoming("forwarded").subject == "Журнал"


def test_a_subject_in_bytes_without_any_declaration_is_still_read() -> None:
    assert incoming("no_charset_eight_bit").subject == "Не работает вход"


def test_the_sender_is_known_by_address_and_name() -> None:
    found = incoming("gmail_ru_reply")
    assert (found.name, found.emails, found.answer_by) == ("Анна Ли", ("anna@parents.test",), "email")


def test_a_letter_without_from_is_answered_to_its_envelope() -> None:
    found = incoming("no_from")
    assert (found.name, found.emails) == ("", ("asel@parents.test",))


def test_a_desks_own_mailbox_names_the_desk() -> None:
    assert incoming("koi8r").desk_id == 905


def test_files_are_taken_by_what_they_hold_and_refused_ones_are_named() -> None:
    found = incoming("attachments")
    assert [(file.name, file.content_type) for file in found.files] == [
        ("тізім.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("screen.png", "image/png"),
    ]
    assert found.text.endswith("invoice.pdf, page.html]")
    assert "құпиясөздерін" in found.text


def test_a_file_name_can_neither_climb_folders_nor_turn_its_direction() -> None:
    assert [file.name for file in incoming("rfc2231_name").files] == ["Қате 1.png"]


def test_a_picture_alone_is_a_letter_too() -> None:
    found = incoming("file_without_words")
    assert (found.subject, len(found.files)) == ("screen.png", 1)


def test_an_attached_letter_is_named_and_stays_in_the_original() -> None:
    assert "letter.eml" in incoming("attached_letter").text


def test_a_header_on_which_the_standard_library_raises_costs_no_word() -> None:
    raw = (
        b"From: asel@parents.test\r\nTo: 905@1450.test\r\nSubject: Login\r\n"
        b"Content-Type: text/plain; chafilename*=utf-16''%00rset=koi8-r\r\n\r\nThe journal does not open.\r\n"
    )
    found = read(raw, "asel@parents.test", ["905@1450.test"], RECEIVED, OFFICE)
    assert isinstance(found, Incoming)
    assert found.text == "The journal does not open."


def test_text_whose_mime_frame_is_broken_is_kept() -> None:
    assert "Экран с ошибкой во вложении" in incoming("broken_mime").text


def test_parts_beyond_the_depth_limit_are_counted_not_read() -> None:
    found = incoming("nested_too_deep")
    assert found.text.startswith("Вложения")
    assert ": 1]" in found.text


def test_html_comes_without_scripts_pictures_and_forms() -> None:
    html = incoming("html_only").html or ""
    assert "<b>көрінбейді</b>" in html
    for dangerous in ("script", "alert", "onload", "javascript", "img", "style", "spy.test"):
        assert dangerous not in html
    assert "form" not in (incoming("html_beside_text").html or "")


def test_the_same_letter_by_two_ways_has_one_key() -> None:
    relayed = b"Received: from mx.test by 1450.test; Fri, 20 Nov 2026 14:06:00 +0500\r\n" + content("koi8r")
    first, second = incoming("koi8r"), read(relayed, "other@relay.test", ["1450@1450.test"], RECEIVED, OFFICE)
    assert isinstance(second, Incoming)
    assert first.key == second.key


def test_one_message_id_on_two_different_letters_makes_two_keys() -> None:
    other = content("windows1251").replace(b"3", b"4")
    second = read(other, None, [], RECEIVED, OFFICE)
    assert isinstance(second, Incoming)
    assert incoming("windows1251").key != second.key


def test_a_letter_without_message_id_is_known_again_by_its_content() -> None:
    relayed = b"Received: from mx.test; Fri, 20 Nov 2026 14:06:00 +0500\r\n" + content("no_message_id")
    second = read(relayed, None, [], RECEIVED, OFFICE)
    assert isinstance(second, Incoming)
    assert incoming("no_message_id").key == second.key
    assert incoming("no_message_id").key != incoming("no_from").key


def test_only_a_sound_message_id_is_answered_to() -> None:
    assert message_id(content("koi8r")) == "<ko1@school.test>"
    assert message_id(content("broken_headers")) == ""


@pytest.mark.parametrize(
    "text", ["On " + "a " * 100_000, "> " * 100_000, "From: a\n" * 50_000, "20:00 2026 " * 30_000, "<" * 100_000]
)
def test_no_text_makes_the_reader_think_for_long(text: str) -> None:
    letter = b"Content-Type: text/html\r\nMessage-ID: <a@b>\r\n\r\n" + text.encode()
    assert isinstance(read(letter, None, [], RECEIVED, OFFICE), Incoming)
    plain = b"Content-Type: text/plain\r\nMessage-ID: <a@b>\r\n\r\n" + text.encode()
    assert isinstance(read(plain, None, [], RECEIVED, OFFICE), Incoming)


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_mangled_letter_is_read_or_rejected_and_never_breaks_the_reader(data: st.DataObject) -> None:
    letter = bytearray(content(data.draw(st.sampled_from(sorted({*READ, *REJECTED, *APART})))))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(letter)))
        length = data.draw(st.integers(0, 30))
        letter[at : at + length] = data.draw(st.binary(max_size=12) | st.sampled_from(SPOILERS))
    found = read(bytes(letter), "asel@parents.test", ["905@1450.test"], RECEIVED, OFFICE)
    if isinstance(found, Incoming):
        for text in (found.text, found.subject, found.quoted, found.name, found.html or ""):
            assert "\0" not in text
            text.encode()


def test_a_letter_of_nothing_but_a_prefix_is_empty() -> None:
    raw = b"From: asel@parents.test\r\nTo: 905@1450.test\r\nSubject: Re: Fwd:\r\n\r\n \r\n"
    assert read(raw, "asel@parents.test", ["905@1450.test"], RECEIVED, OFFICE) is Rejection.EMPTY
