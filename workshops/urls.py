from django.urls import path, re_path

from workshops.views import answers, calendars, own, pages, ratings, seats

urlpatterns = [
    path("workshops/", pages.workshop_list, name="workshops"),
    path("workshops/<slug:slug>/", pages.workshop_page, name="workshop"),
    path("workshops/<slug:slug>/thanks/", pages.thanks, name="workshop_thanks"),
    path("workshops/<slug:slug>/workshop.ics", pages.workshop_calendar, name="workshop_calendar"),
    path("calendar/<str:token>.ics", calendars.feed, name="workshop_feed"),
    re_path(r"^w/(?P<slug>[-\w]+)/(?P<code>[^/]+)/?$", pages.workshop_page, name="workshop_from"),
    path("r/<str:token>/", own.registration_page, name="registration"),
    path("r/<str:token>/cancel/", seats.cancel, name="registration_cancel"),
    path("r/<str:token>/claim/", seats.claim, name="registration_claim"),
    path("r/<str:token>/confirm/", seats.confirm, name="registration_confirm"),
    path("r/<str:token>/undo/", answers.take_back_no, name="registration_undo"),
    path("r/<str:token>/rate/<int:stars>/", ratings.rate, name="registration_rate"),
    path("r/<str:token>/again/", own.register_again, name="registration_again"),
    path("r/<str:token>/workshop.ics", own.registration_calendar, name="registration_calendar"),
]
