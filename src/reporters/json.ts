/** `--json`: the report as one object on standard output; people still find progress and summary on standard error. */
import { createPlainReporter } from './plain.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

export function createJsonReporter(options: ReporterOptions): Reporter {
  const { output, clean } = options;
  const plain = createPlainReporter({ ...options, output: { out: output.err, err: output.err } });
  return {
    ...plain,
    end(closing) {
      if (options.verbosity >= 0) plain.end(closing);
      output.out(
        JSON.stringify(closing.report, (_key, value: unknown) => (typeof value === 'string' ? clean(value) : value), 2),
      );
    },
  };
}
