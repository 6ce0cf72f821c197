import { type Catalogue, catalogue, categoryById, serviceById } from '@khien/shared/catalogue';
import type { Rules, Service } from '../api/contract.ts';
import type { Language } from '../language/language.ts';

type Category = Catalogue['categories'][number];

/** Categories that a parent blocks; what has no place in a list's mask is never blocked as a whole. */
export const blockableCategories: readonly Category[] = catalogue.categories.filter(
  ({ bit }) => bit !== null,
);

/** Is there a list of names for the category, or only the services of the catalogue? */
export function hasList(category: string): boolean {
  return catalogue.starterLists.some((list) => list.category === category);
}

/** Why a service does not work for a child; undefined where nothing blocks it. */
export type Blocking =
  | { readonly by: 'itself' }
  | { readonly by: 'category'; readonly category: Category }
  | { readonly by: 'needed'; readonly service: Service };

export function blockingOf(service: Service, rules: Rules): Blocking | undefined {
  const category = categoryById(service.category);
  if (category !== undefined && rules.blockedCategories.includes(category.id))
    return { by: 'category', category };
  if (rules.blockedServices.includes(service.id)) return { by: 'itself' };
  for (const id of service.dependsOn ?? []) {
    const needed = serviceById(id);
    if (needed !== undefined && blockingOf(needed, rules) !== undefined)
      return { by: 'needed', service: needed };
  }
  return undefined;
}

export interface ServiceGroup {
  readonly category: Category;
  readonly services: readonly Service[];
}

/** The services that match what a parent searches for, under their categories. */
export function findServices(query: string, language: Language): ServiceGroup[] {
  const wanted = folded(query);
  return catalogue.categories
    .map((category) => ({
      category,
      services: catalogue.services.filter(
        (service) =>
          service.category === category.id &&
          (folded(service.name[language]).includes(wanted) ||
            folded(category.name[language]).includes(wanted)),
      ),
    }))
    .filter(({ services }) => services.length > 0);
}

/** Without case and without Vietnamese marks, as people type in a hurry: `lien quan` finds Liên Quân. */
export function folded(text: string): string {
  return text.trim().toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd');
}
