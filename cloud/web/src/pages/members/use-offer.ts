import { useEffect, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { InvitationOffer } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';

/** The secret of the link that was opened: it stands behind the #, which browsers send to nobody. */
export function tokenOfLink(): string {
  return location.hash.slice(1);
}

export interface Offered {
  readonly offer: InvitationOffer | undefined;
  readonly error: ApiError | undefined;
  readonly retry: () => void;
}

/** What an invitation is to. */
export function useOffer(token: string): Offered {
  const { own } = useApp().api;
  const [asked, ask] = useState(0);
  const [offer, setOffer] = useState<InvitationOffer>();
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    setError(undefined);
    own.offer(token).then(setOffer, (thrown: unknown) => setError(apiErrorOf(thrown)));
  }, [own, token, asked]);
  return { offer, error, retry: () => ask(asked + 1) };
}
