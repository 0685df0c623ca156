from datetime import datetime, time

import pytest
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file

from campaigns import preflight
from campaigns.actions import launch_due
from campaigns.models import Broadcast
from crm.people.models import PracticeProfile
from tests.campaigns.conftest import at_gym, person, write_letter

pytestmark = pytest.mark.django_db


def sentences(letter, *, blocking=True) -> list[str]:
    return [problem.sentence for problem in preflight.problems(letter) if problem.is_blocking == blocking]


def test_it_finds_nothing_wrong_with_a_good_letter(letter):
    assert preflight.problems(letter) == []


def test_it_asks_for_a_subject(practice):
    assert sentences(write_letter(subject=" ")) == [
        "The subject is empty. Write one line that says what the letter is about."
    ]


def test_it_asks_for_words(practice):
    assert sentences(write_letter(body=[])) == ["The letter has no words yet. Add a text."]


def test_it_sends_no_draft(practice):
    assert sentences(write_letter(live=False))[0].startswith("The letter is still a draft.")


def test_it_warns_of_changes_that_are_not_published(letter):
    letter.subject = "Better"
    letter.save_revision()
    letter.refresh_from_db()

    assert sentences(letter, blocking=False) == [
        "The letter has changes that are not published. The published version is what is sent."
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Hi [[nickname]]", "Nothing is known for the place [[nickname]]."),
        ("Hi [[first_name]]", "[[first_name]] needs a fallback"),
        ("Hi [[first name|there]]", "“[[” would be read as it stands."),
        ("Hi {{ first_name }}", "“{{” would be read as it stands."),
        ("Hi *|FNAME|*", "“*|” would be read as it stands."),
        ("Hi [[first_<b>name</b>|there]]", "“[[” would be read as it stands."),
    ],
)
def test_it_finds_places_that_cannot_be_filled(practice, words, sentence):
    found = sentences(write_letter(body=[("text", f"<p>{words}</p>")]))

    assert len(found) == 1 and found[0].startswith(sentence)


def test_it_looks_at_the_subject_too(practice):
    assert sentences(write_letter(subject="For [[first_name]]"))[0].startswith("[[first_name]] needs a fallback")


def test_it_warns_of_a_place_that_is_the_same_for_all(practice):
    letter = write_letter(body=[("text", "<p>[[nickname|friend]]</p>")])

    assert sentences(letter) == []
    assert sentences(letter, blocking=False) == [
        "Nothing is known for the place [[nickname]]: everybody will read “friend”."
    ]


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("alt", "decorative", "count"), [("", False, 1), ("Words", False, 0), ("", True, 0)])
def test_it_asks_for_alternative_text(practice, settings, tmp_path, alt, decorative, count):
    settings.MEDIA_ROOT = tmp_path
    image = Image.objects.create(title="Class", file=get_test_image_file())
    image.contextual_alt_text, image.decorative = alt, decorative
    letter = write_letter()
    letter.body = [("text", "<p>Hello</p>"), ("image", image)]

    assert len([line for line in sentences(letter) if "no alternative text" in line]) == count


def test_it_finds_a_button_that_leads_nowhere(practice):
    letter = write_letter(body=[("button", {"label": "Go", "url": "", "page": None})])

    assert sentences(letter) == ["The button “Go” leads nowhere. Give it a page or an address."]


def test_it_asks_for_the_postal_address(letter):
    PracticeProfile.objects.update(street="", city="", region="", postal_code="")

    problem = preflight.blocking(letter)[0]
    assert problem.sentence.startswith("The practice profile has no postal address.")
    assert problem.mend_url == "/admin/settings/people/practiceprofile/"


def test_it_says_where_to_mend_the_letter(practice):
    letter = write_letter(subject="")

    assert preflight.problems(letter)[0].mend_url == f"/admin/campaigns/letters/edit/{letter.pk}/"


def test_it_warns_of_an_empty_audience(broadcast):
    problems = preflight.for_broadcast(broadcast)

    assert [problem.sentence for problem in problems] == ["Nobody is in this audience at the moment."]
    assert not problems[0].is_blocking


def test_it_warns_where_nobody_may_be_written_to(broadcast):
    at_gym(person("Silent", email=""))

    assert preflight.for_broadcast(broadcast)[0].sentence == (
        "Nobody in this audience may be written to at the moment."
    )


def test_it_warns_of_writing_too_often(due, letter, audience):
    at_gym(person())
    launch_due()

    problems = preflight.for_broadcast(Broadcast(letter=letter, audience=audience))
    assert problems[0].sentence == "One person in this audience got a letter from you in the last seven days."


def test_it_says_when_letters_would_wait_for_the_morning(practice, letter, audience):
    practice.letters_from, practice.letters_until = time(8), time(20)
    practice.save()
    night = datetime(2027, 1, 13, 22, 30, tzinfo=practice.zone)

    problems = preflight.for_broadcast(Broadcast(letter=letter, audience=audience, send_at=night))
    by_day = preflight.for_broadcast(Broadcast(letter=letter, audience=audience, send_at=night.replace(hour=12)))

    (said,) = [problem for problem in problems if "by each recipient" in problem.sentence]
    assert not said.is_blocking
    assert said.sentence == (
        "Letters leave between 8:00 a.m. and 8:00 p.m. by each recipient's own clock, so these will wait until "
        "8:00 a.m. on Thursday."
    )
    assert not [problem for problem in by_day if "by each recipient" in problem.sentence]
