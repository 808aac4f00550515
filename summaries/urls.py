"""The API of summaries."""

from django.urls import path

from summaries.api import SummaryCacheView, SummaryRequestView, SummaryView

endpoints = [
    path("chatrooms/<str:room>/summary", SummaryView.as_view()),
    path("chatrooms/<str:room>/summary/cache", SummaryCacheView.as_view()),
    path("chatrooms/<str:room>/summary/<str:rid>", SummaryRequestView.as_view()),
]
