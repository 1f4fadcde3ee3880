// As run_cql.mjs, but in the reference engine that comes with the official translator, whose decimals are
// decimals. Takes the CQL itself:
//
//     node run_reference.mjs library.cql [--one-engine] < patients.ndjson > answers.ndjson
//
// Each patient gets an engine of their own: one that is kept and caches (--one-engine) answers for the
// next patient with what the first one had.
import { readFileSync } from "node:fs";
import { SystemModelInfoProvider } from "@cqframework/cql/cql";
import {
  CqlCompilerOptions,
  CqlTranslator,
  LibraryManager,
  ModelManager,
  createLibrarySourceProvider,
  stringAsSource,
} from "@cqframework/cql/cql-to-elm";
import * as engines from "@cqframework/cql/engine";
import { KtMap, KtMutableSet } from "@cqframework/cql/kotlin-kotlin-stdlib";
import { BigDecimal } from "@cqframework/cql/shared";

const text = readFileSync(process.argv[2], "utf8");
const models = new ModelManager();
models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
const manager = new LibraryManager(models, new CqlCompilerOptions());
manager.librarySourceLoader.registerProvider(createLibrarySourceProvider(() => stringAsSource(text)));

const elm = JSON.parse(CqlTranslator.fromText(text, manager).toJson()).library;
const types = Object.fromEntries(
  (elm.parameters?.def ?? []).map((one) => [one.name, one.parameterTypeSpecifier.name.split("}")[1]]),
);
const names = elm.statements.def.map((one) => one.name);

const environment = new engines.Environment(manager);
const caching = KtMutableSet.fromJsSet(new Set([engines.CqlEngine.Options.EnableExpressionCaching]));
const kept = process.argv.includes("--one-engine") ? new engines.CqlEngine(environment, caching) : null;
const wanted = new engines.EvaluationParams.LibraryParams.Builder();
wanted.expressionsByName(names);
const libraryParams = wanted.build();

const lines = readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
const patients = lines.map((line) => JSON.parse(line));
const answers = [names];
const started = performance.now();
for (const patient of patients) {
  const builder = new engines.EvaluationParams.Builder();
  builder.libraryByName(elm.identifier.id, libraryParams);
  const given = Object.entries(patient).map(([name, value]) => [name, parameter(name, value)]);
  builder.parameters = KtMap.fromJsMap(new Map(given));
  const result = (kept ?? new engines.CqlEngine(environment)).evaluate(builder.build()).onlyResultOrThrow;
  answers.push(names.map((name) => answer(name, result.getByName(name).value)));
}
const ms = performance.now() - started;
process.stdout.write(answers.map((one) => JSON.stringify(one) + "\n").join(""));
console.error(JSON.stringify({ patients: patients.length, ms }));

function parameter(name, value) {
  if (value == null) return null;
  switch (types[name]) {
    case "Boolean":
      return new engines.Boolean(value);
    case "Integer":
      return new engines.Integer(value);
    case "Decimal":
      return new engines.Decimal(BigDecimal.fromString(value));
    case "String":
      return new engines.String(value);
    case "Date":
      return engines.Date.fromDateString(value);
    default:
      throw new Error(`the library has no parameter ${name}`);
  }
}

// What is none of the three must not pass for one of them.
function answer(name, value) {
  if (value == null) return null;
  if (value instanceof engines.Boolean) return value.value;
  throw new Error(`${name} came to something that is neither true, false nor null: ${value.typeAsString}`);
}
