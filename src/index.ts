/** The library: read a task file, plan it, run it. No terminal, no `process.exit`, no global state. */
export { type Configuration, type ConfigurationExport, defineConfig } from './config/configuration.ts';
export type { Diagnostic, Result } from './core/diagnostic.ts';
export type { RunEvent, RunOptions } from './core/event.ts';
export { type Selection, select } from './core/filter.ts';
export { blockedBy, type Plan, related } from './core/plan.ts';
export { generationsOf, type Rank, rankOf } from './core/rank.ts';
export type { RunReport, TaskReport } from './core/report.ts';
export type { Edge, EdgeKind, Gate, Phase, Task } from './core/task.ts';
export { type Schedule, scheduleOf, settledIn } from './core/waves.ts';
export { readTaskFile, type TaskFile } from './project.ts';
export { read } from './read.ts';
export type { Reporter, RunClosing, RunOpening } from './reporters/reporter.ts';
export type { RunEnvironment, RunRequest } from './request.ts';
export { run } from './run.ts';
export { type Clock, systemClock } from './util/clock.ts';
