/** A place in a drawing, to a tenth of its unit: nobody sees more, and each digit is sent twice, as HTML and as data. */
export const round = (length: number): number => Math.round(length * 10) / 10;
