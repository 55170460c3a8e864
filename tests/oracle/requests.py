#!/usr/bin/env python3
"""requests.py make SEED small|large      a hostile stream of events for put-log-events
requests.py check EVENTS REQUESTS SAID  do the requests obey every limit of the service, and is each event in
                                        exactly one of them or refused by a message with its line?

The limits are of the API reference of PutLogEvents, and are checked here on their own terms.
"""
import datetime, json, random, re, sys

DAY = datetime.timedelta(days=1)


def make(seed, size):
    rng, large = random.Random(int(seed)), size == "large"
    now = datetime.datetime.now(datetime.timezone.utc)
    count = 0

    def event(when, show=True, **more):
        nonlocal count
        count += 1
        e = {"event_id": "e%d-%s" % (count, rng.randrange(10**6)), "event_type": "phi_read", "timestamp": when.isoformat(),
             "user_id": "dr.lee", "user_role": "nurse", "patient_id": "P1", "resource_type": "Patient", "resource_id": None,
             "action": "read", "use_case": "care", "source_ip": "::1", "service_component": "gw", "request_id": "r-1",
             "ai_model_version": None, "phi_fields_accessed": None}
        e.update(more)
        if show:
            print(json.dumps(e))
        return e

    def at_the_limit(when):
        """The longest entry there can be, some 60 kB; every other on a line of 65,535 bytes."""
        token, label = "\U00010348" * 128, "\U00010348" * 64   # 12 bytes each in the native line
        e = event(when, show=False, phi_fields_accessed=["a" * 128] * 256,
                  **{k: token for k in ("user_id", "request_id", "session_id", "tenant", "agent_id", "on_behalf_of", "ai_model_id",
                                        "ai_provider", "reason_code", "recipient", "patient_id", "resource_id", "purpose")},
                  **{k: label for k in ("user_role", "use_case", "service_component", "ai_model_version", "resource_type")})
        line = json.dumps(e, ensure_ascii=False)
        print(line + " " * (count % 2 * (65535 - len(line.encode()))))

    for i in range(30000 if large else 3000):
        event(now - datetime.timedelta(microseconds=rng.randrange(10**6)))
    for i in range(200 if large else 40):
        at_the_limit(now - datetime.timedelta(seconds=i))
    for i in range(40):
        event(now - datetime.timedelta(hours=25 * (i % 13)))
        event(now - datetime.timedelta(hours=25 * (i % 13), milliseconds=1))
    for i in range(60):
        event(now - rng.random() * 13.9 * DAY)
    for delta in (15 * DAY, 14 * DAY + datetime.timedelta(minutes=5), datetime.timedelta(hours=-3), datetime.timedelta(hours=-2, minutes=-5)):
        for _ in range(5):
            event(now - delta)
    print("no JSON")
    print("{" + " " * 65536)
    for delta in (14 * DAY - datetime.timedelta(minutes=5), datetime.timedelta(hours=-1, minutes=-55)):
        for _ in range(5):
            event(now - delta)


def check(events, requests, said):
    named = set()
    for line in open(said):
        m = re.match(r"audit-emit: events:(\d+): .*\[([a-z-]+)\]$", line)
        if m:
            named.add((int(m[1]), m[2]))
    refused = {n for n, _ in named}
    now = datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000
    seen, most = {}, [0, 0, 0]
    for line in open(requests):
        r = json.loads(line)
        assert set(r) == {"logGroupName", "logStreamName", "logEvents"} and json.dumps(r) + "\n" == line
        assert re.fullmatch(r"[.\-_/#A-Za-z0-9]{1,512}", r["logGroupName"]) and re.fullmatch("[^:*]{1,512}", r["logStreamName"])
        batch = r["logEvents"]
        sizes = [len(e["message"].encode()) + 26 for e in batch]
        times = [e["timestamp"] for e in batch]
        assert 1 <= len(batch) <= 10000 and sum(sizes) <= 1048576 and max(sizes) <= 1048576
        assert times == sorted(times) and times[-1] - times[0] <= 24 * 3600 * 1000
        assert all(now - 14 * 24 * 3600 * 1000 <= t <= now + 2 * 3600 * 1000 for t in times)
        most = [max(a) for a in zip(most, (len(batch), sum(sizes), times[-1] - times[0]))]
        for e in batch:
            record = json.loads(e["message"])
            t = datetime.datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))
            assert e["timestamp"] == (t - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)
            assert record["eventID"] not in seen, "doubled"
            seen[record["eventID"]] = record
    longest = fullest = 0
    for number, line in enumerate(open(events), 1):
        if len(line.encode()) > 65536 or not line.startswith("{"):
            assert (number, "line-length" if line[0] == "{" else "json-syntax") in named
            continue
        e = json.loads(line)
        native = len(json.dumps(dict(e, timestamp=e["timestamp"].replace("+00:00", "Z")), sort_keys=True))
        if number in refused:
            assert e["event_id"] not in seen
            assert (number, "time-window") in named
        else:
            assert e["event_id"] in seen, "lost: line %d" % number
            longest, fullest = max(longest, native), max(fullest, len(line.encode()))
            del seen[e["event_id"]]
    assert not seen, "from nowhere"
    assert longest >= 58000 and fullest == 65536, (longest, fullest)
    assert sum(rule == "time-window" for _, rule in named) == 20
    print("events %d, bytes %d, span %d ms at most; %d refused" % (*most, len(named)))


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
