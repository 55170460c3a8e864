#!/usr/bin/env python3
"""aws.py logs VERB ... - a stand-in for the aws client and the service behind it, which fails as networks do.

AWS_STORE is a folder: streams are files of events, one a line.  FAULTS is the chance of a fault: the answer to a
request is lost, the request is lost, or the client dies half-way; requests are taken whole or not at all.  TOO_OLD
names an eventID that the service drops.  It refuses what PutLogEvents refuses, and being retried by the client.
"""
import fcntl, json, os, random, signal, sys

store = os.environ["AWS_STORE"]
words = sys.argv[sys.argv.index("logs") + 1:]
verb, words = words[0], words[1:]
options = {words[i][2:]: words[i + 1] for i in range(0, len(words) - 1) if words[i].startswith("--")}
with open(os.path.join(store, ".calls"), "ab") as f:   # the same faults in every run of a test
    f.write(b".")
    random.seed(f.tell())
fault = random.random() < float(os.environ.get("FAULTS", "0"))
kind = random.choice(("before", "after", "death"))


def file_of(stream):
    return os.path.join(store, stream.replace("/", "_"))


def fail(text):
    print("\n" + text, file=sys.stderr)
    sys.exit(254)


def lost(when):
    if fault and kind == when:
        fail("Connection was closed before we received a valid response from endpoint URL")
    if fault and kind == "death" and when == "after":
        os.killpg(0, signal.SIGKILL) if os.environ.get("DEATH") == "all" else os.kill(os.getppid(), signal.SIGKILL)


if os.environ.get("AWS_MAX_ATTEMPTS") != "1":
    fail("the client would retry by itself")
lost("before")
if verb == "create-log-stream":
    if os.path.exists(file_of(options["log-stream-name"])):
        fail("An error occurred (ResourceAlreadyExistsException) when calling the CreateLogStream operation")
    open(file_of(options["log-stream-name"]), "a").close()
elif verb == "filter-log-events":
    with open(file_of(options["log-stream-names"])) as f:
        events = [json.loads(line) for line in f]
    print(json.dumps([e["message"] for e in events
                      if int(options["start-time"]) <= e["timestamp"] < int(options["end-time"])], indent=4))
elif verb == "put-log-events":
    with open(options["cli-input-json"][len("file://"):]) as f:
        request = json.load(f)
    events = request["logEvents"]
    times = [e["timestamp"] for e in events]
    if not events or times != sorted(times) or not os.path.exists(file_of(request["logStreamName"])):
        fail("An error occurred (InvalidParameterException)")
    old = [i for i, e in enumerate(events) if json.loads(e["message"])["eventID"] == os.environ.get("TOO_OLD")]
    with open(file_of(request["logStreamName"]), "a") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        f.write("".join(json.dumps(e) + "\n" for e in events[old[0] + 1 if old else 0:]))
    lost("after")
    if old:
        print(json.dumps({"nextSequenceToken": "1", "rejectedLogEventsInfo": {"tooOldLogEventEndIndex": old[0] + 1}}, indent=4))
    sys.exit(0)   # or nothing, as the client prints for an empty reply
else:
    fail("no such verb")
lost("after")
