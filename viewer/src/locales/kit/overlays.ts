import type { Said } from './said';

export const said = { dismiss: 'Đóng' } satisfies Said;
