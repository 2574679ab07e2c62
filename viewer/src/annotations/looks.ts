/** The colours of what is drawn, what is chosen, and what others drew. */
export const looks = { own: '#ffd84d', chosen: '#4ade80', foreign: '#c4b5fd' } as const;
