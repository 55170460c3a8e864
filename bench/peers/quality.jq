# The nine quality metrics: jq -n -c -f quality.jq LOG
# Columns are taken from rows collected at once: an array grown inside reduce is quadratic in jq 1.6.
def mean: if length == 0 then null else add / length end;
def share: map(if . then 1 else 0 end) | mean;
[inputs | [.latency_ms, .cache_hit, .content_filtered, .disclaimer_present, .citation_count,
           .top_retrieval_score, .clinician_thumbs_up]] as $rows
| def column($i): $rows | map(.[$i]);
{ request_count: ($rows | length),
  avg_latency_ms: (column(0) | mean),
  p95_latency_ms: (column(0) | sort | .[length * 95 / 100 | floor]),
  cache_hit_rate: (column(1) | share),
  content_filter_rate: (column(2) | share),
  disclaimer_present_rate: (column(3) | share),
  avg_citation_count: (column(4) | mean),
  avg_top_retrieval_score: (column(5) | map(select(. != null and . != 0)) | mean),
  clinician_positive_rate: (column(6) | map(select(. != null)) | share) }
