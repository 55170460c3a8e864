# From nginx's access log, in JSON, of a proxy before a FHIR server: one entry for each request for a patient's data.
#
#   log_format audit escape=json '{"time": "$time_iso8601", "request_id": "$request_id", "addr": "$remote_addr",'
#       ' "user": "$remote_user", "role": "$http_x_user_role", "purpose": "$http_x_purpose_of_use",'
#       ' "patient": "$http_x_patient_id", "method": "$request_method", "path": "$uri", "status": $status}';
#
# $uri has no query: a search's parameters are not logged.  The role, the purpose and, for what is not under
# /Patient/ID, the patient are headers that the application sets.  $request_id is random, so it serves as event_id,
# and a log that is read twice gives the same entries.  Requests that fail with other than 401 and 403 yield nothing.
def given: if . == "" or . == "-" then null else . end;

(.path | ltrimstr("/fhir/") | split("/")) as $at
| select($at[0] // "" | test("^[A-Z][A-Za-z]+$"))
| (if .status == 401 or .status == 403 then "phi_access_denied"
   elif .status >= 400 then empty
   elif .method == "GET" or .method == "HEAD" or $at[1] == "_search" then "phi_read"
   else "phi_write" end) as $type
| ($at[1] // "" | select(startswith("_") or startswith("$") | not) | given) as $id
| { event_id: .request_id,
    event_type: $type,
    action: (if $type != "phi_access_denied" then null elif .method == "GET" then "read" else "write" end),
    timestamp: .time,
    user_id: (.user | given // "anonymous"),
    user_role: (.role | given // "unknown"),
    patient_id: (if $at[0] == "Patient" then $id else .patient | given end),
    resource_type: $at[0],
    resource_id: $id,
    use_case: "ehr_access",
    source_ip: .addr,
    service_component: "fhir-proxy",
    request_id: .request_id }
+ (if .purpose | given then {purpose} else {} end)
| if .action == null then del(.action) else . end
