/** Pieces of command lines that several agents share, and the order of versions. Knows no agent. */
import type { AgentCall } from './agent.ts';

/** What every project has for building and testing itself, and looks at its history. Beginnings of commands. */
export const PROJECT_COMMANDS = [
  ...['npm test', 'npm run', 'pnpm test', 'pnpm run', 'yarn test', 'yarn run', 'npx tsc', 'npx vitest', 'npx jest'],
  ...[
    'make',
    'cargo build',
    'cargo check',
    'cargo test',
    'go build',
    'go test',
    'go vet',
    'pytest',
    'python -m pytest',
  ],
  ...['mvn test', './gradlew test', 'dotnet build', 'dotnet test', 'bundle exec rspec', 'mix test'],
  ...['git status', 'git diff', 'git log', 'git show'],
] as const;

/** The flag with its value, or nothing. */
export function optional(flag: string, value: string | null): readonly string[] {
  return value === null ? [] : [flag, value];
}

/** The flag for a session: one to choose its id, where there is such a flag, or one to go on with it. */
export function resumed(session: AgentCall['session'], preset: string | null, resume: string): readonly string[] {
  if (session === null) return [];
  if (session.isNew) return preset === null ? [] : [preset, session.id];
  return [resume, session.id];
}

/** A prompt as an argument: none may be taken for a flag. */
export function asArgument(prompt: string): string {
  return prompt.startsWith('-') ? `\n${prompt}` : prompt;
}

/** `2.1.30` is at least `2.1.4`; what follows the numbers does not count. */
export function isAtLeast(version: string, other: string): boolean {
  const parts = (text: string): readonly number[] => text.split(/[^0-9]/, 3).map(Number);
  const [one, two] = [parts(version), parts(other)];
  const at = two.findIndex((part, index) => part !== (one[index] ?? 0));
  return at === -1 || (one[at] ?? 0) > (two[at] as number);
}
