/** Which frames to fetch next: those around the ones on the screen, as far as memory goes. */

/** A stack as the reader has it before him. */
export interface StackPosition {
  readonly count: number;
  readonly current: number;
  /** Where the last step went: the side that is fetched first. */
  readonly direction: 1 | -1;
  /** Of one decoded frame. */
  readonly frameBytes: number;
}

/** The indices of a stack from the nearest to the farthest, the direction of movement before the other. */
export function prefetchOrder({ current, count, direction }: Omit<StackPosition, 'frameBytes'>): number[] {
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

/** Of the memory, what the stacks beside the first may claim for themselves, if they need it. */
const shareOfOthers = 0.5;

/**
 * The frames to hold in memory, the most wanted first: those of the first stack, then of the others by turns, each
 * around its position. Together they fit in `budgetBytes`, with the frames on the screen counted in.
 */
export function* prefetchPlan<Stack extends StackPosition>(
  stacks: readonly Stack[],
  budgetBytes: number,
): Generator<{ readonly stack: Stack; readonly index: number }> {
  const [first, ...others] = stacks;
  if (!first) {
    return;
  }
  const fairShare = (budgetBytes * shareOfOthers) / Math.max(others.length, 1);
  const reserved = others.reduce((sum, { count, frameBytes }) => sum + Math.min(count * frameBytes, fairShare), 0);
  let free = budgetBytes - first.frameBytes;
  for (const index of prefetchOrder(first)) {
    free -= first.frameBytes;
    if (free < reserved) {
      free += first.frameBytes;
      break;
    }
    yield { stack: first, index };
  }
  free -= others.reduce((sum, { frameBytes }) => sum + frameBytes, 0);
  let queues = others.map((stack) => ({ stack, order: prefetchOrder(stack) }));
  for (let turn = 0; queues.length > 0; turn += 1) {
    queues = queues.filter(({ stack, order }) => turn < order.length && stack.frameBytes <= free);
    for (const { stack, order } of queues) {
      const index = order[turn];
      if (index !== undefined && stack.frameBytes <= free) {
        free -= stack.frameBytes;
        yield { stack, index };
      }
    }
  }
}
