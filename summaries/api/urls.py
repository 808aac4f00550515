"""The API of summaries."""

from django.urls import path

from summaries.api.summaries import SummaryCacheView, SummaryRequestView, SummaryView

ROOM = "chatrooms/<str:room>"

app_name = "summaries"
urlpatterns = [
    path(f"{ROOM}/summary", SummaryView.as_view(), name="summary"),
    path(f"{ROOM}/summary/cache", SummaryCacheView.as_view(), name="cache"),
    path(f"{ROOM}/summary/<str:rid>", SummaryRequestView.as_view(), name="request"),
]
