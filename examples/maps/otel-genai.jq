# From OpenTelemetry GenAI spans, as the collector's file exporter writes them (OTLP/JSON): one entry for each model
# call of a span that names a patient.  Both the present and the older names of attributes are understood.
#
# What only the application knows it sets as attributes of the span: patient_id, user_role, use_case, and perhaps
# resource_type and phi_fields_accessed.  gen_ai.input.messages and the like are not looked at.
def value: .stringValue // .intValue // .doubleValue // .boolValue // ((.arrayValue.values // empty) | map(value));
def attributes: reduce (.attributes // [])[] as $a ({}; .[$a.key] = ($a.value | value));
def time: (.[:-9] | tonumber | todate | rtrimstr("Z")) + "." + .[-9:] + "Z";

.resourceSpans[]?
| (.resource | attributes) as $service
| (.scopeSpans // .instrumentationLibrarySpans // [])[].spans[]
| attributes as $a
| select($a["gen_ai.operation.name"] | IN("chat", "text_completion", "generate_content"))
| select($a.patient_id != null)
| ($a["user.id"] // $a["enduser.id"]) as $user
| { event_id: (.traceId + "-" + .spanId),
    event_type: "ai_inference_with_phi",
    timestamp: (.startTimeUnixNano | tostring | time),
    user_id: $user,
    user_role: ($a.user_role // $a["enduser.role"]),
    patient_id: $a.patient_id,
    resource_type: ($a.resource_type // "ai_prompt"),
    use_case: ($a.use_case // $a["gen_ai.prompt.name"]),
    source_ip: ($a["client.address"] // $a["net.peer.ip"]),
    service_component: $service["service.name"],
    request_id: .traceId,
    ai_model_version: ($a["gen_ai.response.model"] // $a["gen_ai.request.model"]),
    phi_fields_accessed: $a.phi_fields_accessed,
    outcome: (if .status.code == 2 or .status.code == "STATUS_CODE_ERROR" then "failure" else "success" end) }
+ (($a["gen_ai.provider.name"] // $a["gen_ai.system"]) as $p | if $p then {ai_provider: $p} else {} end)
+ (if $a["gen_ai.request.model"] then {ai_model_id: $a["gen_ai.request.model"]} else {} end)
+ (if $a["gen_ai.agent.id"] then {agent_id: $a["gen_ai.agent.id"], on_behalf_of: $user} else {} end)
+ (($a["gen_ai.conversation.id"] // $a["session.id"]) as $s | if $s then {session_id: $s} else {} end)
