import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import { useApp } from '../../app/context.ts';

/** Ways in beside each other: which one is being tried, and what came of the last try. */
export interface Entrance {
  readonly busy: 'passkey' | 'password' | undefined;
  readonly error: ApiError | undefined;
  readonly enter: (way: 'passkey' | 'password', task: () => Promise<unknown>) => Promise<void>;
}

export function useEntrance(): Entrance {
  const { session } = useApp();
  const [busy, setBusy] = useState<Entrance['busy']>();
  const [error, setError] = useState<ApiError>();
  const enter: Entrance['enter'] = async (way, task) => {
    setError(undefined);
    setBusy(way);
    try {
      await session.enter(task);
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(undefined);
    }
  };
  return { busy, error, enter };
}
