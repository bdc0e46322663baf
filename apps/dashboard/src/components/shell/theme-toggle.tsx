/** @file System → light → dark → system. */
'use client';
import { Monitor, Moon, Sun } from 'lucide-react';
import { useTheme } from 'next-themes';
import { useSyncExternalStore } from 'react';

const order = ['system', 'light', 'dark'] as const;
type Theme = (typeof order)[number];
const icons = { system: Monitor, light: Sun, dark: Moon };
const words: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };

const never = () => () => undefined;

export function ThemeToggle() {
  const { theme, setTheme } = useTheme();
  // The choice is known to the browser alone; the server draws the default.
  const known = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const current = known && order.includes(theme as Theme) ? (theme as Theme) : 'system';
  const next = order[(order.indexOf(current) + 1) % order.length]!;
  const Icon = icons[current];
  return (
    <button
      type="button"
      onClick={() => setTheme(next)}
      aria-label={`Colours: ${words[current]}. Change to ${words[next]}.`}
      title={`Colours: ${words[current]}`}
      className="inline-grid size-[30px] place-items-center rounded-control text-ink-2 hover:bg-sunken hover:text-ink phone:size-11"
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
    </button>
  );
}
