// Run by the build: the JSON Schema of a configuration, from the schema that checks one. Knows where it is kept.
import { writeFileSync } from 'node:fs';
import { createJiti } from 'jiti';

/** @param path of the file to write. */
export async function writeSchema(path) {
  const jiti = createJiti(import.meta.url, { fsCache: false });
  const { jsonSchema } = await jiti.import('../src/config/schema.ts');
  writeFileSync(path, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
}
