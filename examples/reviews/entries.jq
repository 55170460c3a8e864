# What the reviews share: native log lines as entries, their times as instants, rows as TSV.

# [seconds since 1970, nanoseconds as nine digits]: compares as an instant does.
def instant:
	[(.[0:19] + "Z" | fromdateiso8601), ((.[19:] | ltrimstr(".") | rtrimstr("Z")) + "000000000")[0:9]];

# That many seconds before.
def before($seconds): [.[0] - $seconds, .[1]];

# The end of a last line without LF is in a file of its own (review.sh).
def fault($what):
	if (input_filename // "") | endswith("/lf") then
		"\($ENV.NAME): a FILE's last line, which has no LF: \($what)\n" | halt_error(2)
	else . end |
	"\($ENV.NAME): \(input_filename // "<stdin>"):\(input_line_number): \($what)\n" | halt_error(2);

def is_entry:
	type == "object" and has("event_id") and has("event_type") and has("timestamp") and has("user_id") and
	has("user_role") and has("patient_id") and has("resource_type") and has("resource_id") and has("action") and
	has("use_case") and has("source_ip") and has("service_component") and has("request_id") and
	has("ai_model_version") and has("phi_fields_accessed");

# The entries of all input lines, each with its instant as .t; lines of the log itself are skipped.
def lines:
	inputs | . as $line
	| (try fromjson catch fault("no audit entry"))
	| if type == "object" and has("log_event") then empty
	  elif is_entry then .t = (.timestamp | try instant catch fault("no time"))
	  else fault("no audit entry") end;

# Those from $since up to $until; it is an error if there is no entry at all.
def entries($since; $until):
	foreach (lines, null) as $e ({n: 0};
		if $e == null then (if .n == 0 then "\($ENV.NAME): no entry in the input\n" | halt_error(2) else .out = null end)
		else .n += 1 | .out = (if $e.t >= $since and $e.t < $until then $e else null end) end;
		.out // empty);

def done: .outcome == null or .outcome == "success";
def is_read: (.event_type == "phi_read" or .event_type == "ai_inference_with_phi") and done;
def is_denial: .event_type == "phi_access_denied";

# A stable sort by the instants that f gives.
def by_time(f): sort_by(f);

def cell: if type == "array" then join(",") elif . == null then "" else tostring end;
def row: map(cell) | join("\t");
