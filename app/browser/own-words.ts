import type { FormEvent } from "react";

type Field = FormEvent<HTMLInputElement | HTMLTextAreaElement>;

/** A required field that was left empty says why it is asked for, where the browser has one sentence for all fields. */
export const ownWords = (sentence: string) => ({
  onInvalid: ({ currentTarget }: Field): void => currentTarget.setCustomValidity(sentence),
  onInput: ({ currentTarget }: Field): void => currentTarget.setCustomValidity(""),
});
