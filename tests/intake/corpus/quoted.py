"""What programs put below the words of an answer, in three languages; and words that look like it and are not."""

# ruff: noqa: E501

from tests.intake.corpus.written import Case, body, head, plain

US = "1450 <1450@1450.test>"
RU, KK, EN = (
    "Спасибо, но дневник всё ещё не открывается.",
    "Рахмет, бірақ күнделік әлі ашылмайды.",
    "Thank you, but the diary still does not open.",
)
OLD = {"ru": "Ваше обращение зарегистрировано.", "kk": "Өтінішіңіз тіркелді.", "en": "Your request is registered."}
OWN = {"ru": RU, "kk": KK, "en": EN}


def marked(text: str) -> str:
    """Every line behind an angle bracket."""
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def reply(name: str, language: str, below: str, own: str = "") -> Case:
    """An answer whose own words stand above `below`."""
    text = own or OWN[language]
    return Case(
        name,
        plain(name, f"{text}\n\n{below}", subject="Re: Вход"),
        text=text,
        cut=below.split("\n")[0],
        language=language,
    )


CLIENTS = [
    # Gmail, the web page and the telephone
    reply("gmail_ru", "ru", f"пт, 20 нояб. 2026 г. в 13:40, {US}:\n\n{marked(OLD['ru'])}"),
    reply("gmail_ru_long", "ru", f"пятница, 20 ноября 2026 г. пользователь {US} написал:\n\n{marked(OLD['ru'])}"),
    reply("gmail_kk", "kk", f"2026 ж. 20 қар., жм, 13:40 уақытында {US} мынаны жазды:\n\n{marked(OLD['kk'])}"),
    reply("gmail_en", "en", f"On Fri, Nov 20, 2026 at 1:40\u202fPM {US} wrote:\n\n{marked(OLD['en'])}"),
    reply(
        "gmail_en_folded",
        "en",
        f"On Fri, Nov 20, 2026 at 1:40 PM Education hotline of the city\n<1450@1450.test> wrote:\n\n{marked(OLD['en'])}",
    ),
    # Outlook
    reply(
        "outlook_ru",
        "ru",
        f"________________________________\nОт: {US}\nОтправлено: пятница, 20 ноября 2026 г. 13:40\nКому: Асель\nТема: Вход\n\n{OLD['ru']}",
    ),
    reply(
        "outlook_ru_without_rule",
        "ru",
        f"От: {US}\nОтправлено: 20 ноября 2026 г. 13:40\nКому: asel@parents.test\nТема: Вход\n\n{OLD['ru']}",
    ),
    reply(
        "outlook_ru_original",
        "ru",
        f"-----Исходное сообщение-----\nОт: {US}\nДата: 20.11.2026\nТема: Вход\n\n{OLD['ru']}",
    ),
    reply(
        "outlook_kk",
        "kk",
        f"Кімнен: {US}\nЖіберілді: 20 қараша 2026 ж. 13:40\nКімге: Әсел\nТақырып: Кіру\n\n{OLD['kk']}",
    ),
    reply(
        "outlook_kk_rule",
        "kk",
        f"________________________________\nКімнен: {US}\nЖіберілген: 20 қараша 2026 ж. 13:40\nКімге: Әсел\nТақырыбы: Кіру\n\n{OLD['kk']}",
    ),
    reply(
        "outlook_en",
        "en",
        f"From: {US}\nSent: Friday, November 20, 2026 1:40 PM\nTo: Asel\nSubject: Login\n\n{OLD['en']}",
    ),
    reply(
        "outlook_en_original",
        "en",
        f"-----Original Message-----\nFrom: {US}\nSent: Friday, November 20, 2026 1:40 PM\nTo: Asel\nSubject: Login\n\n{OLD['en']}",
    ),
    # Mail.ru
    reply(
        "mailru_ru", "ru", f"Пятница, 20 ноября 2026, 13:40 +05:00 от Горячая линия <1450@1450.test>:\n\n{OLD['ru']}"
    ),
    reply("mailru_marked", "ru", f"Пятница, 20 ноября 2026, 13:40 +05:00 от {US}:\n{marked(OLD['ru'])}"),
    reply("mailru_kk", "kk", f"Жұма, 20 қараша 2026, 13:40 +05:00, {US}:\n\n{OLD['kk']}"),
    reply("mailru_en", "en", f"Friday, November 20, 2026 1:40 PM +05:00 from {US}:\n\n{OLD['en']}"),
    # Yandex
    reply("yandex_ru", "ru", f'20.11.2026, 13:40, "1450" <1450@1450.test>:\n\n{OLD["ru"]}'),
    reply("yandex_kk", "kk", f'20.11.2026, 13:40, "1450" <1450@1450.test>:\n\n{OLD["kk"]}'),
    reply("yandex_en", "en", f'20.11.2026, 13:40, "1450" <1450@1450.test>:\n\n{OLD["en"]}'),
    # iPhone and iPad
    reply(
        "iphone_ru",
        "ru",
        f"Отправлено с iPhone\n\n> 20 нояб. 2026 г., в 13:40, {US} написал(а):\n> \n{marked(OLD['ru'])}",
    ),
    reply(
        "iphone_kk",
        "kk",
        f"iPhone-нан жіберілді\n\n> 2026 ж. 20 қар., сағат 13:40, {US} жазды:\n> \n{marked(OLD['kk'])}",
    ),
    reply(
        "iphone_en", "en", f"Sent from my iPhone\n\n> On 20 Nov 2026, at 13:40, {US} wrote:\n> \n{marked(OLD['en'])}"
    ),
    # Thunderbird
    reply("thunderbird_ru", "ru", f"20.11.2026 13:40, {US} пишет:\n{marked(OLD['ru'])}"),
    reply("thunderbird_kk", "kk", f"20.11.2026 13:40, {US} жазды:\n{marked(OLD['kk'])}"),
    reply("thunderbird_en", "en", f"On 20/11/2026 13:40, {US} wrote:\n{marked(OLD['en'])}"),
    # a program's own line alone, and what our letters ask for
    reply("trailer_alone", "ru", "Отправлено с iPhone"),
    reply("our_line", "ru", f"── 1450 ── Напишите ответ выше этой строки\n\n{OLD['ru']}"),
    reply("marked_alone", "ru", marked(OLD["ru"])),
]

_GMAIL_HTML = f'<div dir="ltr">{KK}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">2026 ж. 20 қар., жм, 13:40 уақытында 1450 &lt;<a href="mailto:1450@1450.test">1450@1450.test</a>&gt; мынаны жазды:<br></div><blockquote class="gmail_quote">{OLD["kk"]}</blockquote></div>'
_OUTLOOK_HTML = f'<p>{RU}</p><div style="border-top:solid"><p><b>От:</b> 1450 &lt;1450@1450.test&gt;<br><b>Отправлено:</b> пятница, 20 ноября 2026 г. 13:40<br><b>Кому:</b> Асель<br><b>Тема:</b> Вход</p></div><p>{OLD["ru"]}</p>'
_APPLE_HTML = f'<div>{EN}<br><br>Sent from my iPhone</div><blockquote type="cite">On 20 Nov 2026, at 13:40, 1450 &lt;1450@1450.test&gt; wrote:<br><br>{OLD["en"]}</blockquote>'


def html(name: str, page: str, **expected: str) -> Case:
    """A letter in HTML alone."""
    return Case(name, head(name) + body(page, "text/html; charset=utf-8", "quoted-printable"), **expected)


HTML_ONLY = [
    html("html_plain", f"<p>{RU}</p>", text=RU),
    html("html_kk", f"<div>{KK}</div>", text=KK, language="kk"),
    html("html_gmail_reply", _GMAIL_HTML, text=KK, cut="2026 ж. 20 қар.", language="kk"),
    html("html_outlook_reply", _OUTLOOK_HTML, text=RU, cut="От: 1450"),
    html("html_apple_reply", _APPLE_HTML, text=EN, cut="Sent from my iPhone", language="en"),
    html("html_style_and_script", f"<style>p{{color:red}}</style><script>alert(1)</script><p>{RU}</p>", text=RU),
    html("html_never_closed", f"<table><tr><td><p><b>{RU}", text=RU),
    html("html_comments", f"<!--[if mso]><p>нет</p><![endif]--><p>{RU}</p>", text=RU),
    html("html_names_another_charset", f'<meta charset="windows-1251"><p>{RU}</p>', text=RU),
    html("html_list", "<ul><li>5 «Б» класс</li><li>школа № 905</li></ul>", text="* 5 «Б» класс\n  * школа № 905"),
]


def kept(name: str, text: str, language: str = "ru") -> Case:
    """Nothing of this is a quotation."""
    return Case(name, plain(name, text), text=text, language=language)


KEPT = [
    kept("answers_between", f"{marked('Какой класс?')}\n5 «Б»\n{marked('Какая школа?')}\n№ 905"),
    kept("answer_below", f"20.11.2026 13:40, {US} пишет:\n{marked(OLD['ru'])}\nСын учится в 5 «Б», школа № 905"),
    kept("nothing_above", f"20.11.2026 13:40, {US} пишет:\n{marked(OLD['ru'])}"),
    kept(
        "forward_ru",
        "Посмотрите, пожалуйста\n\n-------- Пересланное сообщение --------\nОт: Директор <d@school.test>\nДата: 20 ноября 2026 г. 12:00\nТема: Журнал\n\nЖурнал не открывается во всей школе",
    ),
    kept(
        "forward_gmail",
        f"{RU}\n\n---------- Forwarded message ---------\nОт: Директор <d@school.test>\nDate: пт, 20 нояб. 2026 г. в 12:00\nSubject: Журнал\n\nЖурнал не открывается",
    ),
    kept(
        "forward_kk",
        f"{KK}\n\n-------- Қайта жіберілген хабар --------\nКімнен: Директор <d@school.test>\nКүні: 20 қараша 2026 ж. 12:00\nТақырып: Журнал\n\nЖурнал ашылмайды",
        "kk",
    ),
    kept("a_time_and_a_colon", "20.11.2026 в 13:40 дочь написала:\nне открывается урок, что делать?"),
    kept("a_line_from_school", "От: школы пришло письмо, что делать?\nЖурнал не открывается"),
    kept("dashes", f"{RU}\n-----\nИ ещё: не открывается журнал"),
    kept("a_signature", f"{RU}\n\n-- \nАсель Нурланова\n+7 701 000 00 00"),
    kept("a_dialogue", "Я пишу в чат:\n> не работает\nмне отвечают:\n> перезвоним\nи никто не звонит"),
    kept("wrote_kk", "Мұғалім маған былай деп жазды: күнделікті ашыңыз. Бірақ ол ашылмайды.", "kk"),
    kept(
        "sent_from_school",
        f"{RU}\nОтправлено с компьютера школы, потому что дома нет интернета. Помогите, пожалуйста, войти сегодня.",
    ),
]

KINDS = {"quoted history": CLIENTS, "HTML only": HTML_ONLY, "own words that look quoted": KEPT}
