/** What the kit of controls (React Aria) says by itself, to screen readers for the most part, by its names for that. */
export type Said = Readonly<Record<string, string | ((of: Readonly<Record<string, string | number>>) => string)>>;
