import { describe, expect, test } from 'vitest';
import { failed } from '../../src/core/outcome.ts';
import { redactor } from '../../src/core/redact.ts';
import { createJsonReporter } from '../../src/reporters/json.ts';
import { tell } from './lines.ts';

const TEXT = '- [ ] T001 Make it\n- [ ] T002 Use it\n';

describe('the JSON reporter', () => {
  test('prints one object on standard output, and everything for people on standard error', () => {
    const { hand, out, err, close } = tell(createJsonReporter, TEXT);
    hand.start(0);
    hand.end('T001', 'done', 1000);
    hand.start(1000);
    hand.end('T002', 'done', 3000);
    expect(out).toEqual([]);
    const report = JSON.parse(close()) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual([
      'schemaVersion',
      'runId',
      'status',
      'exitCode',
      'makespanMs',
      'serialMs',
      'slots',
      'tasks',
      'verifications',
      'counts',
    ]);
    expect(report).toMatchObject({
      schemaVersion: 1,
      status: 'complete',
      exitCode: 0,
      makespanMs: 3000,
      serialMs: 3000,
    });
    expect(err).toContain('[2/2] ✓ T002 Use it (2 s)');
    expect(err).toContain('Implementation Complete ✓');
  });

  test('prints the object alone when it is to be quiet', () => {
    const { hand, err, close } = tell(createJsonReporter, TEXT, { options: { verbosity: -1 } });
    hand.start(0);
    hand.end('T001', 'done', 1000);
    expect(JSON.parse(close('partial'))).toMatchObject({ status: 'partial', exitCode: 1 });
    expect(err).toEqual([]);
  });

  test('masks secrets everywhere in it', () => {
    const clean = redactor({ API_TOKEN: 'hunter2-hunter2' });
    const { hand, close } = tell(createJsonReporter, TEXT, { options: { clean } });
    hand.start(0);
    hand.end('T001', failed('exit-code', 'no hunter2-hunter2', { tail: 'said hunter2-hunter2\n' }), 10);
    const printed = close('partial');
    expect(printed).not.toContain('hunter2');
    expect(JSON.parse(printed)).toMatchObject({ tasks: [{ error: { message: 'no ***', tail: 'said ***\n' } }, {}] });
  });
});
