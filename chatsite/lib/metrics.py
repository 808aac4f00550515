"""Counters of one process, for /metrics. Labels are kinds, never ids, names or addresses.

Counting must cost nothing where it is hot: once a batch, once a room's event, never once a socket.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

registry = CollectorRegistry()
ProcessCollector(namespace="sotto", registry=registry)

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)

sockets = Gauge("sotto_sockets", "Open, signed-in sockets", registry=registry)
sockets_refused = Counter(
    "sotto_sockets_refused",
    "Sockets refused because file descriptors or connections are short",
    registry=registry,
)
rooms = Gauge("sotto_rooms", "Rooms with somebody's socket here", registry=registry)
behind = Gauge("sotto_sockets_behind", "Sockets that have events waiting", registry=registry)
outbox = Gauge("sotto_outbox_events", "Events waiting for slow sockets", registry=registry)
deliveries = Counter("sotto_deliveries", "Events times sockets that got them", registry=registry)
frames = Counter("sotto_frames", "Frames that came in, by type", ["type"], registry=registry)
messages = Counter("sotto_messages", "Messages appended", registry=registry)
repairs = Counter("sotto_repairs", "Gaps that were read from the store", registry=registry)
rejects = Counter("sotto_rejects", "Refusals over sockets, by code", ["code"], registry=registry)
limited = Counter("sotto_limited", "Refusals for a rate limit", ["limit"], registry=registry)
signals = Counter("sotto_signals", "Signals of intrusion, by kind", ["kind"], registry=registry)
policy_violations = Counter(
    "sotto_policy_violations",
    "Violations of the pages' policy that browsers reported, by directive",
    ["directive"],
    registry=registry,
)
failures = Counter(
    "sotto_failures", "Engines that did not do their part", ["part"], registry=registry
)
append_seconds = Histogram(
    "sotto_append_seconds",
    "From the first message of a batch waiting to the batch being durable",
    buckets=QUICK,
    registry=registry,
)
append_messages = Histogram(
    "sotto_append_messages", "Messages written together", buckets=SIZES, registry=registry
)
fanout_seconds = Histogram(
    "sotto_fanout_seconds",
    "From a batch being durable to its last write to a socket",
    buckets=QUICK,
    registry=registry,
)
requests = Histogram(
    "sotto_request_seconds",
    "HTTP requests by route and status",
    ["method", "route", "status"],
    buckets=QUICK,
    registry=registry,
)
