import type { Said } from './said';

export const said = { Empty: 'Chưa có' } satisfies Said;
