import pytest

from workshops import doubts


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Ada Lovelace", []),
        ("Zoë Müller-Ørsted", []),
        ("Seán McDonald-MacLeod", []),
        ("St. John O’Hara Jr.", []),
        ("LeBron DeShawn", []),
        ("Win money https://spam.example", ["The name holds a web address."]),
        ("cheap-pills.ru", ["The name holds a web address."]),
        ("hQwZgXyRkTqPl", ["The name looks thrown together."]),
        ("Анна Иванова", ["The name is in other letters than this site."]),
        ("Аda", ["The name is in other letters than this site."]),  # the first letter is Cyrillic
    ],
)
def test_it_says_what_is_odd_about_a_name(name, words):
    assert list(doubts.about_name(name, site_name="Harbour Physio")) == words


def test_it_finds_no_letters_foreign_on_a_site_that_uses_them():
    assert list(doubts.about_name("Анна Иванова", site_name="Гавань Физио")) == []


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("ada@example.com", []),
        ("ada.king.lovelace@gmail.com", []),
        ("info@canada.com", []),
        ("me@mailbox.org", []),
        ("x@mailinator.com", ["The address is from a throw-away mailbox."]),
        ("x@inbox.tempmail.io", ["The address is from a throw-away mailbox."]),
        ("x@10minutemail.net", ["The address is from a throw-away mailbox."]),
        ("a.d.a.l.o.v@gmail.com", ["The address is split up by dots."]),
    ],
)
def test_it_says_what_is_odd_about_an_address(email, words):
    assert list(doubts.about_address(email)) == words
