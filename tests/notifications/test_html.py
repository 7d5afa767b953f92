from helpdesk.notifications.html import page
from helpdesk.tickets.thread_token import REPLY_LINE

LETTER = f"""{REPLY_LINE} Напишите ответ выше этой строки

Здравствуйте!
Вот <b>ответ</b> & ссылка: https://1450.test/ru/t/abc?x=1&y=2.

--
Школа № 905"""


def test_words_stay_words_and_links_can_be_pressed() -> None:
    made = page(LETTER, "ru")
    assert "Вот &lt;b&gt;ответ&lt;/b&gt; &amp; ссылка:" in made
    assert '<a href="https://1450.test/ru/t/abc?x=1&amp;y=2">https://1450.test/ru/t/abc?x=1&amp;y=2</a>.' in made
    assert '<html lang="ru">' in made


def test_a_letter_asks_nothing_from_elsewhere() -> None:
    made = page(LETTER, "kk")
    for word in ("<img", "<script", "<link", "url(", "src="):
        assert word not in made


def test_nobody_writes_an_attribute_of_ours() -> None:
    made = page('https://x.test/"onmouseover="alert(1)', "en")
    assert '<a href="https://x.test/">' in made or "<a" not in made
    assert 'onmouseover="' not in made
