/**
 * Claims to edges: what the text says about tasks, stories and phases. Knows sides and stretches; how a sentence was
 * read is for others. Many long sides share gates, so that the graph stays linear in the size of the file.
 */
import type { Claim } from './claims.ts';
import { type Diagnostic, error, info, warning } from './diagnostic.ts';
import { type EdgeData, join, joinAll, type Network } from './network.ts';
import { type Part, type Side, sizeOf, span, tasksOf } from './resolve.ts';
import type { Task } from './task.ts';

export interface Explicit {
  /** Adds claims between single tasks. */
  addNarrow(claims: readonly Claim[]): void;
  /** Adds claims about stories and phases, which hold between two cuts and never against one. */
  addWide(claims: readonly Claim[], stretch: readonly number[]): void;
}

/** Above this many ends per task, sides share gates. */
const ENDS_PER_TASK = 4;
const SPARE_ENDS = 2_000;

export function createExplicit(network: Network, tasks: readonly Task[], diagnostics: Diagnostic[]): Explicit {
  const idOf = (task: number): string => (tasks[task] as Task).id;
  let gates = 0;

  const dataOf = (claim: Claim): EdgeData => ({ kind: 'explicit', because: claim.because, reason: `"${claim.words}"` });
  const connect = (first: readonly string[], second: readonly string[], claim: Claim): void => {
    const gate = { id: `order:${gates + 1}`, label: claim.words };
    if (first.length > 1 && second.length > 1) gates++;
    joinAll(network, first, second, gate, dataOf(claim));
  };
  const newGate = (label: string): string => {
    const id = `order:${++gates}`;
    network.addNode(id, { task: -1, label });
    return id;
  };

  /** Gates for runs of tasks, halves shared: any range is the join of few of them. */
  const shared = new Map<string, string>();
  const gateOfRange = (low: number, high: number, way: 'end' | 'start', claim: Claim): string => {
    if (low === high) return idOf(low);
    const key = `${way}:${low}-${high}`;
    const known = shared.get(key);
    if (known !== undefined) return known;
    const gate = newGate(`${idOf(low)} to ${idOf(high)}`);
    shared.set(key, gate);
    const middle = (low + high) >> 1;
    for (const half of [gateOfRange(low, middle, way, claim), gateOfRange(middle + 1, high, way, claim)]) {
      if (way === 'end') join(network, half, gate, dataOf(claim));
      else join(network, gate, half, dataOf(claim));
    }
    return gate;
  };
  const piecesOf = (low: number, high: number, way: 'end' | 'start', claim: Claim): string[] => {
    const found: string[] = [];
    const visit = (from: number, to: number): void => {
      if (high < from || to < low) return;
      if (low <= from && to <= high) found.push(gateOfRange(from, to, way, claim));
      else {
        const middle = (from + to) >> 1;
        visit(from, middle);
        visit(middle + 1, to);
      }
    };
    visit(0, tasks.length - 1);
    return found;
  };

  const isLong = (claims: readonly Claim[]): boolean => {
    let ends = 0;
    for (const { first, second } of claims) {
      for (const part of [...first.parts, ...second.parts]) ends += sizeOf(part);
    }
    return ends > ENDS_PER_TASK * tasks.length + SPARE_ENDS;
  };

  const narrow = (claim: Claim, isFrugal: boolean): void => {
    const first = spansOf(claim.first);
    const second = spansOf(claim.second);
    const both = intersect(first, second);
    if (claim.own && both.length > 0) {
      diagnostics.push(
        error('cycle', `${idOf((both[0] as Part).low)} waits for itself.`, claim.because, {
          hint: 'Take this dependency out. Nothing is run before that.',
        }),
      );
    }
    // A sentence of a section may name a task on both sides, as part of a range: that says nothing.
    const [before, behind] = [subtract(first, both), subtract(second, both)];
    if (before.length === 0 || behind.length === 0) return;
    if (isFrugal) {
      connect(
        before.flatMap((part) => piecesOf(part.low, part.high, 'end', claim)),
        behind.flatMap((part) => piecesOf(part.low, part.high, 'start', claim)),
        claim,
      );
    } else connect(before.flatMap(idsOf), behind.flatMap(idsOf), claim);
  };
  const idsOf = (part: Part): string[] => {
    const ids: string[] = [];
    for (let task = part.low; task <= part.high; task++) ids.push(idOf(task));
    return ids;
  };

  const split = new Map<string, Map<number, number[]>>();
  const byStretch = (side: Side, stretch: readonly number[]): Map<number, number[]> => {
    const key = keyOf(side);
    let found = split.get(key);
    if (found === undefined) {
      found = new Map();
      for (const task of tasksOf(side)) {
        const at = stretch[task] as number;
        const list = found.get(at);
        if (list === undefined) found.set(at, [task]);
        else list.push(task);
      }
      split.set(key, found);
    }
    return found;
  };
  const gateOfSide = (key: string, members: readonly number[], way: 'end' | 'start', claim: Claim): string => {
    if (members.length === 1) return idOf(members[0] as number);
    const known = shared.get(`${way}:${key}`);
    if (known !== undefined) return known;
    const gate = newGate(`${way} of ${idOf(members[0] as number)} to ${idOf(members.at(-1) as number)}`);
    shared.set(`${way}:${key}`, gate);
    for (const task of members) {
      if (way === 'end') join(network, idOf(task), gate, dataOf(claim));
      else join(network, gate, idOf(task), dataOf(claim));
    }
    return gate;
  };
  const wide = (claim: Claim, stretch: readonly number[], isFrugal: boolean, room: { left: number }): void => {
    const first = byStretch(claim.first, stretch);
    const second = byStretch(claim.second, stretch);
    let holds = lowest(first) < highest(second);
    for (const [at, before] of first) {
      const behind = second.get(at);
      if (behind === undefined) continue;
      const both = overlap(before, behind);
      // `US1 blocks all other stories`: what both ends share belongs to the side that was named.
      const isFirstOpen = isEveryStory(claim.first) && !isEveryStory(claim.second);
      const isSecondOpen = isEveryStory(claim.second) && !isEveryStory(claim.first);
      const from = isSecondOpen ? before : before.filter((task) => !both.has(task));
      const to = isFirstOpen ? behind : behind.filter((task) => !both.has(task));
      if (from.length === 0 || to.length === 0) continue;
      holds = true;
      if (isFrugal && both.size === 0) {
        const end = gateOfSide(`${keyOf(claim.first)}@${at}`, from, 'end', claim);
        join(network, end, gateOfSide(`${keyOf(claim.second)}@${at}`, to, 'start', claim), dataOf(claim));
      } else if (isFrugal && !hasRoom(room, from.length + to.length)) {
        diagnostics.push(
          info('not-understood', `Left out, for too many sentences join too many tasks: ${claim.words}`, claim.because),
        );
      } else {
        connect(from.map(idOf), to.map(idOf), claim);
      }
    }
    const isSameSide = keyOf(claim.first) === keyOf(claim.second);
    if (!holds && !isSameSide && lowest(first) > highest(second)) {
      diagnostics.push(
        warning(
          'contradicts-cut',
          `This sentence contradicts the order of the phases and is left out: ${claim.words}`,
          claim.because,
          { hint: 'Move the phase in the file, or mend the sentence.' },
        ),
      );
    }
  };

  return {
    addNarrow(claims) {
      const isFrugal = isLong(claims);
      for (const claim of claims) narrow(claim, isFrugal);
    },
    addWide(claims, stretch) {
      const isFrugal = isLong(claims);
      const room = { left: 20 * tasks.length + SPARE_ENDS };
      const seen = new Set<string>();
      for (const claim of claims) {
        const key = `${keyOf(claim.first)} < ${keyOf(claim.second)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        wide(claim, stretch, isFrugal, room);
      }
    },
  };
}

/** Takes `ends` from what is left; `false` when that was too much. */
function hasRoom(room: { left: number }, ends: number): boolean {
  room.left -= ends;
  return room.left >= 0;
}

function lowest(sides: ReadonlyMap<number, unknown>): number {
  let found = Number.POSITIVE_INFINITY;
  for (const at of sides.keys()) found = Math.min(found, at);
  return found;
}

function highest(sides: ReadonlyMap<number, unknown>): number {
  let found = -1;
  for (const at of sides.keys()) found = Math.max(found, at);
  return found;
}

function keyOf(side: Side): string {
  return side.parts.map((part) => part.key).join();
}

function isEveryStory(side: Side): boolean {
  return side.parts.every((part) => part.key === 'every-story');
}

function overlap(a: readonly number[], b: readonly number[]): ReadonlySet<number> {
  const [small, large] = a.length < b.length ? [a, b] : [b, a];
  const other = new Set(small);
  return new Set(large.filter((task) => other.has(task)));
}

/** The spans of a side that names single tasks, ascending and apart. */
function spansOf(side: Side): Part[] {
  const merged: Part[] = [];
  for (const part of [...side.parts].sort((a, b) => a.low - b.low)) {
    const last = merged.at(-1);
    if (last !== undefined && part.low <= last.high + 1) {
      merged[merged.length - 1] = span(last.low, Math.max(last.high, part.high));
    } else merged.push(part);
  }
  return merged;
}

function intersect(a: readonly Part[], b: readonly Part[]): Part[] {
  const both: Part[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] as Part, b[j] as Part];
    const [low, high] = [Math.max(one.low, other.low), Math.min(one.high, other.high)];
    if (low <= high) both.push(span(low, high));
    if (one.high < other.high) i++;
    else j++;
  }
  return both;
}

function subtract(parts: readonly Part[], without: readonly Part[]): Part[] {
  const left: Part[] = [];
  let j = 0;
  for (const part of parts) {
    let { low } = part;
    while (j < without.length && (without[j] as Part).high < low) j++;
    for (let k = j; k < without.length && (without[k] as Part).low <= part.high; k++) {
      const gap = without[k] as Part;
      if (low < gap.low) left.push(span(low, gap.low - 1));
      low = gap.high + 1;
    }
    if (low <= part.high) left.push(span(low, part.high));
  }
  return left;
}
