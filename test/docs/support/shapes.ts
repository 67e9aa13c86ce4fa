/** The tables of docs/json.md as shapes, and what is wrong with a value that should have one of them. */

export type Shape = ReadonlyMap<string, string>;

/** Shapes by the name of their heading. */
export function shapesOf(page: string): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  let fields: Map<string, string> | null = null;
  for (const line of page.split('\n')) {
    const heading = /^#{2,3} (\w+)$/.exec(line)?.[1];
    if (heading !== undefined) {
      fields = new Map();
      shapes.set(heading, fields);
    }
    // Cells are separated by bars, types by escaped ones.
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const field = /^`(\w+)`$/.exec(cells[1] ?? '')?.[1];
    if (field !== undefined) fields?.set(field, (cells[2] as string).replaceAll('\\|', '|').replaceAll('`', ''));
  }
  return shapes;
}

/** Every place at which `value` is not what the shape says; empty if it is. */
export function faultsOf(value: unknown, name: string, shapes: ReadonlyMap<string, Shape>, at = name): string[] {
  const shape = shapes.get(name);
  if (shape === undefined) return [`${at}: no table describes ${name}`];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: no object`];
  const unknown = Object.keys(value)
    .filter((key) => !shape.has(key))
    .map((key) => `${at}.${key}: not described`);
  return [
    ...unknown,
    ...[...shape].flatMap(([key, type]) =>
      key in value
        ? typeFaults((value as Record<string, unknown>)[key], type, shapes, `${at}.${key}`)
        : [`${at}.${key}: missing`],
    ),
  ];
}

function typeFaults(value: unknown, type: string, shapes: ReadonlyMap<string, Shape>, at: string): string[] {
  const found = type.split(' | ').map((one) => oneType(value, one, shapes, at));
  const fitting = found.find((faults) => faults.length === 0);
  if (fitting !== undefined) return [];
  return found.length === 1
    ? (found[0] as string[])
    : (found.find((faults) => !faults[0]?.startsWith(`${at}: `)) ?? [`${at}: ${JSON.stringify(value)} is not ${type}`]);
}

function oneType(value: unknown, type: string, shapes: ReadonlyMap<string, Shape>, at: string): string[] {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${at}: no list`];
    return value.flatMap((item, i) => oneType(item, type.slice(0, -2), shapes, `${at}[${i}]`));
  }
  if (shapes.has(type)) return faultsOf(value, type, shapes, at);
  const fits = /^["\d]/.test(type)
    ? JSON.stringify(value) === type
    : type === 'null'
      ? value === null
      : typeof value === type;
  return fits ? [] : [`${at}: ${JSON.stringify(value)} is not ${type}`];
}
