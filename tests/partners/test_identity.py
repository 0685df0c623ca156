"""What looks like a patient's identity is named; what a practice writes all day is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.people.models import Contact
from partners import identity
from partners.identity import seen_in
from partners.models import Role

POSITIVES = [
    ("Jane's knee is better", "Jane's knee", "a name beside a body part"),
    ("jane's left knee hurts", "jane's left knee", "a name beside a body part"),
    ("Oluwaseun's shoulder", "Oluwaseun's shoulder", "a name beside a body part"),
    ("talked about Mike’s bad lower back", "Mike’s bad lower back", "a name beside a body part"),
    ("she asked how Peter's hip surgery went", "Peter's hip surgery", "a name beside a complaint"),
    ("Maria has knee pain", "Maria has knee pain", "a name beside a complaint"),
    ("maria has sciatica", "maria has sciatica", "a name beside a complaint"),
    ("they sent Linda Chen with a torn meniscus", "Linda Chen with a torn meniscus", "a name beside a body part"),
    ("he will send Abebe Bikila for his achilles", "Abebe Bikila for his achilles", "a name beside a body part"),
    ("the sore shoulder of Priya", "shoulder of Priya", "a name beside a body part"),
    ("knee pain, Thomas", "knee pain, Thomas", "a name beside a body part"),
    ("migraines: Karen", "migraines: Karen", "a name beside a complaint"),
    ("Mrs Wilson has vertigo", "Wilson has vertigo", "a name beside a complaint"),
    ("their client Maria wants to come", "client Maria", "a patient’s name"),
    ("saw patient Okonkwo at the desk", "patient Okonkwo", "a patient’s name"),
    ("patient jane will call", "patient jane", "a patient’s name"),
    ("write to jane.doe@example.com", "jane.doe@example.com", "an e-mail address"),
    ("her number is 613-555-0142", "613-555-0142", "a phone number"),
    ("call (613) 555 0142", "(613) 555 0142", "a phone number"),
    ("call +44 20 7946 0991", "+44 20 7946 0991", "a phone number"),
    ("ring 555-0142 after six", "555-0142", "a phone number"),
    ("6135550142", "6135550142", "a phone number"),
    ("DOB 3/4/71", "DOB 3/4/71", "a date of birth"),
    ("date of birth: 1971-03-04", "date of birth: 1971-03-04", "a date of birth"),
    ("born on March 4, 1971", "born on March 4, 1971", "a date of birth"),
    ("d.o.b. 4 Mar 1988", "d.o.b. 4 Mar 1988", "a date of birth"),
    ("12/03/1984", "12/03/1984", "a date of birth"),
    ("4 March 1962", "4 March 1962", "a date of birth"),
    ("MRN 0048213", "MRN 0048213", "a record number"),
    ("chart #A-20931", "chart #A-20931", "a record number"),
    ("health card 1234-567-890", "health card 1234-567-890", "a record number"),
    ("078-05-1120", "078-05-1120", "a social security number"),
]
NEGATIVES = [
    "",
    "   ",
    "coffee with the head coach at Ironworks Gym, gave the hamstring guide, call next Tuesday",
    "knee workshop",
    "Jane's knee workshop was full",
    "Dana wants a knee workshop in spring",
    "gave Priya the hamstring guide",
    "asked Sam about a shoulder screening day",
    "runner's knee and tennis elbow came up a lot",
    "swimmer's shoulder handout",
    "women's hip class on Friday",
    "they see a lot of back pain",
    "members with knee pain ask for us",
    "Most members have a hip or a knee story.",
    "Postpartum clients six weeks on.",
    "Still Water Yoga",
    "Early Birds 5K",
    "Head coach wants us back next week",
    "Dana's back from her holiday",
    "asked Tom to call back",
    "Jen decides, Omar knows everybody.",
    "Left 20 flyers and 3 posters",
    "Meets Tuesdays 18:30 and Saturdays 08:00 at the boathouse.",
    "Workshop on 2026-11-03, 18:30 to 20:00",
    "paid $1200.00 for the booth",
    "open 2019-2024",
    "room for 120, 140 members",
    "Client care desk",
    "Patient First plan",
    "took the Friday class",
    "Sent Cedar Lane the price sheet",
    "thanked for R-7F3K",
    "Gave Lynn a pelvic floor talk",
    "http://example.com/knee",
]


@pytest.mark.parametrize(("text", "words", "what"), POSITIVES)
def test_it_names_what_it_saw(text, words, what):
    assert [(each.words, each.what) for each in seen_in(text)] == [(words, what)]


@pytest.mark.parametrize("text", NEGATIVES)
def test_it_leaves_alone_what_names_nobody(text):
    assert seen_in(text) == []


@pytest.mark.django_db
def test_it_knows_the_people_of_the_partner(quiet_gym):
    sam = Contact.objects.create(name="Sam Rivers", email="sam@ironworks.example.com", phone="+1 613-555-0147")
    Role.objects.create(partner=quiet_gym, contact=sam, title="Head coach")
    text = "Sam's knee, sam@ironworks.example.com, (613) 555 0147, Rivers has sciatica"

    assert seen_in(text, quiet_gym) == []
    assert len(seen_in(text)) >= 3
    assert [each.words for each in seen_in("Sam's knee and Jane's hip", quiet_gym)] == ["Jane's hip"]


def test_it_takes_what_the_caller_knows():
    assert seen_in("Reach Ada at ada@okafor.example.com", known=["ada@okafor.example.com"]) == []


def test_it_says_it_in_a_sentence():
    seen = seen_in("Jane's knee, 613-555-0142")

    assert "“Jane's knee” (a name beside a body part) and “613-555-0142” (a phone number)" in identity.sentence(seen)
    assert identity.kinds(seen) == "a name beside a body part, a phone number"
    assert identity.mark(seen) != identity.mark(seen[:1])


@given(st.text(max_size=300))
def test_it_never_raises_and_quotes_what_stands_there(text):
    for each in seen_in(text):
        assert each.words in text
        assert each.words


@given(st.text(alphabet="janeJ's knee.,@0123456789-/() \n", max_size=120))
def test_it_sees_the_same_twice(text):
    assert seen_in(text) == seen_in(text)


@given(
    st.sampled_from(POSITIVES),
    st.sampled_from(["", "Call. ", "Good talk; "]),
    st.sampled_from(["", ". Fine.", "; done"]),
)
def test_it_sees_it_wherever_it_stands(case, before, after):
    text, words, what = case

    assert (words, what) in [(each.words, each.what) for each in seen_in(before + text + after)]
