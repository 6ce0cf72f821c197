import categories from './categories.json' with { type: 'json' };
import type { Catalogue, Category, Service, StarterList } from './schema.ts';
import aiChat from './services/ai-chat.json' with { type: 'json' };
import dating from './services/dating.json' with { type: 'json' };
import gamePlatforms from './services/game-platforms.json' with { type: 'json' };
import games from './services/games.json' with { type: 'json' };
import messaging from './services/messaging.json' with { type: 'json' };
import music from './services/music.json' with { type: 'json' };
import shopping from './services/shopping.json' with { type: 'json' };
import social from './services/social.json' with { type: 'json' };
import study from './services/study.json' with { type: 'json' };
import video from './services/video.json' with { type: 'json' };

export type * from './schema.ts';

/** Short name lists that make a category real before any list is downloaded: compiled at build time, never bundled as text. */
export const starterLists: readonly StarterList[] = [
  'adult',
  'gambling',
  'violence',
  'drugs',
  'dating',
  'ads-tracking',
  'malware-scam',
  'bypass',
].map((category) => ({ category, file: `lists/${category}.txt` }));

/** It ships with the code, so a test and not the start-up holds it against `catalogueSchema`. */
export const catalogue: Catalogue = {
  categories,
  services: [
    ...social,
    ...messaging,
    ...video,
    ...games,
    ...gamePlatforms,
    ...music,
    ...shopping,
    ...dating,
    ...aiChat,
    ...study,
  ],
  starterLists: [...starterLists],
};

const services = new Map<string, Service>(catalogue.services.map((service) => [service.id, service]));
const categoriesById = new Map<string, Category>(
  catalogue.categories.map((category) => [category.id, category]),
);

export function serviceById(id: string): Service | undefined {
  return services.get(id);
}

export function categoryById(id: string): Category | undefined {
  return categoriesById.get(id);
}

/** In the order of the catalogue; empty for a category that has only a list. */
export function servicesInCategory(id: string): readonly Service[] {
  return catalogue.services.filter((service) => service.category === id);
}
