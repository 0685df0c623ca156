from django.urls import path

from partners import refer

urlpatterns = [
    path("refer/<str:code>/", refer.page, name="refer"),
    path("refer/<str:code>/thanks/", refer.thanks, name="refer_thanks"),
]
