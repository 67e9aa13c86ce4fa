/** `current-session.md`: the checkpoint that people read, written, read back and kept up to date. */
export { parseSession } from './session-parse.ts';
export { renderSession } from './session-render.ts';
export { createSessionWriter, type SessionWriter, type SessionWriterOptions } from './session-writer.ts';
