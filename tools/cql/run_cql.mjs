// Runs a translated library for one patient after another in cql-execution, an engine that is not ours.
//
//     node run_cql.mjs library.json < patients.ndjson > answers.ndjson
//
// Each line in is one patient: an object of parameters, null for what is not known; decimals and dates are
// text. The first line out names the defines; each further line holds one patient's answers in their order
// (true, false or null). The last line on stderr says how long the engine took: {"patients": …, "ms": …}.
import { readFileSync } from "node:fs";
import cql from "cql-execution";

const elm = JSON.parse(readFileSync(process.argv[2], "utf8"));
const library = new cql.Library(elm);
const types = Object.fromEntries(
  (elm.library.parameters?.def ?? []).map((one) => [one.name, one.parameterTypeSpecifier.name.split("}")[1]]),
);
const names = elm.library.statements.def.map((one) => one.name);
const nobody = new cql.PatientSource([]);

const lines = readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
const patients = lines.map((line) => parameters(JSON.parse(line)));
const answers = [names];
const started = performance.now();
for (const patient of patients) {
  const executor = new cql.Executor(library, null, patient);
  const { unfilteredResults } = await executor.exec(nobody);
  answers.push(names.map((name) => answer(name, unfilteredResults[name])));
}
const ms = performance.now() - started;
process.stdout.write(answers.map((one) => JSON.stringify(one) + "\n").join(""));
console.error(JSON.stringify({ patients: patients.length, ms }));

function parameters(given) {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, parameter(name, value)]));
}

function parameter(name, value) {
  if (!(name in types)) throw new Error(`the library has no parameter ${name}`);
  if (value === null) return null;
  if (types[name] === "Decimal") return Number(value);
  return types[name] === "Date" ? cql.Date.parse(value) : value;
}

// What is none of the three must not pass for one of them.
function answer(name, value) {
  if (value === true || value === false || value === null) return value;
  throw new Error(`${name} came to something that is neither true, false nor null: ${typeof value}`);
}
