# From the access log of a HAPI FHIR server (LoggingInterceptor), with this message format:
#
#   User[${requestHeader.x-user-id}] Role[${requestHeader.x-user-role}] Source[${remoteAddr}] Request[${requestId}]
#   Operation[${operationType} ${operationName} ${idOrResourceName}] Patient[${requestHeader.x-patient-id}]
#
# on one line; other parts, such as Params, are passed over.  Do not log requestBodyFhir.  Each line comes as
# {"line": "TIME ... User[...] ..."}, from text by
#
#   jq -cR '{line: .}' access.log | audit-emit --map-file hapi-fhir.jq
#
# or as a JSON logger writes it, {"@timestamp": ..., "message": "User[...] ..."}.
def part($name): capture("(^| )" + $name + "\\[(?<x>[^\\]]*)\\]").x // null | if . == "" then null else . end;

(.line // .message) as $text
| ($text | part("Operation") // "" | [splits(" +")]) as $op
| ({"read": "phi_read", "vread": "phi_read", "search-type": "phi_read", "history-instance": "phi_read",
    "history-type": "phi_read", "create": "phi_write", "update": "phi_write", "patch": "phi_write",
    "delete": "phi_write", "extended-operation-instance": "phi_read"})[$op[0] // ""] as $type
| select($type != null)
| ($op[-1] | split("/")) as $at
| { event_type: $type,
    timestamp: (.["@timestamp"] // ($text | capture("^(?<t>[0-9-]{10}[T ][0-9:]{8}([.,][0-9]+)?(Z|[+-][0-9:]+))").t | sub(","; "."))),
    user_id: ($text | part("User")),
    user_role: ($text | part("Role")),
    patient_id: (if $at[0] == "Patient" and $at[1] then $at[1] else $text | part("Patient") end),
    resource_type: $at[0],
    resource_id: $at[1],
    use_case: "ehr_access",
    source_ip: ($text | part("Source")),
    service_component: "hapi-fhir",
    request_id: ($text | part("Request")) }
