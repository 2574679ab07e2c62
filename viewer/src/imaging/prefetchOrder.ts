/** Which frames to fetch next: those around the one on the screen first, the direction of movement before the other. */

/** The indices of a stack from the nearest to the farthest, `direction` (1 or -1) winning ties. */
export function prefetchOrder(current: number, count: number, direction: 1 | -1): number[] {
  const order: number[] = [];
  for (let distance = 1; order.length < count - 1 && distance < count; distance += 1) {
    for (const index of [current + distance * direction, current - distance * direction]) {
      if (index >= 0 && index < count) {
        order.push(index);
      }
    }
  }
  return order;
}
