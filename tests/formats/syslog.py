#!/usr/bin/env python3
"""syslog.py NATIVE STREAM DIR - send STREAM to an rsyslogd of our own over TCP on the loopback; does it find in each
message, in its header, its structured data and its text, the values of the entry?  DIR is for its files."""
import hashlib, json, os, socket, subprocess, sys, tempfile, time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def config(port, out):
    return """
global(maxMessageSize="128k" workDirectory="%s" parser.escapeControlCharactersOnReceive="off")
module(load="imtcp" MaxSessions="4")
module(load="mmpstrucdata")
input(type="imtcp" port="%d" address="127.0.0.1" ruleset="r")
template(name="t" type="list" option.jsonf="on") {
  property(outname="pri" name="pri" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="data" name="$!rfc5424-sd" format="jsonf")
  property(outname="msg" name="msg" format="jsonf")
}
ruleset(name="r") {
  action(type="mmpstrucdata")
  action(type="omfile" file="%s" template="t")
}
""" % (os.path.dirname(out), port, out)


def receive(stream, wanted, folder):
    """What rsyslogd makes of stream: its output, one JSON object a line."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        out, port = os.path.join(home, "out"), free_port()
        with open(os.path.join(home, "conf"), "w", encoding="ascii") as f:
            f.write(config(port, out))
        server = subprocess.Popen(["rsyslogd", "-n", "-f", f.name, "-i", os.path.join(home, "pid")])
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    s = socket.create_connection(("127.0.0.1", port))
                    break
                except OSError:
                    assert server.poll() is None and time.monotonic() < deadline, "rsyslogd does not listen"
                    time.sleep(0.05)
            with s, open(stream, "rb") as f:
                s.sendfile(f)
                s.shutdown(socket.SHUT_WR)
                while s.recv(4096):
                    pass
            while time.monotonic() < deadline:
                time.sleep(0.2)
                if os.path.exists(out) and sum(1 for _ in open(out, "rb")) >= wanted:
                    break
        finally:
            server.terminate()
            server.wait()
        with open(out, encoding="utf-8") as f:
            return [json.loads(line) for line in f]


def main(natives, stream, folder):
    with open(natives, encoding="ascii") as f:
        lines = f.read().splitlines()
    got = receive(stream, len(lines), folder)
    assert len(got) == len(lines), "%d messages of %d" % (len(got), len(lines))
    for native, m in zip(lines, got):
        e = json.loads(native)
        severity = {"phi_access_denied": 4, "ai_injection_attempt": 2, "ai_phi_output_detected": 2}.get(e["event_type"], 5)
        assert m["msg"].lstrip(" ") == native, "message text"
        assert (m["pri"], m["app"], m["id"], m["host"]) == (str(80 + severity), "audit-emit", e["event_type"], "-"), m
        data = m["data"] if isinstance(m["data"], dict) else json.loads(m["data"])
        assert data == {"audit@32473": {"event_id": e["event_id"],
                                        "integrity_hash": hashlib.sha256(native.encode()).hexdigest()}}, (data, e["event_id"])
        assert m["time"][:19] == e["timestamp"][:19]
    print("%d messages" % len(got))


main(*sys.argv[1:])
