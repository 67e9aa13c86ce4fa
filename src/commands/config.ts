/** `implement config`: what is set, one value per line, and where each comes from. */
import { type Effective, KEYS, type Layer } from '../config/layer.ts';
import type { Resource } from '../core/settings.ts';
import { type CommandIo, OK } from './command.ts';

export interface ConfigView {
  readonly effective: Effective;
  readonly showOrigin: boolean;
  readonly json: boolean;
}

interface Row {
  readonly key: string;
  /** As a configuration would say it: durations are text. */
  readonly value: unknown;
  /** The same in its shortest form, where it has one. */
  readonly short?: unknown;
  readonly layer: Layer | null;
}

export function configCommand({ effective, showOrigin, json }: ConfigView, io: CommandIo): number {
  const rows = rowsOf(effective);
  // Before quoting: a value with a quotation mark in it would not be found behind its escapes.
  const cleaned = (_key: string, value: unknown): unknown => (typeof value === 'string' ? io.clean(value) : value);
  if (json) {
    const values = rows.map(({ key, value, layer }) => ({
      key,
      value,
      from: layer?.from ?? 'default',
      place: layer?.place(key) ?? null,
    }));
    io.output.out(JSON.stringify({ schemaVersion: 1, values }, cleaned, 2));
    return OK;
  }
  const lines = rows.map(({ key, short, value }) => `${key} = ${JSON.stringify(short ?? value, cleaned)}`);
  const width = Math.min(60, Math.max(...lines.map((line) => line.length)));
  for (const [i, { key, layer }] of rows.entries()) {
    const line = lines[i] as string;
    io.output.out(showOrigin ? `${line.padEnd(width)}  ${io.paint.dim(io.clean(originOf(key, layer)))}` : line);
  }
  return OK;
}

function originOf(key: string, layer: Layer | null): string {
  if (layer === null) return 'default';
  const place = layer.place(key);
  return place === null ? layer.from : `${layer.from}: ${place}`;
}

const TIMES: ReadonlySet<string> = new Set(['timeout', 'grace', 'worktree.setupTimeout']);

function rowsOf({ values, resources, origins }: Effective): Row[] {
  const rows = KEYS.map((key): Row => {
    const value = values[key];
    const isTime = TIMES.has(key) && typeof value === 'number';
    return { key, value: isTime ? written(value) : value, layer: origins.get(key) ?? null };
  });
  for (const resource of resources) {
    const key = `resources.${resource.name}`;
    const { name: _name, ...value } = resource;
    rows.push({ key, value, short: shortened(resource), layer: origins.get(key) ?? null });
  }
  return rows;
}

/** Without the members that say no more than their default. */
function shortened({ name, slots, labels, phases, paths, verify }: Resource): unknown {
  const isOwn = labels.length === 1 && labels[0] === name;
  const members = {
    ...(isOwn ? {} : { labels }),
    ...(phases.length === 0 ? {} : { phases }),
    ...(paths.length === 0 ? {} : { paths }),
    ...(verify ? { verify } : {}),
  };
  return Object.keys(members).length === 0 ? slots : { slots, ...members };
}

/** Milliseconds as a configuration has them: in the largest unit that needs no fraction. */
function written(ms: number): string {
  for (const [unit, length] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const)
    if (ms % length === 0) return `${ms / length}${unit}`;
  return `${ms}ms`;
}
