"""The pages of rooms."""

from django.urls import path

from rooms import views

urlpatterns = [
    path("", views.home, name="home"),
    path("rooms/", views.room_list, name="rooms"),
    path("rooms/new/", views.room_new, name="room_new"),
    path("rooms/<str:room>/", views.room, name="room"),
    path("i", views.invite, name="invite"),
]
