/** A part of each day as a form has it. The server writes it `22:00-05:30+0700`. */

export interface HoursDraft {
  readonly from: string;
  readonly to: string;
  /** How far the clocks that are meant are ahead of UTC. */
  readonly offset: string;
}

/** `+0700`, of minutes ahead of UTC. */
export function offsetText(minutes: number): string {
  const digits = (value: number) => String(value).padStart(2, '0');
  const ahead = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(ahead / 60))}${digits(ahead % 60)}`;
}

/** What a form begins with; hours that are new are by the clocks of this browser. */
export function hoursDraft(hours: string | null | undefined, now: Date): HoursDraft {
  const read = /^(\d\d:\d\d)-(\d\d:\d\d)([+-]\d{4})$/.exec(hours ?? '');
  const [, from = '', to = '', offset = offsetText(-now.getTimezoneOffset())] = read ?? [];
  // A field for a time knows no end of the day, which is the beginning of the next.
  return { from, to: to === '24:00' ? '00:00' : to, offset };
}

/** Whether it can be sent: both ends or none, and not the same. */
export function isHours({ from, to }: HoursDraft): boolean {
  return from === '' ? to === '' : to !== '' && from !== to;
}

/** As it is sent; without ends it is always. */
export function hoursText({ from, to, offset }: HoursDraft): string | null {
  return from === '' ? null : `${from}-${to}${offset}`;
}
