/**
 * Letters and digits as ranges for regular expressions. The classes of Unicode (`\p{Script=Latin}`) say the same and
 * more, but each regular expression with one takes half a millisecond to make; there are dozens, and a command is to
 * start at once. Knows characters only.
 */

/** Letters of scripts that put blanks between words: Latin with its extensions, full width, Cyrillic. */
export const ALPHABETIC = 'A-Za-zªºÀ-ÖØ-öø-ʸḀ-ỿＡ-Ｚａ-ｚЀ-ԯ';

/** Digits as they stand in ids and numbers: ASCII, full width, Arabic, and raised ones. */
export const DIGIT = '0-9０-９٠-٩²³¹';
