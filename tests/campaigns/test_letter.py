import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from campaigns import printing
from campaigns.blocks import TEXT_FEATURES
from campaigns.models import Letter
from campaigns.plain import plain
from tests.campaigns.conftest import write_letter
from workshops.models import Workshop

# Wagtail leaves the file it resized a picture in to the garbage collector.
UNCLOSED = "ignore::pytest.PytestUnraisableExceptionWarning"

pytestmark = pytest.mark.django_db


def drawn(*parts, **fields):
    return printing.sample(write_letter(body=list(parts), **fields), values=printing.SAMPLE)


def test_it_is_drawn_for_a_sample_contact(letter):
    rendered = printing.sample(letter, values=printing.SAMPLE)

    assert rendered.subject == "Spring at the studio"
    assert "Hi Maya, how is Ironworks Gym?" in rendered.html
    assert "Hi Maya, how is Ironworks Gym?" in rendered.text


def test_it_is_drawn_for_somebody_of_whom_nothing_is_known(letter):
    assert "Hi there, how is your team?" in printing.sample(letter, values={}).text


def test_it_carries_its_way_out_and_the_postal_address(letter):
    rendered = printing.sample(letter, values={})

    for part in (rendered.html, rendered.text):
        assert "/u/" in part and "12 Quay Street" in part


def test_it_has_a_text_part_with_everything_in_it(practice):
    rendered = drawn(
        ("heading", "Two things"),
        ("text", '<p>One</p><ul><li>First</li><li>Second <a href="https://a.example/">here</a></li></ul>'),
        ("button", {"label": "Reserve", "url": "https://b.example/", "page": None}),
        ("divider", None),
    )

    body = rendered.text.partition("-- ")[0].strip()
    assert body == (
        "## Two things\n\nOne\n\n- First\n- Second here (https://a.example/)\n\nReserve: https://b.example/\n\n* * *"
    )


def test_it_escapes_what_was_typed(practice):
    rendered = drawn(("heading", "<script>alert(1)</script> & co"))

    assert "<script>" not in rendered.html
    assert "&lt;script&gt;" in rendered.html
    assert "<script>alert(1)</script> & co" in rendered.text


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning", UNCLOSED)
def test_it_shows_a_picture_with_its_words(practice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    image = Image.objects.create(title="Class", file=get_test_image_file(size=(1600, 900)))
    letter = write_letter(body=[("image", None)])
    letter.body = [("image", _picture(image, alt="People stretching"))]

    rendered = printing.sample(letter, values={})

    assert 'alt="People stretching"' in rendered.html
    assert f'src="{settings.BASE_URL}/media/images/' in rendered.html
    assert "[People stretching]" in rendered.text


def _picture(image, *, alt: str = "", decorative: bool = False):
    image.contextual_alt_text, image.decorative = alt, decorative
    return image


def test_it_lists_the_workshops_that_are_open_when_it_leaves(practice):
    soon = timezone.now() + timezone.timedelta(days=9)
    for title, state in (("Strong hips", Workshop.State.OPEN), ("Secret", Workshop.State.DRAFT)):
        Workshop.objects.create(
            title=title, slug=title.lower().replace(" ", "-"), state=state, place="Hall", starts_at=soon,
            ends_at=soon + timezone.timedelta(hours=1),
        )  # fmt: skip

    rendered = drawn(("workshops", {"heading": "Coming workshops", "how_many": 3}))

    assert "Strong hips" in rendered.html and "Strong hips" in rendered.text
    assert "Secret" not in rendered.html
    assert "/workshops/strong-hips/" in rendered.text
    hips = Workshop.objects.get(title="Strong hips")  # its own clock, not the server's
    assert f"{hips.day}, {hips.hours}" in rendered.html and f"{hips.day}, {hips.hours}" in rendered.text


def test_it_leaves_out_workshops_where_there_are_none(practice):
    assert "Coming workshops" not in drawn(("workshops", {"heading": "Coming workshops", "how_many": 3})).html


def test_it_makes_links_to_our_pages_absolute(practice, settings):
    assert f'href="{settings.BASE_URL}/about/"' in drawn(("text", '<p><a href="/about/">us</a></p>')).html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a&nbsp;&amp; b</p>", "a & b"),
        ("<ol><li>x</li><li>y</li></ol>", "1. x\n2. y"),
        ("<p>a<br/>b</p>", "a\nb"),
        ('<p><a href="mailto:a@b.example">a@b.example</a></p>', "a@b.example"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("", ""),
    ],
)
def test_it_is_read_without_html(html, text):
    assert plain(html) == text


def form_of(letter) -> dict[str, str]:
    """What the editor posts for this letter."""
    fields = {"name": letter.name, "subject": letter.subject, "preheader": "", "message_class": letter.message_class}
    parts = [("text", rich_text("<p>Hi [[first_name|there]]</p>", features=TEXT_FEATURES))]
    return nested_form_data({**fields, "body": streamfield(parts)})


@pytest.mark.parametrize(("mode", "words"), [("", "Hi Maya"), ("bare", "Hi there"), ("text", "Subject: Spring")])
def test_it_has_a_live_preview(letter, client, owner, mode, words):
    client.force_login(owner)
    url = reverse("letters:preview_on_edit", args=[letter.pk])
    assert client.post(url, form_of(letter)).json() == {"is_valid": True, "is_available": True}

    page = client.get(url, {"mode": mode})

    assert page.status_code == 200
    assert words in page.content.decode()


def test_it_lets_nothing_but_its_own_styles_run_in_the_preview(letter, client, owner):
    client.force_login(owner)
    url = reverse("letters:preview_on_edit", args=[letter.pk])
    client.post(url, form_of(letter))

    policy = client.get(url).headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'") and "script" not in policy


def test_it_says_in_the_preview_what_is_wrong(letter, client, owner):
    Letter.objects.update(subject="Hi [[nickname]]")
    client.force_login(owner)

    page = client.get(reverse("letters:show", args=[letter.pk]))

    assert "Nothing is known for the place [[nickname]]" in page.content.decode()


def test_it_is_published_from_the_editor(client, owner, letter):
    client.force_login(owner)
    form = {**form_of(letter), "subject": "Published", "action-publish": "Publish"}

    client.post(reverse("letters:edit", args=[letter.pk]), form)

    letter.refresh_from_db()
    assert letter.live and letter.subject == "Published"
    assert [block.block_type for block in letter.body] == ["text"]


def test_it_leaves_the_published_words_alone_while_a_draft_is_written(client, owner, letter):
    client.force_login(owner)

    client.post(reverse("letters:edit", args=[letter.pk]), {**form_of(letter), "subject": "Only a draft"})

    letter.refresh_from_db()
    assert letter.subject == "Spring at the studio" and letter.has_unpublished_changes


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("assistant", True), ("viewer", False)])
def test_it_is_published_by_those_who_write(request, role, may):
    assert request.getfixturevalue(role).has_perm("campaigns.publish_letter") is may
