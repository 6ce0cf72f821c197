import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from '../api/endpoints.ts';
import type { Keep } from '../api/keep.ts';
import type { Session } from './session.ts';

/** What there is one of in the app. */
export interface AppParts {
  readonly api: Api;
  readonly keep: Keep;
  readonly session: Session;
}

export const AppContext = createContext<AppParts | undefined>(undefined);

export function useApp(): AppParts {
  const parts = useContext(AppContext);
  if (parts === undefined) throw new Error('used outside of the app');
  return parts;
}
