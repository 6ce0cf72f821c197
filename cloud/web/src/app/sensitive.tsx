import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useState } from 'preact/hooks';
import { ApiError, apiErrorOf } from '../api/api-error.ts';
import { ConfirmSheet } from '../pages/security/confirm-sheet.tsx';

/**
 * Does a task for which the cloud may want to know again who is there: then it asks, and does the task once more.
 * Rejects with the code `CANCELLED` when nobody confirms.
 */
export type Sensitive = <T>(task: () => Promise<T>) => Promise<T>;

const SensitiveContext = createContext<Sensitive>((task) => task());

export function useSensitive(): Sensitive {
  return useContext(SensitiveContext);
}

/** Around all of the app in which somebody is signed in: the question is asked on top of whatever page asks for it. */
export function SensitiveTasks({ children }: { children: ComponentChildren }) {
  const [answer, setAnswer] = useState<{ readonly give: (confirmed: boolean) => void }>();

  const sensitive = useCallback<Sensitive>(async (task) => {
    try {
      return await task();
    } catch (thrown) {
      if (apiErrorOf(thrown).code !== 'REAUTHENTICATION_NEEDED') throw thrown;
      const confirmed = await new Promise<boolean>((resolve) => setAnswer({ give: resolve }));
      setAnswer(undefined);
      if (!confirmed) throw new ApiError('CANCELLED', 403);
      return task();
    }
  }, []);

  return (
    <SensitiveContext.Provider value={sensitive}>
      {children}
      {answer && <ConfirmSheet onAnswer={answer.give} />}
    </SensitiveContext.Provider>
  );
}
