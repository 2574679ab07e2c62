import type { Said } from './said';

export const said = {
  longPressMessage: 'Nhấn giữ, hoặc bấm Alt + mũi tên xuống để mở danh sách lệnh',
} satisfies Said;
