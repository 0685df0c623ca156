from django.urls import path

from workshops import views

urlpatterns = [
    path("workshops/", views.workshop_list, name="workshops"),
    path("workshops/<slug:slug>/", views.workshop_page, name="workshop"),
    path("workshops/<slug:slug>/thanks/", views.thanks, name="workshop_thanks"),
    path("workshops/<slug:slug>/workshop.ics", views.workshop_calendar, name="workshop_calendar"),
    path("r/<str:token>/", views.registration_page, name="registration"),
    path("r/<str:token>/cancel/", views.cancel, name="registration_cancel"),
    path("r/<str:token>/again/", views.register_again, name="registration_again"),
    path("r/<str:token>/workshop.ics", views.registration_calendar, name="registration_calendar"),
]
