// CQL → ELM as JSON, by the official translator.
//
//     node translate.mjs library.cql …      writes library.json beside each; exit code 1 on any error
//
// Prints one JSON line a library: {"file": …, "errors": […], "warnings": […]}.
import { readFileSync, writeFileSync } from "node:fs";
import { SystemModelInfoProvider } from "@cqframework/cql/cql";
import { CqlCompilerOptions, CqlTranslator, LibraryManager, ModelManager } from "@cqframework/cql/cql-to-elm";

const models = new ModelManager();
models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());

for (const file of process.argv.slice(2)) {
  const manager = new LibraryManager(models, new CqlCompilerOptions());
  const translator = CqlTranslator.fromText(readFileSync(file, "utf8"), manager);
  const errors = messages(translator.errors);
  const warnings = messages(translator.warnings);
  if (errors.length === 0) writeFileSync(file.replace(/\.cql$/, "") + ".json", translator.toJson());
  else process.exitCode = 1;
  console.log(JSON.stringify({ file, errors, warnings }));
}

function messages(exceptions) {
  return exceptions.asJsReadonlyArrayView().map(({ message, locator }) => {
    const at = locator == null ? "" : String(locator).match(/startLine=(\d+), startChar=(\d+)/);
    return at ? `${at[1]}:${at[2]} ${message}` : message;
  });
}
