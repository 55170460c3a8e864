# From the log of an LLM gateway: LiteLLM's StandardLoggingPayload, one object a line.
#
# What only the application knows it sends along as request metadata, which the gateway logs under
# metadata.requester_metadata: user_id, user_role, patient_id, use_case, resource_type, phi_fields_accessed, agent_id.
# The messages and the response are in these lines too (unless turn_off_message_logging is set): nothing here looks at
# them, so they do not get into an entry.
(.metadata // {}) as $m
| ($m.requester_metadata // {}) as $r
| select($r.patient_id != null)
| ($r.user_id // $m.user_api_key_user_id // .end_user) as $user
| { event_id: .id,
    event_type: "ai_inference_with_phi",
    timestamp: ((.startTime * 1000 | floor) as $ms
        | ($ms / 1000 | floor | todate | rtrimstr("Z")) + "." + ("00\($ms % 1000)" | .[-3:]) + "Z"),
    user_id: $user,
    user_role: $r.user_role,
    patient_id: $r.patient_id,
    resource_type: ($r.resource_type // "ai_prompt"),
    use_case: $r.use_case,
    source_ip: ($m.requester_ip_address // .requester_ip_address),
    service_component: "llm-gateway",
    request_id: (.trace_id // .id),
    ai_model_version: .model,
    phi_fields_accessed: $r.phi_fields_accessed,
    outcome: .status }
+ (if .custom_llm_provider then {ai_provider: .custom_llm_provider} else {} end)
+ (if .model_group then {ai_model_id: .model_group} else {} end)
+ (if $r.agent_id then {agent_id: $r.agent_id, on_behalf_of: $user} else {} end)
+ (if $m.user_api_key_team_id then {tenant: $m.user_api_key_team_id} else {} end)
