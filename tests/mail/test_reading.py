"""Whatever somebody sends, reading it never fails, and what is read is only words."""

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.mail.reading import MOST_TEXT, Author, clean, read
from tests.mail.arriving import mail

OURS = "0192a1b2-0000-7000-8000-0123456789ab"
PIECES = st.sampled_from(
    [
        b"From: ", b"To: ", b"Subject: ", b"Content-Type: ", b"multipart/mixed; boundary=", b"message/rfc822", b"text/html",
        b"text/plain; charset=", b"utf-8", b"utf-16", b"punycode", b"zlib", b"\xff\xfe", b"=?utf-8?b?", b"=?x?q?=00?=", b"?=",
        b"Content-Transfer-Encoding: base64", b"x-uuencode", b"begin 644 x", b"quoted-printable", b"=", b"\0", b"\r\n", b"\n",
        b"\r\n\r\n", b"--", b"b", b'"', b"<", b">", b"@", b",", b";", b":", b"(", b"\\", b"name*0*=", b"filename=../../x", b" ",
        b"Content-Disposition: attachment; ", b"In-Reply-To: ", b"Auto-Submitted: ", b"[", b"]", b"\xe2\x80\xa8", b"=?",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES | st.binary(max_size=8), max_size=40).map(b"".join))
def test_it_reads_anything(raw):
    incoming = read(raw)

    for words in (incoming.text, incoming.envelope.subject, incoming.envelope.sender, incoming.envelope.sender_name):
        assert "\0" not in words
        words.encode()
    for file in incoming.files:
        assert file.filename
        assert not {"/", "\\", "\0", "\n"} & set(file.filename)


def test_it_reads_a_plain_mail():
    incoming = read(
        mail("Thänk you!\r\nAda", subject="=?utf-8?q?Sch=C3=B6n?=", sender='"Okafor, Ada" <Ada@Example.com>')
    )

    assert incoming.text == "Thänk you!\nAda"
    assert (incoming.envelope.subject, incoming.envelope.sender) == ("Schön", "ada@example.com")
    assert incoming.envelope.sender_name == "Okafor, Ada"
    assert incoming.envelope.author == Author.PERSON
    assert incoming.files == ()


@pytest.mark.parametrize(
    "charset", ["latin-1", "windows-1252", "utf-16", "no-such-charset", "punycode", "zlib", "\xff"]
)
def test_it_reads_words_of_any_charset(charset):
    raw = mail(b"\xff\xfeab" * 10, Content_Type=f"text/plain; charset={charset}")

    assert read(raw).text


def test_it_prefers_plain_words():
    raw = mail(
        "--b\r\nContent-Type: text/html\r\n\r\n<p>Rich</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlain\r\n--b--\r\n",
        Content_Type="multipart/alternative; boundary=b",
    )

    assert read(raw).text == "Plain"


def test_it_turns_a_web_page_into_words():
    page = "<html><style>p{}</style><p>Hello <b>Jo</b>,</p><p>1 &lt; 2<script>alert(1)</script><img src=x onerror=alert(2)></p>"
    incoming = read(mail(page, Content_Type="text/html; charset=utf-8"))

    assert incoming.was_html
    assert incoming.text == "Hello Jo,\n1 < 2"


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("a<!-- <p>b</p> -->c", "ac"),
        ("a<!--[if mso]><b>b</b><![endif]-->c<![if !mso]>d<![endif]>", "acd"),
        ("1 < 2 &amp; 3 > 2", "1 < 2 & 3 > 2"),
        ("a<script>if (1 < 2) { '</p>' }</script>b", "ab"),
        ("<title>x</title>a<BR/>b<br>c<td>d", "a\nb\ncd"),
        ("a<script>alert(1)", "a"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
    ],
)
def test_it_finds_the_words_of_a_page(page, words):
    assert read(mail(page, Content_Type="text/html")).text == words


@pytest.mark.parametrize("piece", ["<div>", "<br", "<!--", "&lt;", "<script>", "\n \n", "<a href='"])
def test_it_is_not_kept_busy_by_a_page(piece):
    assert read(mail(piece * (1_000_000 // len(piece)), Content_Type="text/html"))  # some parsers take minutes


def test_it_hands_out_files_under_harmless_names():
    body = base64.b64encode(b"MZ\0\1").decode()
    names = [
        '"../../etc/passwd"',
        '"C:\\\\x\\\\evil.exe"',
        '"=?utf-8?q?a=0D=0Ab=2Fc=2Epdf?="',
        '""',
        '"' + "x" * 5000 + '.pdf"',
    ]
    parts = "".join(
        f"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename={name}\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
        for name in names
    )
    incoming = read(mail(f"{parts}--b--\r\n", Content_Type="multipart/mixed; boundary=b"))

    assert [file.filename for file in incoming.files][:4] == ["passwd", "evil.exe", "c.pdf", "part-4"]
    assert len(incoming.files[4].filename) <= 100
    assert {file.body for file in incoming.files} == {b"MZ\0\1"}


def test_it_gives_up_on_a_nest_of_parts():
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5_000))
    incoming = read(b"From: a@example.com\r\n" + nest + b"words\r\n" * 100_000)

    assert incoming.envelope.sender == "a@example.com"


@pytest.mark.parametrize("header", ["Subject", "From", "To", "References", "Content-Type", "Auto-Submitted"])
def test_it_reads_no_header_to_its_end(header):
    for value in ("=?utf-8?q?x?= " * 100_000, "a@b, " * 100_000, "(" * 500_000, '"' * 500_000, "; a=b" * 100_000):
        read(f"{header}: {value}\r\n\r\nwords".encode())


def test_it_cuts_what_nobody_reads_to_its_end():
    incoming = read(mail("x" * (MOST_TEXT + 5)))

    assert len(incoming.text) == MOST_TEXT
    assert incoming.is_cut


@pytest.mark.parametrize(
    ("headers", "author"),
    [
        ({"Auto_Submitted": "auto-replied"}, Author.ABSENCE),
        ({"Auto_Submitted": "auto-generated (vacation)"}, Author.MACHINE),
        ({"Auto_Submitted": "no"}, Author.PERSON),
        ({"Precedence": "bulk"}, Author.BULK),
        ({"Precedence": "auto_reply"}, Author.ABSENCE),
        ({"Precedence": "list"}, Author.PERSON),
        ({"X_Autoreply": "yes"}, Author.ABSENCE),
        ({"Content_Type": "multipart/report; report-type=delivery-status; boundary=b"}, Author.REPORT),
        ({"Content_Type": "multipart/report; report-type=disposition-notification; boundary=b"}, Author.RECEIPT),
    ],
)
def test_it_knows_machines_from_people(headers, author):
    assert read(mail(**headers)).envelope.author == author


def test_it_finds_which_of_our_messages_it_answers():
    incoming = read(
        mail(In_Reply_To=f"<{OURS}@harbour.example.com>", References=f"<a@b>\r\n <{OURS.upper()}@harbour.example.com>")
    )

    assert [str(found) for found in incoming.envelope.answered] == [OURS]


def test_it_makes_one_line_of_anything():
    assert clean("a\r\nBcc: b\0\u2028c\ud800", most=100) == "a Bcc: b c?"
