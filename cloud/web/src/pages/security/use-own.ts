import { useEffect, useMemo } from 'preact/hooks';
import type { Account, Security, SessionView } from '../../api/contract.ts';
import { Resource, type Snapshot } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { useSensitive } from '../../app/sensitive.tsx';
import type { Toast } from '../../design/toast.tsx';
import { type Run, useRun } from '../../household/context.ts';

/** What keeps the account its owner's, as it was fetched last. It is kept on no phone. */
export interface Own {
  readonly security: Snapshot<Security>;
  readonly sessions: Snapshot<{ items: SessionView[] }>;
  readonly refresh: () => Promise<void>;
}

export function useOwn(): Own {
  const { own } = useApp().api;
  const resources = useMemo(
    () => ({
      security: new Resource(() => own.security()),
      sessions: new Resource(() => own.sessions()),
    }),
    [own],
  );
  const refresh = async () => {
    await Promise.all([resources.security.refresh(), resources.sessions.refresh()]);
  };
  useEffect(() => {
    void refresh();
  }, [resources]);
  return { security: useStore(resources.security), sessions: useStore(resources.sessions), refresh };
}

/** Whoever is signed in; pages that ask are only shown then. */
export function useAccount(): Account {
  const { session } = useApp();
  const state = useStore(session);
  if (state.kind !== 'signed-in') throw new Error('used while nobody is signed in');
  return state.account;
}

/** Does a task for which somebody may have to confirm who they are; says what came of it. */
export function useSensitiveRun(): Run {
  const run = useRun();
  const sensitive = useSensitive();
  return (task: () => Promise<unknown>, done?: Omit<Toast, 'tone'>) => run(() => sensitive(task), done);
}
