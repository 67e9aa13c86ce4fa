/** A reporter and the run that it hears, for tests that look at whole lines. */
import { noPaint } from '../../src/core/caret.ts';
import type { RunEvent } from '../../src/core/event.ts';
import { type Selection, select } from '../../src/core/filter.ts';
import { foldHistory } from '../../src/core/history.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import { plainText } from '../../src/core/redact.ts';
import { type ReportContext, reportOf } from '../../src/core/report.ts';
import type { Reporter, ReporterOptions, RunOpening } from '../../src/reporters/reporter.ts';
import { planOf } from '../support/random-plan.ts';
import { type Hand, stateOf } from '../support/run-state.ts';
import { NOON } from '../support/virtual-clock.ts';

const RUN = '20260101-120000-0000';

export interface Told {
  readonly hand: Hand;
  readonly reporter: Reporter;
  readonly out: string[];
  readonly err: string[];
  /** Passes the time on the reporter's clock. */
  pass(ms: number): void;
  /** Ends the run and gives everything that was said at the end. */
  close(status?: ReportContext['status'], some?: { readonly elapsedMs?: number }): string;
}

export interface Setting {
  readonly slots?: number;
  readonly parallel?: boolean;
  readonly filter?: string;
  readonly retries?: number;
  /** Journal of the session that this one continues. */
  readonly past?: readonly RunEvent[];
  readonly state?: Parameters<typeof stateOf>[1];
  readonly options?: Partial<ReporterOptions>;
}

export function tell(make: (options: ReporterOptions) => Reporter, text: string, setting: Setting = {}): Told {
  const out: string[] = [];
  const err: string[] = [];
  let now = NOON;
  const reporter = make({
    output: { out: (line) => void out.push(line), err: (line) => void err.push(line) },
    paint: noPaint,
    verbosity: 0,
    screen: null,
    clean: plainText,
    now: () => now,
    ...setting.options,
  });
  const plan = planOf(text);
  const history = setting.past === undefined ? null : foldHistory(setting.past);
  const reconciled = reconcile(plan, history, history !== null);
  const selected = select(plan, setting.filter === undefined ? [] : [setting.filter], false, reconciled.failed);
  if (!selected.ok) throw new Error(selected.diagnostics[0]?.message);
  const selection: Selection = selected.value;
  const hand = stateOf(
    plan,
    {
      selected: selection.selected,
      settled: reconciled.settled,
      overlap: setting.parallel === true ? 'marked' : 'serial',
      earlier: reconciled.attempts,
      ...setting.state,
    },
    (event, state) => {
      now = event.time;
      reporter.on(event, state);
    },
  );
  const slots = setting.slots ?? (setting.parallel === true ? 2 : 1);
  const opening: RunOpening = {
    run: RUN,
    session: history === null ? 1 : history.sessions + 1,
    state: hand.state,
    selection,
    slots,
    parallel: setting.parallel === true,
    waves: 3,
    criticalPath: 3,
    resumed: history === null ? null : { history, reconciled },
    retries: setting.retries ?? 0,
    target: null,
    logOf: (step, attempt) => `.implement/runs/${RUN}/${step}.${attempt}.log`,
  };
  reporter.begin(opening);
  return {
    hand,
    reporter,
    out,
    err,
    pass(ms) {
      now += ms;
    },
    close(status = 'complete', some = {}) {
      out.length = 0;
      const report = reportOf(hand.state, {
        run: RUN,
        status,
        exitCode: status === 'complete' ? 0 : 1,
        slots,
        logOf: opening.logOf,
        isoTime: (ms) => new Date(ms).toISOString(),
      });
      reporter.end({
        ...opening,
        report,
        elapsedMs: some.elapsedMs ?? report.makespanMs,
        continueCommand: 'implement --continue',
        filterCommand: (filter) => `implement --filter=${filter}`,
      });
      return out.join('\n');
    },
  };
}
