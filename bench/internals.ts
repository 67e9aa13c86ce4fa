/** Rooms that the benches measure one by one and that the library does not hand out. Built into a temporary folder. */
export { decideStart } from '../src/core/decide.ts';
export { rankOf } from '../src/core/rank.ts';
export { RunState } from '../src/core/state.ts';
export { scheduleOf, settledIn } from '../src/core/waves.ts';
export { createEngine } from '../src/engine.ts';
export { openJournal } from '../src/journal/event-log.ts';
export { createSessionWriter } from '../src/journal/session-file.ts';
export { boxesOf } from '../src/prepare.ts';
export { parse, read } from '../src/read.ts';
export { sessionOf } from '../src/session.ts';
export { createTicker } from '../src/taskfile/ticker.ts';
export { systemClock } from '../src/util/clock.ts';
