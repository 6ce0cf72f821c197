import { useEffect } from 'preact/hooks';
import { useTexts } from '../language/language.ts';

/** What the browser's tab, its history and a screen reader call the page. */
export function useTitle(title: string): void {
  const { app } = useTexts();
  useEffect(() => {
    document.title = `${title} · ${app.name}`;
  }, [title, app]);
}
