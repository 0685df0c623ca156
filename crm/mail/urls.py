from django.urls import path

from crm.mail import receiving, views

urlpatterns = [
    path("mail/events/", views.events, name="mail_events"),
    path("u/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("u/<str:token>/undo/", views.undo_unsubscribe, name="undo_unsubscribe"),
    path("p/<str:token>/", views.preferences, name="preferences"),
    path("mail/inbound/", receiving.inbound, name="inbound"),
]
