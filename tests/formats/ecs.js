// ecs.js RECORDS - has each document only names of the published field list (labels holds any name), values of
// the allowed ones, types that are expected of their category, and arrays where, and only where, the list says so?
const fs = require('fs');
const path = require('path');
const flat = require(path.join(path.dirname(require.resolve('@elastic/ecs/package.json')),
	'build/commonjs/ecs_flat.js')).EcsFlat;

// [name, value] of all leaves.
function leaves(o, prefix = '') {
	return Object.entries(o).flatMap(([k, v]) => (v !== null && typeof v === 'object' && !Array.isArray(v)
		? leaves(v, `${prefix}${k}.`) : [[prefix + k, v]]));
}

function wrong(doc) {
	const found = [];
	for (const [name, value] of leaves(doc)) {
		if (/^labels\.[a-z_]+$/.test(name)) {
			if (typeof value !== 'string')
				found.push(`${name}: not a keyword`);
			continue;
		}
		const field = flat[name];
		if (field === undefined) {
			found.push(`${name}: no such field`);
			continue;
		}
		if (Array.isArray(value) !== field.normalize.includes('array'))
			found.push(`${name}: array or not`);
		const allowed = (field.allowed_values || []).map((a) => a.name);
		for (const v of [].concat(value))
			if (typeof v !== 'string' || (allowed.length > 0 && !allowed.includes(v)))
				found.push(`${name}: not an allowed value`);
	}
	for (const category of doc.event.category) {
		const row = flat['event.category'].allowed_values.find((a) => a.name === category);
		for (const type of doc.event.type)
			if (!row.expected_event_types.includes(type))
				found.push(`event.type ${type} is not expected of ${category}`);
	}
	for (const name of ['@timestamp', 'ecs.version', 'event.kind', 'event.category', 'event.type'])
		if (!leaves(doc).some(([k]) => k === name))
			found.push(`${name}: missing`);
	return found;
}

const lines = fs.readFileSync(process.argv[2], 'utf8').split('\n').filter((l) => l !== '');
const planted = [
	(d) => { d.patient = { id: '1' }; },
	(d) => { d.event.type = ['change', 'start']; d.event.category = ['database']; },
	(d) => { d.event.outcome = 'denied'; },
	(d) => { d.user.roles = 'nurse'; },
	(d) => { d.labels.count = 1; },
	(d) => { delete d.ecs; },
];
for (const [i, plant] of planted.entries()) {
	const d = JSON.parse(lines[0]);
	plant(d);
	if (wrong(d).length === 0) {
		console.log(`planted fault ${i} was not found`);
		process.exit(1);
	}
}
const names = new Set();
let bad = 0;
for (const [i, line] of lines.entries()) {
	const d = JSON.parse(line);
	const found = wrong(d);
	leaves(d).forEach(([k]) => names.add(k));
	if (found.length > 0 && bad++ < 10)
		console.log(`record ${i + 1}: ${found.join('; ')}`);
}
console.log(`${lines.length} records, ${names.size} names, ${bad} invalid; ${planted.length} planted faults found`);
process.exit(bad === 0 && lines.length > 0 ? 0 : 1);
