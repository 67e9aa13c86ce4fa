/** Cycles of explicit edges: each is reported with the line of every edge. Knows the graph, not what made it. */
import { type Diagnostic, error, type Related } from './diagnostic.ts';
import type { Network } from './network.ts';
import { findCycle, type ReadingOrder, readingOrder } from './order.ts';
import type { Task } from './task.ts';

/** More cycles than this are not told apart; one message says that there are more. */
const REPORTED = 20;

/**
 * Reports each cycle among `stuck` and takes the sentences that make it out, so that the rest can still be read.
 * Gives the reading order of what is left.
 */
export function breakCycles(
  network: Network,
  tasks: readonly Task[],
  stuck: readonly string[],
  base: readonly number[],
  diagnostics: Diagnostic[],
): ReadingOrder {
  const ids = tasks.map((task) => task.id);
  let left = stuck;
  for (let reported = 0; ; reported++) {
    if (reported < REPORTED) {
      const fault = report(network, tasks, findCycle(network, left));
      diagnostics.push(fault);
      dropSentences(network, new Set(fault.related.map((one) => one.at.span.start)));
    } else {
      const inside = new Set(left);
      for (const id of left) {
        for (const edge of network.inEdges(id)) if (inside.has(network.source(edge))) network.dropEdge(edge);
      }
      diagnostics.push(error('cycle', `${left.length} further tasks and gates wait for each other.`, null));
    }
    const reading = readingOrder(network, base, ids);
    if (reading.stuck.length === 0) return reading;
    left = reading.stuck;
  }
}

/** Drops every edge that was made by words at one of these offsets. */
function dropSentences(network: Network, starts: ReadonlySet<number>): void {
  const made = network.filterEdges((_edge, data) => starts.has(data.because.span.start));
  for (const edge of made) network.dropEdge(edge);
}

/** `walk` is closed: its first node is its last. */
function report(network: Network, tasks: readonly Task[], walk: readonly string[]): Diagnostic {
  const isTask = (id: string): boolean => network.getNodeAttribute(id, 'task') >= 0;
  const named = walk.filter(isTask);
  const closed = isTask(walk[0] as string) ? named : [...named, named[0] as string];
  const related: Related[] = [];
  let before = named.at(isTask(walk[0] as string) ? -2 : -1) as string;
  for (let i = 0; i + 1 < walk.length; i++) {
    const [from, to] = [walk[i] as string, walk[i + 1] as string];
    if (isTask(from)) before = from;
    const edge = network.edge(from, to) as string;
    const data = network.getEdgeAttributes(edge);
    if (isTask(to)) related.push({ message: `${to} waits for ${before}: ${data.reason}`, at: data.because });
  }
  const head = tasks[network.getNodeAttribute(closed[0] as string, 'task')] as Task;
  return error(
    'cycle',
    `These tasks wait for each other: ${[...closed].reverse().join(' → ')}.`,
    related[0]?.at ?? head.at,
    { related, hint: 'Take one of these dependencies out. Nothing is run before that.' },
  );
}
