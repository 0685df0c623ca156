def test_it_lets_the_owner_in_by_e_mail(live_server, page, owner, log_in):
    log_in(page, owner)

    assert "Log out" in page.content()
    assert page.complaints == []
