/** Adds all of `items` to `list`. A spread into `push` overflows the stack where there are very many. */
export function append<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
