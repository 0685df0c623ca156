from tests.browser import login


def test_it_lets_the_owner_in_by_e_mail(live_server, page, owner):
    login.log_in(page, email=owner.email, password="correct horse battery")

    assert "Log out" in page.content()
    assert page.complaints == []
