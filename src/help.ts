/** What `--help` shows below the flags. Texts only. */

export const EXAMPLES = `
Examples:
  $ implement plan                          what would run, and what may run side by side
  $ implement --scripts                     run the scripts of ./tasks.md, one at a time
  $ implement --parallel --exec './do.sh'   run a command per task, four side by side
  $ implement --parallel --agent claude     let a coding agent do every task, each in a worktree
  $ implement --filter=P1                   only the P1 tasks, and what they need
  $ implement --continue                    go on after a failure or an interrupt

Exit codes: 0 all selected tasks done · 1 some failed, blocked or cancelled · 2 bad usage or task file, nothing was run
            130 interrupted (143 by SIGTERM, 129 by SIGHUP)`;

export const HISTORY_EXAMPLES = `
Examples:
  $ implement history                  all commits of tasks on the current branch, run by run
  $ implement history T012             all about one task: commits, undos, failed attempts
  $ implement history --branch main    those of another branch`;

export const CLEAN_EXAMPLES = `
Examples:
  $ implement clean --dry-run          what would go, what would stay and how to look at it
  $ implement clean                    remove what holds no unmerged work
  $ implement clean --discard          remove all of it`;

export const VERIFY_EXAMPLES = `
Examples:
  $ implement verify                   which ticked tasks are not done, and what is missing
  $ implement verify --fix             and open their boxes

Exit codes: 0 all that could be checked holds · 1 some ticked tasks are not done · 2 bad usage, task file or evidence line`;

export const UNDO_EXAMPLES = `
Examples:
  $ implement undo T012 --dry-run      what would be undone
  $ implement undo T012                take back its commit with a new one, and open its box
  $ implement undo T012 --cascade      the same for everything that builds on it
  $ implement --continue               run again what is open`;
