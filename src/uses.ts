/** Plan and settings to what each step uses. Loads the library of globs only where there are resources. */
import type { Plan } from './core/plan.ts';
import { NO_USES, type Uses, usesOf } from './core/resources.ts';
import type { Settings } from './core/settings.ts';

export async function usesIn(plan: Plan, { resources }: Pick<Settings, 'resources'>): Promise<Uses> {
  if (resources.length === 0) return NO_USES;
  const { globTest } = await import('./util/globs.ts');
  return usesOf(plan, resources, globTest);
}
