# From the gateway's own log to audit entries: audit-emit --map-file gateway.jq gateway.jsonl
# Lines that are no answer to a clinician yield nothing.
select(.msg == "chat.completed")
| { event_type: "ai_inference_with_phi",
    timestamp: .ts,
    user_id: .auth.sub,
    user_role: .auth.roles[0],
    patient_id: .fhir.patient,
    resource_type: .fhir.type,
    use_case: .feature,
    source_ip: .http.remote,
    service_component: "rag-gateway",
    request_id: .trace,
    ai_model_version: (.model.id + "@" + .model.version),
    phi_fields_accessed: .fhir.paths }
