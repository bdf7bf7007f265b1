// Time for what moves.

/** Whether the reader asked the system for less motion. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * From 0 to 1, with a soft start and end.
 * @param {number} t
 */
export const ease = (t) => t * t * (3 - 2 * t);
