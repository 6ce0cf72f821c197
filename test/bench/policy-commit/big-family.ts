import { catalogue } from '@khien/shared/catalogue';
import { type Id, newId } from '@khien/shared/id';
import { ageBands, type Policy, type Profile, rulesFromPreset } from '@khien/shared/policy';

const CHILDREN = 5;
const DEVICES = 50;

/** A family with a child of each age and many devices; every category is blocked for somebody. */
export class BigFamily {
  readonly #profiles: Profile[];
  readonly #devices: Policy['devices'];

  constructor() {
    const categories = catalogue.categories.map(({ id }) => id);
    this.#profiles = Array.from({ length: CHILDREN }, (_, child) => {
      const ageBand = ageBands[child % ageBands.length] ?? '9-11';
      const rules = rulesFromPreset(ageBand, newId, 'bedtime');
      return {
        id: newId(),
        name: `child ${child}`,
        ageBand,
        rules: child === 0 ? { ...rules, blockedCategories: categories } : rules,
        pause: null,
        grant: null,
        learning: null,
        bonuses: [],
      };
    });
    this.#devices = Array.from({ length: DEVICES }, (_, device) => ({
      id: newId(),
      name: `device ${device}`,
      profile: this.#of(device).id,
      macs: [`02:00:00:00:00:${device.toString(16).padStart(2, '0')}`],
      pause: null,
    }));
  }

  get devices(): number {
    return this.#devices.length;
  }

  /** One child is paused; another at each turn. */
  paused(turn: number): Policy {
    return this.#policy((profile, child) =>
      child === turn % CHILDREN ? { ...profile, pause: { since: 0, until: null } } : profile,
    );
  }

  /** One more name is blocked for a child; another at each turn. */
  blocked(turn: number): Policy {
    return this.#policy((profile, child) => {
      const { rules } = profile;
      return child === 1
        ? { ...profile, rules: { ...rules, blockedNames: [`game${turn}.example`] } }
        : profile;
    });
  }

  #of(device: number): { readonly id: Id } {
    return this.#profiles[device % CHILDREN] ?? { id: newId() };
  }

  #policy(change: (profile: Profile, child: number) => Profile): Policy {
    return {
      zone: 'Asia/Ho_Chi_Minh',
      offsets: [{ from: 0, minutes: 7 * 60 }],
      language: 'vi',
      profiles: this.#profiles.map(change),
      devices: this.#devices,
      services: [...catalogue.services],
      categories: [...catalogue.categories],
      answers: [],
      holidays: [],
      newDevices: 'ask',
      known: [],
      learningNames: [],
    };
  }
}
