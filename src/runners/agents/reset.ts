/**
 * When a limit is lifted, read from the words of a client. Pure but for the time zone of this machine, which is meant
 * where none is named; the present is handed in where a time of day has to become a moment.
 */

/** A moment, or a time of day whose moment depends on when it is read. */
const EPOCH = /\blimit reached\|(\d{10}|\d{13})\b/i;
const TIME_OF_DAY = /\bresets?(?: at)? (\d{1,2})(?::(\d\d))? ?(am|pm)(?: \(([A-Za-z_]+(?:\/[A-Za-z_+\-0-9]+)*)\))?/i;
const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

/** The moment that the text names outright (`…limit reached|1763689200`), in ms since the epoch; else `null`. */
export function resetIn(text: string): number | null {
  const digits = EPOCH.exec(text)?.[1];
  return digits === undefined ? null : Number(digits) * (digits.length === 10 ? 1000 : 1);
}

/**
 * The next moment after `now` at which it is the time of day that the text names (`resets 1:10pm (Europe/Lisbon)`),
 * in ms since the epoch; `null`: it names none, or a zone that does not exist.
 */
export function resetAfter(text: string, now: number): number | null {
  const match = TIME_OF_DAY.exec(text);
  if (match === null) return null;
  const [, hours, minutes = '0', half, zone] = match as unknown as [string, string, string?, string?, string?];
  if (Number(hours) < 1 || Number(hours) > 12 || Number(minutes) > 59) return null;
  const wanted = ((Number(hours) % 12) + (half?.toLowerCase() === 'pm' ? 12 : 0)) * 60 + Number(minutes);
  const current = minuteOfDay(now, zone);
  if (current === null) return null;
  const start = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const guess = start + ((wanted - current + 24 * 60) % (24 * 60)) * MINUTE_MS;
  // Between now and then the clocks may change.
  const shift = wanted - (minuteOfDay(guess, zone) ?? wanted);
  const at = guess + (Math.abs(shift) > 12 * 60 ? shift - Math.sign(shift) * 24 * 60 : shift) * MINUTE_MS;
  return at > now ? at : at + DAY_MS;
}

function minuteOfDay(at: number, zone: string | undefined): number | null {
  try {
    const parts = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...(zone === undefined ? {} : { timeZone: zone }),
    }).formatToParts(at);
    const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
    return part('hour') * 60 + part('minute');
  } catch {
    return null;
  }
}
