"""The words by which a text is told to be about somebody's body, or about a workshop on it."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


BODY = _words(
    """
    achilles acl ankle ankles arm arms back bicep biceps bladder calf calves cuff disc discs elbow elbows feet
    femur finger fingers foot glute glutes groin hamstring hamstrings heel heels hip hips jaw knee knees labrum
    leg legs ligament mcl meniscus neck patella pcl pelvis quad quads rib ribs rotator sacrum shoulder shoulders
    spine tailbone tendon thumb tibia tmj toe toes tricep triceps wrist wrists
    """
)
COMPLAINTS = _words(
    """
    anxiety arthritis bursitis cancer concussion depression diabetes diagnosis diastasis dizziness endometriosis
    fasciitis fibromyalgia fracture headache headaches herniated herniation incontinence injuries injury limp
    limping migraine migraines neuropathy numbness osteoarthritis osteoporosis pain pains parkinsons postpartum
    pregnancy pregnant prolapse rehab replacement sciatica scoliosis spasms sprain stenosis stroke surgery
    tendinitis tendinopathy tendonitis vertigo whiplash
    """
)
# Beside one of these a body part is what something is about.
TOPICS = _words(
    """
    advice article articles band bands blog book booklet books brochure brochures card cards care chart class
    classes clinic clinics course courses day days demo drill drills education event events exercise exercises
    flyer flyers group groups guide guides handout handouts leaflet leaflets mobility model newsletter package
    packages pdf podcast post poster posters posts prevention program programme programmes programs routine
    routines screen screening screenings screens seminar seminars series session sessions sheet sheets sleeve
    sleeves specialist specialists strength stretch stretches stretching talk talks tips video videos warm
    warmup webinar webinars workshop workshops
    """
)
# What owns a body part without being anybody in particular; and what is capitalised without being a person.
NOT_PERSONS = _words(
    """
    a an anybody anyone april athlete athletes august barbell beginners body child children chiropractor city
    class client clients climber climbers clinic club coach coaches community crossfit cyclist cyclists dad dads
    dancer dancers december desk direct director doctor dr evening everybody everyone family february fitness
    friday front functional general golfer golfers gym he head health her here him his how i it its january july
    jumper jumpers june kid kids lead let lets lifter lifters man manager march may me medicine member members
    men mom moms monday month months morning mother mothers my naturopath nobody november nurse nurses october
    ok one our owner owners parent parents patient patients people person physical physician physio pilates
    player players practice primary rower rowers runner runners running saturday senior seniors september she
    somebody someone staff strength student students studio sunday swimmer swimmers teacher teachers team tennis
    that the their them therapy there these they this those thursday today tomorrow tonight town trainer
    trainers tuesday us we wednesday week weeks wellness what when where which who why woman women world writer
    writers year years yesterday yoga you your
    """
)
# “Client care”, “Patient First”: words after patient and client that are no name.
NOT_PATIENTS = NOT_PERSONS | _words(
    """
    and base experience first flow form forms handout handouts intake list lists or portal referral referrals
    success
    """
)
# Words that say where somebody is as well: Jane's back from her holiday, asked Jane to call back.
RETURNS = _words(
    """
    arm arms back calf cuff disc feet foot heel hip leg legs replacement
    """
)
