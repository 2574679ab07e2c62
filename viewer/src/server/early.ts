/**
 * Answers on their way that the page of a study asked for before the app was there, by address. Who makes the same request
 * takes them out.
 */
export const earlyAnswers = new Map<string, Promise<Response>>();
