/**
 * What an attempt made, as far as it can become a commit, and what came of bringing it into the target. Plain data,
 * JSON-safe; knows no git.
 */
import type { Failure } from './event.ts';
import type { TaskId } from './task.ts';

/** A file as a task left it; `path` is relative to the top of the repository, `/` as separator. */
export interface FileChange {
  readonly path: string;
  readonly how: 'created' | 'modified' | 'deleted';
}

/** A commit that holds what one attempt made, the task file left as it was. It is kept alive by `ref`. */
export interface Change {
  /** Object id of the commit, hex. */
  readonly commit: string;
  /** Its parent: the head of the target when the attempt began. */
  readonly base: string;
  /** `refs/heads/implement/<run>/<task>/<attempt>`. */
  readonly ref: string;
  /** Message of the commit that joins the target. */
  readonly message: string;
  readonly files: readonly FileChange[];
}

export type MergeResult =
  | {
      readonly kind: 'merged';
      /** The commit on the target branch. */
      readonly commit: string;
      readonly files: readonly FileChange[];
      /** The user's copy of the task file was ticked with it. */
      readonly ticked: boolean;
    }
  | {
      readonly kind: 'failure';
      readonly failure: Failure;
      /** The change waits on its branch, and the next session can merge it as it is. */
      readonly held: boolean;
      /** Tasks that changed the same files meanwhile. */
      readonly clashes: readonly TaskId[];
    };

/** `+ src/a.ts, ~ src/b.ts, - src/c.ts`, at most `most` of them. */
export function filesLine(files: readonly FileChange[], most: number): string {
  const sign = { created: '+', modified: '~', deleted: '-' } as const;
  const some = files.slice(0, most).map((file) => `${sign[file.how]} ${file.path}`);
  const rest = files.length - some.length;
  return rest > 0 ? `${some.join(', ')}, … and ${rest} more` : some.join(', ');
}
