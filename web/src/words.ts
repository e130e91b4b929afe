/** Words of one part of the page, loaded with it: two files with the same keys (checked by the compiler). */
import { useTexts, type Language } from "./texts";

export type Words<K extends string> = Record<Language, Record<K, string>>;
export type SayWords<K extends string> = (key: K, values?: Record<string, string | number>) => string;

/** `const say = useWords({ vi, en })`, with `{name}` in a text filled from the values. */
export function useWords<K extends string>(words: Words<K>): SayWords<K> {
  const { language } = useTexts();
  return wordsIn(words, language);
}

/** The same outside a component. */
export function wordsIn<K extends string>(words: Words<K>, language: Language): SayWords<K> {
  return (key, values = {}) => words[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
