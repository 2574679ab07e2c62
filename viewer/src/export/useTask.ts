/** Something that is begun by a button and may fail. */
import { useState } from 'react';

export interface Task {
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly begin: () => void;
}

export function useTask(work: () => Promise<void>): Task {
  const [{ isBusy, error }, setState] = useState<{ isBusy: boolean; error: unknown }>({
    isBusy: false,
    error: undefined,
  });
  const begin = () => {
    setState({ isBusy: true, error: undefined });
    work().then(
      () => setState({ isBusy: false, error: undefined }),
      (reason: unknown) => setState({ isBusy: false, error: reason }),
    );
  };
  return { isBusy, error, begin };
}
