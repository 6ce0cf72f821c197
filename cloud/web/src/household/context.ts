import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import { apiErrorOf } from '../api/api-error.ts';
import type { DeviceView, Home, Id, ProfileView, Rules } from '../api/contract.ts';
import { useStore } from '../api/store.ts';
import { showToast, type Toast } from '../design/toast.tsx';
import { errorText } from '../language/error-text.ts';
import { useTexts } from '../language/language.ts';
import type { Delivery } from './delivery.ts';
import type { Household } from './household.ts';

export const HouseholdContext = createContext<Household | undefined>(undefined);

/** The household of the parent who is signed in. */
export function useHousehold(): Household {
  const household = useContext(HouseholdContext);
  if (household === undefined) throw new Error('used outside of a household');
  return household;
}

export const HomeContext = createContext<Home | undefined>(undefined);

/** The home as it was last fetched; pages are only shown once there is one. */
export function useHome(): Home {
  const home = useContext(HomeContext);
  if (home === undefined) throw new Error('used before the home is loaded');
  return home;
}

export function useProfile(id: Id | undefined): ProfileView | undefined {
  return useHome().profiles.find((profile) => profile.id === id);
}

export function useDevices(profile: ProfileView): DeviceView[] {
  return useHome().devices.filter((device) => device.profile === profile.id);
}

/** A child's rules, with what is being saved. */
export function useRules(profile: ProfileView): Rules {
  const household = useHousehold();
  useStore(household.drafts);
  return household.rulesOf(profile);
}

/** How far the last change of a child has come. */
export function useDelivery(profile: Id): Delivery | 'sending' | undefined {
  const household = useHousehold();
  useStore(household.progress);
  useHome();
  return household.deliveryOf(profile);
}

/** Now, by the household's clock; renders again every `every` milliseconds. */
export function useNow(every = 15_000): number {
  const household = useHousehold();
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => tick(undefined), every);
    return () => clearInterval(timer);
  }, [every]);
  return household.now();
}

/** Does a task; says what came of it. Resolves to whether it was done. */
export type Run = (task: () => Promise<unknown>, done?: Omit<Toast, 'tone'>) => Promise<boolean>;

export function useRun(): Run {
  const texts = useTexts();
  return async (task, done) => {
    try {
      await task();
    } catch (thrown) {
      const error = apiErrorOf(thrown);
      if (error.status < 0) reportError(thrown);
      showToast({ tone: 'bad', text: errorText(texts, error) });
      return false;
    }
    if (done !== undefined) showToast({ tone: 'good', ...done });
    return true;
  };
}
