// The nine quality metrics in DuckDB: node duckdb.js LOG THREADS
// Columns are given, so that nothing is spent on guessing the schema.
const { DuckDBInstance } = require('@duckdb/node-api');

const [log, threads] = process.argv.slice(2);
const columns = `{latency_ms: 'DOUBLE', cache_hit: 'BOOLEAN', content_filtered: 'BOOLEAN',
  disclaimer_present: 'BOOLEAN', citation_count: 'BIGINT', top_retrieval_score: 'DOUBLE',
  clinician_thumbs_up: 'BOOLEAN'}`;
// The element of a sorted list, because quantile_disc chooses another one.
const sql = `
  SELECT count(*) AS request_count,
    avg(latency_ms) AS avg_latency_ms,
    list_sort(list(latency_ms))[count(*) * 95 // 100 + 1] AS p95_latency_ms,
    count(*) FILTER (cache_hit) / count(*) AS cache_hit_rate,
    count(*) FILTER (content_filtered) / count(*) AS content_filter_rate,
    count(*) FILTER (disclaimer_present) / count(*) AS disclaimer_present_rate,
    avg(citation_count) AS avg_citation_count,
    avg(top_retrieval_score) FILTER (top_retrieval_score <> 0) AS avg_top_retrieval_score,
    count(*) FILTER (clinician_thumbs_up) / nullif(count(clinician_thumbs_up), 0) AS clinician_positive_rate
  FROM read_json('${log.replace(/'/g, "''")}', format = 'newline_delimited', columns = ${columns})`;

(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads });
  const reader = await (await instance.connect()).runAndReadAll(sql);
  const row = reader.getRowObjects()[0];
  for (const name in row) if (typeof row[name] === 'bigint') row[name] = Number(row[name]);
  console.log(JSON.stringify(row));
  process.exit(0);
})().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
