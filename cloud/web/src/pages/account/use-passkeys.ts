import { useEffect, useState } from 'preact/hooks';
import { apiErrorOf } from '../../api/api-error.ts';
import { passkeyHindrance } from '../../api/passkeys.ts';
import { useApp } from '../../app/context.ts';

export type Hindrance = 'insecure' | 'unsupported' | 'server';

/** Why nobody can use a passkey here; undefined where it works, and while the cloud has not said otherwise. */
export function usePasskeyHindrance(): Hindrance | undefined {
  const { api } = useApp();
  const [hindrance, setHindrance] = useState<Hindrance | undefined>(passkeyHindrance);
  useEffect(() => {
    if (hindrance !== undefined) return;
    api.own.passkeys.probe().catch((thrown: unknown) => {
      if (apiErrorOf(thrown).code === 'PASSKEYS_UNAVAILABLE') setHindrance('server');
    });
  }, [api]);
  return hindrance;
}
