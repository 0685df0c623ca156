"""First names that are heard often. Enough to tell a person from a word in a line typed or spoken without capitals.

Names that are everyday words as well (Will, Grace, May, Mark, Hope) are left out: they count where they are capitalised.
"""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


FIRST_NAMES = _words(
    """
    aaron abby abdul abigail adam adele adrian agnes ahmed aisha alan albert alejandro alex alexa alexander
    alexandra alexis alfred ali alice alicia alison allison alyssa amanda amara amber amelia amina amir amy ana
    andre andrea andreas andrew angela anita ann anna anne annie anthony antoine antonio anya arjun arthur
    ashley audrey ava barbara beatrice ben benjamin bernard beth betty bianca bob bobby brad bradley brandon
    brenda brian bridget bronwyn bruce bruno bryan camille carl carla carlos carmen carol caroline carolyn
    catherine cathy cecilia charles charlotte chelsea chloe chris christian christina christine christopher
    cindy claire clara claudia clive colin colleen connor craig cynthia dale damian dan dana daniel danielle
    danny darren dave david dean deborah debra denise dennis derek diana diane diego dina dmitri dominic don
    donald donna doris dorothy doug douglas duncan dylan edgar edith edward eileen elaine eleanor elena eli
    elias elijah elizabeth ella ellen emily emma eric erica erik erin ernest esther ethan eva evan evelyn fatima
    felix fernando fiona frances francis francois gabriel gabriela gail gareth gary gavin geoff george georgia
    gerald geraldine gina giovanni giulia glen glenn gloria gordon graham greg gregory gwen hannah harold
    harriet harry hassan heather hector heidi helen henry herbert hiroshi holly howard hugh hugo ian ibrahim
    igor imani ingrid irene isaac isabel isabella ivan jackie jacob jacqueline jacques jake james jamie jan jane
    janet janice jared jasmine jason javier jay jean jeff jeffrey jen jenna jennifer jenny jeremy jerome jerry
    jesse jessica jill jim jimmy joan joanna joanne joe joel johanna john johnny jon jonathan jordan jorge jose
    joseph josephine josh joshua joyce juan juanita judith judy julia julian julie justin kamal karen karim karl
    kate katherine kathleen kathryn kathy katie kayla keith kelly ken kenji kenneth kevin kim kimberly kirsten
    kofi kristen kristin kumar kurt kyle lara larry laura lauren laurie lawrence leah lee leela lena leo leon
    leonard leslie lewis liam lillian linda lindsay lisa liz logan lois lorraine louis louise lucas lucia lucy
    luis luke lydia lynn madison magda mai malcolm manuel marc marcel marco marcus margaret maria mariam marie
    marilyn mario marion marjorie marta martha martin mary mateo matt matthew maureen max maya megan mehmet mei
    melanie melissa mia michael michelle miguel mike mila miriam mohammed moira molly monica morgan moses
    muhammad nadia nancy naomi natalia natalie natasha nathan neil nelson nicholas nick nicola nicole nigel
    nikhil nina noah noel nora norman nuno olga oliver olivia omar oscar owen pablo pam pamela patricia patrick
    paul paula paulina pedro peggy pete peter phil philip phyllis pierre priya rachel rahul raj ralph ramon
    randy raul ravi raymond rebecca regina renee ricardo richard rick rita robert roberta robin rodrigo roger
    rohan ron ronald rosa rosemary ross roy russell ruth ryan sabrina sally salma sam samantha samir samuel
    sandra sandy sanjay sara sarah scott sean sebastian selena sergio seth shannon sharon shaun sheila shirley
    simon simone sofia sonia sophia sophie stan stanley stefan stella stephanie stephen steve steven stuart
    susan suzanne sven sylvia tamara tanya tara ted teresa terry tessa theo theodore theresa thomas tim timothy
    tina todd tom tomas tommy tony tracy travis trevor tyler uma ursula valerie vanessa vera veronica vicky
    victor victoria vijay vincent virginia vivian walter wanda wayne wendy wesley wilfred william willie xavier
    yasmin yolanda yuki yusuf yvonne zach zachary zara zoe
    """
)
